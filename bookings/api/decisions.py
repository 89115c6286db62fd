"""What prescribers decide about a course."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version
from bookings.api.finding import the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body, OneOf, Text
from bookings.bodies.times import Instant, local
from bookings.clinical import reads_reasons
from bookings.commands.deciding import assess_series, decide_on_missed
from bookings.models import Decision, DecisionAbout, Role, Series, Verdict
from bookings.queries.series import series_seen_by

_VERDICTS = {
    DecisionAbout.ASSESSMENT: (Verdict.GO_ON, Verdict.STOP),
    DecisionAbout.MISSED: (Verdict.APPEND, Verdict.RESTART, Verdict.MAINTENANCE, Verdict.STOP),
}


class DecisionBody(Body):
    """How it goes on."""

    about = OneOf(choices=[one.value for one in _VERDICTS], help_text="What the treatment asks for.")
    verdict = OneOf(choices=Verdict.values)
    reason = Text(required=False, max_length=1000, allow_blank=True, help_text="For staff alone.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        may = [one.value for one in _VERDICTS[attrs["about"]]]
        if attrs["verdict"] not in may:
            raise serializers.ValidationError({"verdict": [f"One of: {', '.join(may)}."]})
        return attrs


class DecisionAnswer(serializers.Serializer[Any]):
    """A decision. It holds for all that came before, too."""

    id = serializers.UUIDField()
    series = serializers.UUIDField()
    about = serializers.ChoiceField(choices=DecisionAbout.choices)
    number = serializers.IntegerField(help_text="After so many sessions; or the latest missed session.")
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    reason = serializers.CharField(help_text="Empty for the front desk.")
    decided_at = Instant()
    decided_by = serializers.UUIDField()


class Decisions(Endpoint):
    """The decisions about one series."""

    roles = {"GET": STAFF, "POST": frozenset({Role.PRESCRIBER})}

    @describe(
        "List the decisions about a series",
        answers={200: page_of(DecisionAnswer, "DecisionPage")},
        query=PageQuery,
        refusals=["not-found"],
        tag="series",
    )
    def get(self, request: Request, series: UUID) -> Response:
        """Newest first."""
        found = the(series_seen_by(self.actor).filter(id=series), "series")
        rows = Decision.objects.filter(series=found)
        return paged(
            request, rows, order=("-id",), represent=lambda page: [self._answer(one, found) for one in page]
        )

    @describe(
        "Decide how a series goes on",
        body=DecisionBody,
        answers={201: DecisionAnswer},
        refusals=["not-found", "wrong-state", "stale", "busy"],
        examples=[
            OpenApiExample("It goes on", value={"about": "assessment", "verdict": "go_on"}, request_only=True)
        ],
        tag="series",
    )
    def post(self, request: Request, series: UUID) -> Response:
        """After so many sessions, or after a missed one, where the treatment asks for it.

        `stop` cancels every session of the treatment that has not begun. `wrong-state` where there is nothing
        to decide.
        """
        found = the(series_seen_by(self.actor).filter(id=series), "series")
        body = self.body(DecisionBody)
        told: dict[str, Any] = {
            "reason": body.get("reason", ""),
            "if_version": expected_version(request, found.version),
            "actor": self.actor,
            "now": self.now,
        }
        verdict = Verdict(body["verdict"])
        if body["about"] == DecisionAbout.ASSESSMENT:
            decision = assess_series(found, go_on=verdict == Verdict.GO_ON, **told)
        else:
            decision = decide_on_missed(found, verdict=verdict, **told)
        return Response(self._answer(decision, found), 201)

    def _answer(self, decision: Decision, series: Series) -> dict[str, Any]:
        return {
            "id": decision.id,
            "series": decision.series_id,
            "about": decision.about,
            "number": decision.number,
            "verdict": decision.verdict,
            "reason": decision.reason if reads_reasons(self.actor) else "",
            "decided_at": local(decision.decided_at, series.clinic.zone),
            "decided_by": decision.decided_by_id,
        }


urlpatterns = [
    path("series/<uuid:series>/decisions/", Decisions.as_view(), name="series-decisions"),
]
