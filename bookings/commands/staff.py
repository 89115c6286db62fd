"""Members of staff: made and changed by a manager."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import NotAllowed, Stale
from bookings.given_once import given_once
from bookings.models import AccessToken, Clinic, Role, StaffMember

#: What may be given when somebody is added, and changed later; clinics and password go their own ways.
DETAILS = ("email", "first_name", "last_name", "role", "is_active")
_EMAIL_ONCE = "bookings_staffmember_email_key"


def add_staff(
    *,
    details: Mapping[str, Any],
    clinics: Collection[Clinic],
    password: str | None = None,
    actor: Actor,
    now: datetime,
) -> StaffMember:
    """Somebody who works at those clinics; can sign in once there is a password."""
    member = StaffMember(**{name: details[name] for name in DETAILS if name in details})
    member.set_password(password)  # None: no password fits
    with transaction.atomic(durable=True):
        with given_once(email=_EMAIL_ONCE):
            member.save(force_insert=True)
        member.clinics.set(clinics)
        _record("staff_added", actor=actor, now=now, member=member, after=_facts(member))
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
    `Stale` when `if_version` is no longer the member's version.
    """
    with transaction.atomic(durable=True):
        member = StaffMember.objects.select_for_update().get(id=member.id)
        if if_version is not None and if_version != member.version:
            raise Stale(version=member.version)
        before = _facts(member)
        for name in DETAILS:
            if name in changes:
                setattr(member, name, changes[name])
        if member.id == actor.id and not (member.is_active and member.role == Role.MANAGER):
            raise NotAllowed("Another manager must do this: you would lose your own access.")
        if password is not None:
            member.set_password(password)
        member.version += 1
        with given_once(email=_EMAIL_ONCE):
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


def _facts(member: StaffMember) -> dict[str, Any]:
    slugs = sorted(member.clinics.values_list("slug", flat=True))
    return {name: getattr(member, name) for name in DETAILS} | {"clinics": slugs}


def _record(verb: str, *, actor: Actor, now: datetime, member: StaffMember, **facts: dict[str, Any]) -> None:
    named = {when: {"staff": str(member.id), **values} for when, values in facts.items()}
    journal.record(verb, actor=actor, now=now, **named)
