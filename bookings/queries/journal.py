"""Reading the journal: who did what, when, and why."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from bookings.actors import Actor
from bookings.models import JournalEntry, Patient, Reading, Role, StaffMember
from bookings.queries.scope import at_their_clinics


def journal_seen_by(
    actor: Actor,
    *,
    session: UUID | None = None,
    series: UUID | None = None,
    patient: UUID | None = None,
    clinic: UUID | None = None,
) -> QuerySet[JournalEntry]:
    """The rows that a member of staff may read: of the clinics where they work, and of patients everywhere.

    What concerns neither, such as who joined the staff, is for managers. One query.
    """
    seen = at_their_clinics(actor) | Q(clinic__isnull=True, patient__isnull=False)
    if actor.role == Role.MANAGER:
        seen |= Q(clinic__isnull=True)
    asked = {"session": session, "series": series, "patient": patient, "clinic": clinic}
    given = {f"{name}_id": value for name, value in asked.items() if value is not None}
    return JournalEntry.objects.filter(seen, **given).select_related("clinic", "words")


def actors_of(entries: Iterable[JournalEntry | Reading]) -> dict[UUID | None, StaffMember | Patient]:
    """Those who acted, by id: one query for staff, one for patients, where there are any."""
    by_kind: dict[str, set[UUID]] = {"staff": set(), "patient": set()}
    for entry in entries:
        if entry.actor_id is not None:
            by_kind.setdefault(entry.actor_kind, set()).add(entry.actor_id)
    return {**StaffMember.objects.in_bulk(by_kind["staff"]), **Patient.objects.in_bulk(by_kind["patient"])}


def names_of_actors(entries: Iterable[JournalEntry | Reading]) -> dict[UUID | None, str]:
    """What those who acted are called, in as many queries."""
    return {key: str(person) for key, person in actors_of(entries).items()}
