"""The waiting list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import clinic_of, own_clinic_of, protocol_of, the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import SIGNED_IN
from bookings.api.plan_bodies import WishBody, wish_of
from bookings.api.problems import invalid
from bookings.api.schema import describe
from bookings.bodies.fields import Body, Ident, Key, Query, Text, Whole
from bookings.bodies.times import Day, Instant, local
from bookings.commands.waiting import LONGEST_NOTICE_HOURS, join_waiting_list, leave_waiting_list
from bookings.errors import NotFound
from bookings.models import Clinic, Patient, Protocol, Session, WaitingEntry
from bookings.queries.sessions import sessions_seen_by
from bookings.queries.waiting import waiting_seen_by

_OPEN = {"open": True, "closed": False, "all": None}


class WaitingBody(Body):
    """What is waited for: a course, or an earlier time of one `session`."""

    patient = Ident(required=False, help_text="Staff: who waits. Patients wait for themselves.")
    clinic = Key(required=False, help_text="Id or slug. May be left out with a session.")
    protocol = Key(required=False, help_text="Id or slug. May be left out with a session.")
    phase = Text(required=False, max_length=60, help_text="May be left out where it is plain.")
    session = Ident(required=False)
    also_at = serializers.ListField(
        child=Key(),
        required=False,
        max_length=20,
        help_text="Other clinics where the patient would come for the same course, by id or slug.",
    )
    wish = WishBody(required=False)
    earliest = Day(required=False, help_text="First date, in the clinic's wall-clock.")
    latest = Day(required=False, help_text="Last date, in the clinic's wall-clock.")
    notice_hours = Whole(
        default=24, max_value=LONGEST_NOTICE_HOURS, help_text="How long before a visit one must be told."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "session" not in attrs:
            missing = {name: ["Which one?"] for name in ("clinic", "protocol") if name not in attrs}
            if missing:
                raise serializers.ValidationError(missing)
        return attrs


class WaitingQuery(Query):
    """Which entries."""

    clinic = Key(required=False, help_text="Id or slug.")
    patient = Ident(required=False)
    status = serializers.ChoiceField(choices=sorted(_OPEN), default="open")


class KeptWish(serializers.Serializer[Any]):
    """When the patient can come, in the clinic's wall-clock."""

    weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="1 is Monday.")
    not_before = serializers.CharField(allow_null=True)
    not_after = serializers.CharField(allow_null=True)


