"""Series: a patient's course, booked, shown, planned anew and cancelled as a whole."""

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
from bookings.api.etags import expected_version, tagged
from bookings.api.finding import clinic_of, own_clinic_of, protocol_of, the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import SIGNED_IN
from bookings.api.plan_bodies import NumberOrId, PlansFound, WishBody, places_field, replan_facts, wish_of
from bookings.api.problems import invalid
from bookings.api.schema import describe
from bookings.api.session_answers import SeriesAnswer
from bookings.bodies.fields import Body, Ident, Key, Query, Text, YesNo
from bookings.bodies.times import Day, localised
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series
from bookings.commands.replan import apply_replan, propose_replan
from bookings.errors import NotFound
from bookings.models import Clinic, Hold, Patient, Protocol, Series, SeriesStatus
from bookings.queries.series import series_seen_by


class OverrideBody(Body):
    """Staff break rules on purpose, and say why."""

    reason = Text(max_length=1000)


class SeriesBody(Body):
    """What is booked: the places of a hold, or the starts of all sessions of a phase."""

    patient = Ident(required=False, help_text="Staff: for whom. Patients book for themselves.")
    clinic = Key(required=False, help_text="Id or slug. May be left out with a hold.")
    protocol = Key(required=False, help_text="Id or slug. May be left out with a hold.")
    phase = Text(required=False, max_length=60, help_text="May be left out where it is plain.")
    hold = Ident(required=False)
    sessions = places_field(required=False)
    override = OverrideBody(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("hold" in attrs) == ("sessions" in attrs):
            raise serializers.ValidationError({"sessions": ["Say either `hold` or `sessions`."]})
        if "sessions" in attrs:
            missing = {name: ["Which one?"] for name in ("clinic", "protocol") if name not in attrs}
            if missing:
                raise serializers.ValidationError(missing)
        return attrs


class SeriesQuery(Query):
    """Which series."""

    clinic = Key(required=False, help_text="Id or slug.")
    patient = Ident(required=False)
    status = serializers.ChoiceField(choices=SeriesStatus.choices, required=False)


class CancelBody(Body):
    """Why."""

    reason = Text(required=False, max_length=1000, allow_blank=True)


class ReplanBody(Body):
    """From where on, and what is wished for."""

    from_session = NumberOrId(required=False, help_text="The first that may move: its number, or its id.")
    earliest = Day(required=False, help_text="First date; today unless set.")
    wish = WishBody(required=False)
    apply = YesNo(default=False, help_text="Carry out the best plan.")


class ReplanAnswer(PlansFound):
    """Plans for what is left; with `apply` the one that was carried out, and the series as it is now."""

    series = SeriesAnswer(required=False)


class AllSeries(Endpoint):
    """Book a series; list them."""

    roles = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    @describe(
        "List series",
        answers={200: page_of(SeriesAnswer, "SeriesPage")},
        query=[SeriesQuery, PageQuery],
        refusals=["not-found"],
        tag="series",
    )
    def get(self, request: Request) -> Response:
        """The newest first: one's own, or for staff those of the clinics where they work."""
        query, rows = self.query(SeriesQuery), series_seen_by(self.actor)
        if "clinic" in query:
            staff = self.actor.is_staff
            clinic = own_clinic_of(query["clinic"], self.actor) if staff else clinic_of(query["clinic"])
            rows = rows.filter(clinic=clinic)
        for name in ("patient", "status"):
            if name in query:
                rows = rows.filter(**{name: query[name]})
        return paged(request, rows, order=("-id",), represent=lambda found: answer_of(self, found, many=True))

    @describe(
        "Book a series",
        body=SeriesBody,
        answers={201: SeriesAnswer},
        refusals=["not-found", "taken", "spacing", "not-offered", "hold-expired", "busy"],
        tagged=True,
        examples=[
            OpenApiExample(
                "By a hold",
                value={
                    "clinic": "baltimore",
                    "protocol": "ketamine-iv",
                    "hold": "01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f",
                },
                request_only=True,
            ),
            OpenApiExample(
                "By staff, against the lead time",
                value={
                    "patient": "01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f",
                    "clinic": "baltimore",
                    "protocol": "ketamine-iv",
                    "phase": "maintenance",
                    "sessions": [{"start": "2026-12-01T09:00:00-05:00"}],
                    "override": {"reason": "Came in person; the chair is free now."},
                },
                request_only=True,
            ),
        ],
        tag="series",
    )
    def post(self, request: Request) -> Response:
        """All sessions of a phase in one step, or none.

        Where the treatment needs a clearance that the patient does not have, the series is `requested`: its
        places are taken, and it waits for a prescriber.
        """
        body = self.body(SeriesBody)
        patient = self._patient(body)
        hold, clinic, protocol = self._what(body)
        self.zone = clinic.zone
        series = book_series(
            patient,
            clinic=clinic,
            protocol=protocol,
            phase=body.get("phase"),
            starts=[place["start"] for place in body["sessions"]] if "sessions" in body else None,
            hold=hold,
            override_reason=body["override"]["reason"] if "override" in body else None,
            actor=self.actor,
            now=self.now,
        )
        return tagged(request, answer_of(self, series), version=series.version, status=201)

    def _patient(self, body: Mapping[str, Any]) -> Patient:
        named, me = body.get("patient"), self.request.user.patient
        if me is not None:
            if named not in (None, me.id):
                raise NotFound("There is no such patient.")
            return me
        if named is None:
            raise invalid("patient", "For whom?")
        return the(Patient.objects.filter(id=named), "patient")

    def _what(self, body: Mapping[str, Any]) -> tuple[Hold | None, Clinic, Protocol]:
        if "hold" not in body:
            return None, clinic_of(body["clinic"]), protocol_of(body["protocol"])
        rows = Hold.objects.select_related("clinic", "protocol_version__protocol")
        hold = the(rows.filter(id=body["hold"]), "hold")
        if self.actor.kind == "patient" and hold.patient_id not in (None, self.actor.id):
            raise NotFound("There is no such hold.")
        clinic = clinic_of(body["clinic"]) if "clinic" in body else hold.clinic
        protocol = protocol_of(body["protocol"]) if "protocol" in body else hold.protocol_version.protocol
        return hold, clinic, protocol


class OneSeries(Endpoint):
    """One series."""

    roles = {"GET": SIGNED_IN}

    @describe("Show a series", answers={200: SeriesAnswer}, refusals=["not-found"], tagged=True, tag="series")
    def get(self, request: Request, series: UUID) -> Response:
        """With its sessions, in order of their numbers."""
        return answer_with_tag(self, series)


class CancelSeries(Endpoint):
    """Cancel what is left."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Cancel a series",
        body=CancelBody,
        answers={200: SeriesAnswer},
        refusals=["not-found", "wrong-state", "not-offered", "busy"],
        tagged=True,
        tag="series",
    )
    def post(self, request: Request, series: UUID) -> Response:
        """Every session that has not begun, in one step. What is finished stays."""
        found = the(series_seen_by(self.actor).filter(id=series), "series")
        self.zone = found.clinic.zone
        cancel_series(
            found,
            reason=self.body(CancelBody).get("reason", ""),
            if_version=expected_version(request, found.version),
            actor=self.actor,
            now=self.now,
        )
        return answer_with_tag(self, series)


class ReplanSeries(Endpoint):
    """Plan what is left anew."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Replan a series",
        body=ReplanBody,
        answers={200: ReplanAnswer},
        refusals=[
            "not-found",
            "unplannable",
            "wrong-state",
            "taken",
            "spacing",
            "not-offered",
            "busy",
        ],
        tag="series",
    )
    def post(self, request: Request, series: UUID) -> Response:
        """Places for the sessions that are left, with the fewest moves; missed and cancelled ones are made up
        for.

        Writes nothing unless `apply` is true: then the best plan is carried out in one step.
        """
        found = the(series_seen_by(self.actor).filter(id=series), "series")
        self.zone = found.clinic.zone
        body = self.body(ReplanBody)
        asked: dict[str, Any] = {
            "from_number": _number(found, body.get("from_session")),
            "earliest": body.get("earliest"),
            "wish": wish_of(body["wish"]) if "wish" in body else None,
            "actor": self.actor,
            "now": self.now,
        }
        ways = propose_replan(found, **asked)
        plans = localised([replan_facts(found, one) for one in ways.found], self.zone)
        if not body["apply"]:
            return Response({"plans": plans, "proven": ways.proven})
        goes_on = apply_replan(found, **asked)
        changed = the(series_seen_by(self.actor).filter(id=goes_on.id), "series")
        return Response({"plans": plans[:1], "proven": ways.proven, "series": answer_of(self, changed)})


def _number(series: Series, session: int | UUID | None) -> int | None:
    if not isinstance(session, UUID):
        return session
    return the(series.sessions.filter(id=session), "session").number


def answer_of(view: Endpoint, series: Any, *, many: bool = False) -> Any:
    """The series as the caller may see it."""
    return SeriesAnswer(series, many=many, context={"actor": view.actor, "now": view.now}).data


def answer_with_tag(view: Endpoint, series_id: UUID) -> Response:
    """The series as it is now, with its ETag."""
    series: Series = the(series_seen_by(view.actor).filter(id=series_id), "series")
    return tagged(view.request, answer_of(view, series), version=series.version)


urlpatterns = [
    path("series/", AllSeries.as_view(), name="all-series"),
    path("series/<uuid:series>/", OneSeries.as_view(), name="series"),
    path("series/<uuid:series>/cancel/", CancelSeries.as_view(), name="cancel-series"),
    path("series/<uuid:series>/replan/", ReplanSeries.as_view(), name="replan-series"),
]
