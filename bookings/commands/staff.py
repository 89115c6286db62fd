"""Members of staff, and the programs that act as such: made and changed by a manager."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, NotAllowed, Stale
from bookings.given_once import given_once
from bookings.models import AccessToken, Clinic, Role, StaffMember
from bookings.models.people import SERVICE_ROLES
from bookings.passwords import set_password

#: What may be given when somebody is added, and changed later; clinics and password go their own ways.
DETAILS = ("email", "first_name", "last_name", "role", "is_active")
_AS_WRITTEN, _IN_ANY_CASE = "bookings_staffmember_email_key", "staff_email_once"


def add_staff(
    *,
    details: Mapping[str, Any],
    clinics: Collection[Clinic],
    password: str | None = None,
    actor: Actor,
    now: datetime,
) -> StaffMember:
    """Somebody who works at those clinics; can sign in once there is a password. Refuses with Invalid one
    that is short, common, like their name, or known from a breach.
    """
    member = StaffMember(**{name: details[name] for name in DETAILS if name in details})
    set_password(member, password)
    with transaction.atomic(durable=True):
        with given_once(email=_AS_WRITTEN), given_once(email=_IN_ANY_CASE):
            member.save(force_insert=True)
        member.clinics.set(clinics)
        _record("staff_added", actor=actor, now=now, member=member, after=_facts(member))
    return member


def add_program(
    name: str, *, role: Role, clinics: Collection[Clinic], actor: Actor, now: datetime
) -> StaffMember:
    """A program that acts at those clinics, named in the journal like a member of staff. It has no password
    and no mailbox; what it may do beyond that a token says (`commands.tokens`).

    Refuses with Invalid a role that takes a person.
    """
    if role not in SERVICE_ROLES:
        raise Invalid("role", "A program works for the front desk or for managers.")
    member = StaffMember(first_name=name, role=role, is_service=True)
    member.email = f"{member.id}@program.invalid"
    member.set_unusable_password()
    with transaction.atomic(durable=True):
        member.save(force_insert=True)
        member.clinics.set(clinics)
        after = {**_facts(member), "program": True}
        _record("staff_added", actor=actor, now=now, member=member, after=after)
    return member


def change_staff(
    member: StaffMember,
    *,
    changes: Mapping[str, Any],
    clinics: Collection[Clinic] | None = None,
    password: str | None = None,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> StaffMember:
    """Other details, clinics or password. Clinics at which the actor does not work are left as they are.

    Somebody who leaves, or whose password changes, is signed out everywhere at once. Nobody takes their own
    manager's role or access away, so that a clinic never stands without a manager by mistake. Refuses with
    `Stale` when `if_version` is no longer the member's version, and with Invalid what no program has.
    """
    with transaction.atomic(durable=True):
        member = StaffMember.objects.select_for_update().get(id=member.id)
        if if_version is not None and if_version != member.version:
            raise Stale(version=member.version)
        _refuse_for_programs(member, changes, password)
        before = _facts(member)
        for name in DETAILS:
            if name in changes:
                setattr(member, name, changes[name])
        if member.id == actor.id and not (member.is_active and member.role == Role.MANAGER):
            raise NotAllowed("Another manager must do this: you would lose your own access.")
        if password is not None:
            set_password(member, password)
        member.version += 1
        with given_once(email=_AS_WRITTEN), given_once(email=_IN_ANY_CASE):
            member.save()
        if clinics is not None:
            elsewhere = [clinic for clinic in member.clinics.all() if clinic.id not in actor.clinics]
            member.clinics.set([*elsewhere, *clinics])
        if password is not None or not member.is_active:
            AccessToken.objects.filter(staff=member, revoked_at__isnull=True).update(revoked_at=now)
        after = _facts(member)
        if password is not None:
            after["password"] = "changed"  # noqa: S105 - says that it changed, not what it is
        if after != before:
            _record("staff_changed", actor=actor, now=now, member=member, before=before, after=after)
    return member


def _refuse_for_programs(member: StaffMember, changes: Mapping[str, Any], password: str | None) -> None:
    if not member.is_service:
        return
    if password is not None:
        raise Invalid("password", "A program has no password.")
    if changes.get("role", Role.FRONT_DESK) not in SERVICE_ROLES:
        raise Invalid("role", "A program works for the front desk or for managers.")


def _facts(member: StaffMember) -> dict[str, Any]:
    slugs = sorted(member.clinics.values_list("slug", flat=True))
    return {name: getattr(member, name) for name in DETAILS} | {"clinics": slugs}


def _record(verb: str, *, actor: Actor, now: datetime, member: StaffMember, **facts: dict[str, Any]) -> None:
    named = {when: {"staff": str(member.id), **values} for when, values in facts.items()}
    journal.record(verb, actor=actor, now=now, **named)