class WaitingAnswer(serializers.Serializer[Any]):
    """A place on the waiting list."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["open", "closed"])
    patient = serializers.UUIDField()
    clinic = serializers.UUIDField()
    protocol = serializers.UUIDField()
    phase = serializers.CharField()
    series = serializers.UUIDField(allow_null=True)
    session = serializers.UUIDField(allow_null=True)
    wish = KeptWish()
    earliest = Day(allow_null=True)
    latest = Day(allow_null=True)
    notice_hours = serializers.IntegerField()
    created_at = Instant()
    closed_at = Instant(allow_null=True)


class WaitingList(Endpoint):
    """Who waits."""

    roles = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    @describe(
        "List the waiting list",
        answers={200: page_of(WaitingAnswer, "WaitingPage")},
        query=[WaitingQuery, PageQuery],
        refusals=["not-found"],
        tag="waiting list",
    )
    def get(self, request: Request) -> Response:
        """Newest first: one's own, or for staff those of the clinics where they work. Open ones unless
        `status` says otherwise.
        """
        query = self.query(WaitingQuery)
        rows = waiting_seen_by(self.actor, is_open=_OPEN[query["status"]])
        if "clinic" in query:
            rows = rows.filter(clinic=self._clinic(query["clinic"]))
        if "patient" in query:
            rows = rows.filter(patient_id=query["patient"])
        return paged(
            request, rows, order=("-id",), represent=lambda found: [waiting_answer(row) for row in found]
        )

    @describe(
        "Join the waiting list",
        body=WaitingBody,
        answers={201: WaitingAnswer},
        refusals=["not-found", "wrong-state"],
        examples=[
            OpenApiExample(
                "Any Tuesday morning, told a day before",
                value={
                    "clinic": "baltimore",
                    "protocol": "ketamine-iv",
                    "wish": {"weekdays": [2], "not_after": "12:00"},
                    "notice_hours": 24,
                },
                request_only=True,
            )
        ],
        tag="waiting list",
    )
    def post(self, request: Request) -> Response:
        """It promises nothing and changes nothing that is booked. Joining again for the same thing replaces
        one's wishes and keeps one's place.

        With `also_at` one waits at each of those clinics, with an entry at each, of which the answer is that
        at `clinic`. Served at one of them, one waits no longer at the others.
        """
        body = self.body(WaitingBody)
        clinic, protocol, session = self._what(body)
        entry = join_waiting_list(
            self._patient(body, session),
            clinic=clinic,
            protocol=protocol,
            phase=body.get("phase"),
            session=session,
            also_at=[self._clinic(key) for key in body.get("also_at", ())],
            wish=wish_of(body["wish"]) if "wish" in body else None,
            earliest=body.get("earliest"),
            latest=body.get("latest"),
            notice_hours=body["notice_hours"],
            actor=self.actor,
            now=self.now,
        )
        return Response(waiting_answer(entry), status=201)

    def _what(self, body: Mapping[str, Any]) -> tuple[Clinic, Protocol, Session | None]:
        if "session" not in body:
            return self._clinic(body["clinic"]), protocol_of(body["protocol"]), None
        session = the(sessions_seen_by(self.actor).filter(id=body["session"]), "session")
        protocol = session.series.protocol_version.protocol
        for name, known in (("clinic", session.clinic), ("protocol", protocol)):
            if body.get(name, known.slug) not in (str(known.id), known.slug):
                raise invalid(name, "The visit is for another one.")
        return session.clinic, protocol, session

    def _patient(self, body: Mapping[str, Any], session: Session | None) -> Patient:
        named, me = body.get("patient"), self.request.user.patient
        if me is not None:
            if named not in (None, me.id):
                raise NotFound("There is no such patient.")
            return me
        if named is None and session is not None:
            return session.patient
        if named is None:
            raise invalid("patient", "Who waits?")
        return the(Patient.objects.filter(id=named), "patient")

    def _clinic(self, key: str) -> Clinic:
        return own_clinic_of(key, self.actor) if self.actor.is_staff else clinic_of(key)


class WaitingPlace(Endpoint):
    """One place on the waiting list."""

    roles = {"DELETE": SIGNED_IN}

    @describe("Leave the waiting list", answers={204: None}, refusals=["not-found"], tag="waiting list")
    def delete(self, request: Request, entry: UUID) -> Response:
        """Nothing else changes. 404 when it was given up before."""
        leave_waiting_list(
            the(waiting_seen_by(self.actor).filter(id=entry), "place on the waiting list"),
            actor=self.actor,
            now=self.now,
        )
        return Response(status=204)


def waiting_answer(entry: WaitingEntry) -> dict[str, Any]:
    """An entry, in the wall-clock of its clinic."""
    zone = entry.clinic.zone
    return {
        "id": entry.id,
        "status": "closed" if entry.closed_at else "open",
        "patient": entry.patient_id,
        "clinic": entry.clinic_id,
        "protocol": entry.protocol_id,
        "phase": entry.phase,
        "series": entry.series_id,
        "session": entry.session_id,
        "wish": entry.wish,
        "earliest": entry.earliest,
        "latest": entry.latest,
        "notice_hours": entry.notice_hours,
        "created_at": local(entry.created_at, zone),
        "closed_at": local(entry.closed_at, zone) if entry.closed_at else None,
    }


urlpatterns = [
    path("waitlist/", WaitingList.as_view(), name="waitlist"),
    path("waitlist/<uuid:entry>/", WaitingPlace.as_view(), name="waiting-place"),
]
