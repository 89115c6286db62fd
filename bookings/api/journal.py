"""The journal, for staff to read. Nobody writes it but the commands."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.actors import Actor
from bookings.api.endpoint import Endpoint
from bookings.api.finding import own_clinic_of
from bookings.api.kept_times import with_local_times
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Ident, Key, Query
from bookings.bodies.times import local
from bookings.clinical import journal_for
from bookings.models import JournalEntry, Patient, Role, StaffMember
from bookings.queries.journal import actors_of, journal_seen_by


class JournalQuery(Query):
    """What the rows are about."""

    session = Ident(required=False)
    series = Ident(required=False)
    patient = Ident(required=False)
    clinic = Key(required=False, help_text="The id or slug of a clinic.")


class ActorAnswer(serializers.Serializer[Any]):
    """Who did it."""

    kind = serializers.ChoiceField(choices=["staff", "patient", "anonymous", "system"])
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(help_text="Empty for the service itself and for strangers.")


class JournalAnswer(serializers.Serializer[Any]):
    """Who did what, when, to whom, what it was before and after, and why."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    actor = ActorAnswer()
    clinic = serializers.UUIDField(allow_null=True)
    patient = serializers.UUIDField(allow_null=True)
    series = serializers.UUIDField(allow_null=True)
    session = serializers.UUIDField(allow_null=True)
    before = serializers.DictField()
    after = serializers.DictField()
    reason = serializers.CharField(help_text="Empty for the front desk, where it is a clinical one.")


class Journal(Endpoint):
    """What happened."""

    roles = {"GET": STAFF}

    @describe(
        "Read the journal",
        answers={200: page_of(JournalAnswer, "JournalPage")},
        query=[JournalQuery, PageQuery],
        refusals=["not-found"],
        tag="journal",
    )
    def get(self, request: Request) -> Response:
        """Newest first: of a session, a series, a patient or a clinic, or all that you may read."""
        query = self.query(JournalQuery)
        if "clinic" in query:
            query["clinic"] = own_clinic_of(query["clinic"], self.actor).id
        return paged(request, journal_seen_by(self.actor, **query), order=("-id",), represent=self._answers)

    def _answers(self, entries: list[JournalEntry]) -> list[dict[str, Any]]:
        who = actors_of(entries)
        return [_answer(entry, who.get(entry.actor_id), self.actor) for entry in entries]


def _answer(entry: JournalEntry, who: Patient | StaffMember | None, reader: Actor) -> dict[str, Any]:
    zone: tzinfo = entry.clinic.zone if entry.clinic else UTC
    name = str(who) if who else ""
    by_prescriber = isinstance(who, StaffMember) and who.role == Role.PRESCRIBER
    after, reason = journal_for(reader, entry, by_prescriber=by_prescriber)
    return {
        "id": entry.id,
        "at": local(entry.at, zone),
        "verb": entry.verb,
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id, "name": name},
        "clinic": entry.clinic_id,
        "patient": entry.patient_id,
        "series": entry.series_id,
        "session": entry.session_id,
        "before": with_local_times(entry.before, zone),
        "after": with_local_times(after, zone),
        "reason": reason,
    }


urlpatterns = [path("journal/", Journal.as_view(), name="journal")]
