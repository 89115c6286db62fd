"""Plans for a whole course."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import own_clinic_of, the
from bookings.api.permissions import EVERYONE
from bookings.api.plan_bodies import PlansFound, WishBody, replan_facts, unplannable, wish_of
from bookings.api.problems import invalid
from bookings.api.schema import describe
from bookings.api.throttling import of_a_stranger, per_address
from bookings.bodies.fields import Body, Ident, Key, Text, Whole
from bookings.bodies.times import Day, localised
from bookings.commands.replan import propose_replan
from bookings.judging import plan_facts
from bookings.models import Patient, Scope, Series
from bookings.placing import MOST_PLACES
from bookings.queries.openings import Offer, offered
from bookings.queries.series import series_seen_by
from bookings.snapshot import protocol_of
from bookings.treatments import resolve_phase
from scheduler.series import Unplannable

LONGEST_DAYS = 366
USUAL_PLANS, MOST_PLANS = 3, 5


class PlanBody(Body):
    """What is to be planned. Clinic and protocol may be left out where `series` says them."""

    clinic = Key(required=False, help_text="Id or slug.")
    protocol = Key(required=False, help_text="Id or slug.")
    phase = Text(required=False, max_length=60, help_text="May be left out where it is plain.")
    series = Ident(
        required=False, help_text="Plan what is left of this series anew; what else is named must be its own."
    )
    patient = Ident(required=False, help_text="Staff: see it through the rules of this patient.")
    sessions = Whole(
        required=False,
        min_value=1,
        max_value=MOST_PLACES,
        help_text="How many; only where the phase leaves it open, 1 unless set.",
    )
    earliest = Day(required=False, help_text="First date; today unless set.")
    latest = Day(required=False, help_text="Last date; far enough for the phase unless set.")
    wish = WishBody(required=False)
    limit = Whole(default=USUAL_PLANS, min_value=1, max_value=MOST_PLANS)


class PlansAnswer(PlansFound):
    """The best plan first; the others differ from it in a way that a patient notices."""


class Plans(Endpoint):
    """Plans for a whole course."""

    roles = {"POST": EVERYONE}
    scopes = {"POST": Scope.READ}
    throttle_classes = (per_address("plans of an address", if_=of_a_stranger),)

    @describe(
        "Plan a course",
        body=PlanBody,
        answers={200: PlansAnswer},
        refusals=["not-found", "unplannable", "wrong-state", "spacing", "busy", "too-many-requests"],
        public=True,
        examples=[
            OpenApiExample(
                "Tuesdays and Fridays, mornings",
                value={
                    "clinic": "baltimore",
                    "protocol": "ketamine-iv",
                    "phase": "induction",
                    "earliest": "2026-12-01",
                    "wish": {"weekdays": [2, 5], "not_after": "11:00"},
                    "limit": 3,
                },
                request_only=True,
            )
        ],
        tag="booking",
    )
    def post(self, request: Request) -> Response:
        """Complete plans that keep every rule, best first and clearly different. Writes nothing.

        A patient who is signed in is planned for with what they have booked already. Lead time and horizon
        bind everybody but staff. Where there is no plan, `unplannable` says which session cannot be placed,
        what stands in the way, and which change of one rule would help most cheaply.
        """
        body = self.body(PlanBody)
        plans, proven = self._anew(body) if "series" in body else self._course(body)
        return Response({"plans": localised(plans, self.zone), "proven": proven})

    def _anew(self, body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        series = the(series_seen_by(self.actor).filter(id=body["series"]), "series")
        _same(body, series)
        self.zone = series.clinic.zone
        ways = propose_replan(
            series,
            earliest=body.get("earliest"),
            latest=body.get("latest"),
            wish=wish_of(body["wish"]) if "wish" in body else None,
            actor=self.actor,
            now=self.now,
        )
        return [replan_facts(series, one) for one in ways.found[: body["limit"]]], ways.proven

    def _course(self, body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bool]:
        offer = self._offer(body)
        sessions = offer.phase.sessions
        if sessions is None:
            sessions = body.get("sessions", 1)
        elif body.get("sessions", sessions) != sessions:
            raise invalid("sessions", f"The phase {offer.phase.name} has {sessions} sessions.")
        earliest = body.get("earliest") or offer.today
        latest = body.get("latest") or offer.latest_for(earliest, sessions)
        if latest < earliest:
            raise invalid("latest", "This is before the first date.")
        if latest - earliest > timedelta(days=LONGEST_DAYS):
            raise invalid("latest", f"At most {LONGEST_DAYS} days can be planned at once.")
        case, (found, proven) = offer.plans(
            sessions=sessions,
            earliest=earliest,
            latest=latest,
            wish=wish_of(body.get("wish")),
            limit=body["limit"],
        )
        if isinstance(found, Unplannable):
            raise unplannable(case, found)
        return [plan_facts(case, plan) for plan in found], proven

    def _offer(self, body: Mapping[str, Any]) -> Offer:
        for name in ("clinic", "protocol"):
            if name not in body:
                raise invalid(name, "Which one?")
        clinic, version = offered(body["clinic"], body["protocol"], now=self.now)
        self.zone = clinic.zone
        patient_id = self.actor.id if self.actor.kind == "patient" else None
        if "patient" in body and body["patient"] != patient_id:
            # Staff plan for anybody at their own clinics; to others there is no such patient.
            own_clinic_of(body["clinic"], self.actor)
            patient_id = the(Patient.objects.filter(id=body["patient"]), "patient").id
        phase = resolve_phase(version, body.get("phase"), patient_id=patient_id)
        return Offer(
            clinic=clinic,
            version=version,
            phase=protocol_of(version).phase(phase),
            actor=self.actor,
            now=self.now,
            patient_id=patient_id,
        )


def _same(body: Mapping[str, Any], series: Series) -> None:
    """Refuse what is said beside the series and is not true of it."""
    if "sessions" in body:
        raise invalid("sessions", "This follows from the series.")
    treatment, clinic = series.protocol_version.protocol, series.clinic
    known: dict[str, set[Any]] = {
        "clinic": {str(clinic.id), clinic.slug},
        "protocol": {str(treatment.id), treatment.slug},
        "phase": {series.phase},
        "patient": {series.patient_id},
    }
    for name, words in known.items():
        if name in body and body[name] not in words:
            raise invalid(name, "The series is for another one.")


urlpatterns = [path("plans/", Plans.as_view(), name="plans")]
