"""Tokens for programs: made for a purpose and a time, and ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, NotAllowed, WrongState
from bookings.models import AccessToken, Clinic, Role, Scope, StaffMember
from bookings.tokens import new_scoped_token

LONGEST_DAYS = 365


def make_token(
    member: StaffMember,
    *,
    name: str,
    scope: Scope,
    clinics: Collection[Clinic],
    days: int,
    actor: Actor,
    now: datetime,
) -> tuple[AccessToken, str]:
    """A token with which a program acts as `member`, at those clinics, for so many days; the plain token is
    said only here.

    A person makes their own, a manager those of programs: nobody acts in another person's name. Refuses with
    NotAllowed, and with Invalid a time or clinics that cannot be.
    """
    if member.id != actor.id and not (member.is_service and actor.role == Role.MANAGER):
        raise NotAllowed("A token in a person’s name is made by themselves.")
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid("days", f"A token lives for 1 to {LONGEST_DAYS} days.")
    theirs = set(member.clinics.values_list("id", flat=True)) & actor.clinics
    if not clinics or any(clinic.id not in theirs for clinic in clinics):
        raise Invalid("clinics", "Choose clinics at which both of you work.")
    with transaction.atomic(durable=True):
        token, plain = new_scoped_token(
            member,
            name=name,
            scope=scope,
            clinics=[clinic.id for clinic in clinics],
            made_by=actor,
            expires_at=now + timedelta(days=days),
            now=now,
        )
        after = {
            **_named(token),
            "scope": scope.value,
            "clinics": sorted(clinic.slug for clinic in clinics),
            "expires_at": token.expires_at.isoformat(),
        }
        journal.record("token_made", actor=actor, now=now, after=after)
    return token, plain


def revoke_token(token: AccessToken, *, actor: Actor, now: datetime) -> None:
    """A token that was made for a program is dead at once. By its owner or a manager."""
    if token.staff_id != actor.id and actor.role != Role.MANAGER:
        raise NotAllowed("Only a manager ends somebody else's token.")
    with transaction.atomic(durable=True):
        if not AccessToken.objects.filter(id=token.id, revoked_at__isnull=True).update(revoked_at=now):
            raise WrongState("This token has been ended already.", now="revoked", allowed=[])
        journal.record("token_revoked", actor=actor, now=now, after=_named(token))


def _named(token: AccessToken) -> dict[str, str]:
    return {"staff": str(token.staff_id), "token": str(token.id), "name": token.name}
