"""Recovery codes: ways in for a member of staff whose authenticator is lost or broken."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

from django.conf import settings

from bookings import journal, second_factor
from bookings.actors import staff_actor
from bookings.models import RecoveryCode, StaffMember

CODES = 10


def new_codes(staff: StaffMember, *, now: datetime) -> list[str]:
    """Ten fresh codes instead of all earlier ones; said only here, kept as digests.

    To be called inside a transaction that holds the lock of the member's row: two at once would leave twenty.
    """
    drop_codes(staff)
    plain = [second_factor.new_recovery_code() for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(staff=staff, digest=_digest(staff.id, code), created_at=now) for code in plain
    )
    return plain


def drop_codes(staff: StaffMember) -> None:
    """No code of theirs works any more."""
    RecoveryCode.objects.filter(staff=staff).delete()


def use_code(staff: StaffMember, typed: str, *, now: datetime) -> bool:
    """Whether it is a code of theirs that has not been used; from now on it has, and the journal says so."""
    unused = RecoveryCode.objects.filter(staff=staff, used_at__isnull=True)
    # One statement, so of two who come with the same code one is let in.
    if not unused.filter(digest=_digest(staff.id, typed)).update(used_at=now):
        return False
    after = {"staff": str(staff.id), "left": unused.count()}
    journal.record("recovery_code_used", actor=staff_actor(staff), now=now, after=after)
    return True


def codes_left(staff: StaffMember) -> int:
    """How many of the ten still work."""
    return RecoveryCode.objects.filter(staff=staff, used_at__isnull=True).count()


def _digest(staff: UUID, typed: str) -> bytes:
    # With the key, so that whoever reads the table alone cannot try out what fits.
    code = second_factor.as_recovery_code(typed) or ""
    return hmac.digest(settings.SECRET_KEY.encode(), f"{staff}:{code}".encode(), "sha256")
