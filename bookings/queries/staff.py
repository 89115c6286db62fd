"""Reading members of staff, and the tokens of their programs."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bookings.actors import Actor
from bookings.models import AccessToken, Role, StaffMember
from bookings.queries.scope import at_their_clinics


def colleagues(actor: Actor) -> QuerySet[StaffMember]:
    """Those who work at a clinic where the actor works; for a manager also those who work nowhere yet.

    Two queries: them and their clinics.
    """
    seen = at_their_clinics(actor, "clinics") | Q(id=actor.id)
    if actor.role == Role.MANAGER:
        seen |= Q(clinics__isnull=True)
    ids = StaffMember.objects.filter(seen).values("id")
    return StaffMember.objects.filter(id__in=ids).prefetch_related("clinics")


def program_tokens(member: StaffMember) -> QuerySet[AccessToken]:
    """The tokens that were made for programs in this one's name, the newest first, with who made them."""
    return member.tokens.exclude(scope="").select_related("made_by").order_by("-created_at", "-id")
