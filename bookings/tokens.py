"""Secrets that are said once and kept as digests: bearer tokens, and the short ones of links."""

from __future__ import annotations

import secrets
import string
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from bookings import journal
from bookings.actors import Actor
from bookings.models import AccessToken, Patient, Scope, StaffMember

STAFF_TOKEN_LIFE = timedelta(hours=12)
PATIENT_TOKEN_LIFE = timedelta(days=30)
#: Twelve of sixty-two signs are 71 bits: enough for what nobody can try out offline, short enough for a text.
LINK_LENGTH = 12

_SIGNS = string.ascii_letters + string.digits


def digest_of(plain: str) -> bytes:
    """What is kept of a secret."""
    return sha256(plain.encode()).digest()


def new_link_token() -> str:
    """The secret part of a link."""
    return "".join(secrets.choice(_SIGNS) for _ in range(LINK_LENGTH))


def new_access_token(
    actor: Actor,
    *,
    staff: StaffMember | None = None,
    patient: Patient | None = None,
    life: timedelta,
    now: datetime,
) -> tuple[AccessToken, str]:
    """A bearer token of one of the two, with its journal row; the plain token is said only here."""
    plain = secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        digest=digest_of(plain), staff=staff, patient=patient, created_at=now, expires_at=now + life
    )
    journal.record("signed_in", actor=actor, now=now, patient=patient)
    return token, plain


def new_scoped_token(
    member: StaffMember,
    *,
    name: str,
    scope: Scope,
    clinics: Collection[UUID],
    made_by: Actor,
    expires_at: datetime,
    now: datetime,
) -> tuple[AccessToken, str]:
    """A bearer token for a program that acts as `member`; the plain token is said only here."""
    plain = secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        digest=digest_of(plain),
        staff=member,
        name=name,
        scope=scope,
        clinics=list(clinics),
        made_by_id=made_by.id,
        created_at=now,
        expires_at=expires_at,
    )
    return token, plain
