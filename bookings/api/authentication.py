"""Who is asking: bearer tokens, kept as SHA-256 digests and looked up in one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from bookings.actors import ANONYMOUS, Actor, patient_actor
from bookings.models import AccessToken, Patient, Role, StaffMember


@dataclass(frozen=True)
class Principal:
    """Who sent the request (`request.user`). `actor` is the same person as the commands know them."""

    actor: Actor
    staff: StaffMember | None = None
    patient: Patient | None = None
    token: AccessToken | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether a valid token came along."""
        return self.token is not None

    @property
    def is_staff(self) -> bool:
        """Whether this is a member of staff, in whatever role."""
        return self.staff is not None

    @property
    def role(self) -> Role | None:
        """`patient`, or the role of the member of staff; None for somebody not signed in."""
        return self.actor.role

    @property
    def name(self) -> str:
        """One word for the kind of person and their id, unique among all callers that are signed in."""
        return f"{self.actor.kind}:{self.actor.id}" if self.actor.id else self.actor.kind


def anonymous() -> Principal:
    """Somebody who is not signed in."""
    return Principal(ANONYMOUS)


def digest_of(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode()).digest()


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`: 401 for one unknown, expired, revoked or of former staff."""

    def authenticate(self, request: Request) -> tuple[Principal, AccessToken] | None:
        scheme, _, token = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            principal = principal_of(token.strip().decode("ascii"), now=timezone.now())
        except UnicodeDecodeError:
            principal = None
        if principal is None or principal.token is None:
            raise AuthenticationFailed("This token is not valid, or no longer. Sign in again.")
        return principal, principal.token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def principal_of(token: str, *, now: datetime) -> Principal | None:
    """The person whom a live token belongs to, with one query; None for any other string."""
    clinics = StaffMember.clinics.through.objects.filter(staffmember_id=OuterRef("staff_id"))
    row = (
        AccessToken.objects.select_related("staff", "patient")
        .annotate(clinic_ids=ArraySubquery(clinics.values("clinic_id")))
        .filter(Q(staff__isnull=True) | Q(staff__is_active=True))
        .filter(digest=digest_of(token), expires_at__gt=now, revoked_at__isnull=True)
        .first()
    )
    if row is None:
        return None
    if row.staff is not None:
        here = frozenset(row.clinic_ids)
        if row.scope:
            here &= frozenset(row.clinics)
        actor = Actor(kind="staff", id=row.staff.id, role=Role(row.staff.role), clinics=here)
        return Principal(actor, staff=row.staff, token=row)
    patient = row.patient
    assert patient is not None  # the database knows: a token belongs to one of the two
    return Principal(patient_actor(patient), patient=patient, token=row)


class _BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the tokens."""

    target_class = "bookings.api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> Mapping[str, str]:
        return {"type": "http", "scheme": "bearer"}
