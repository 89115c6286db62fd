"""Joint plans for what a closure, an absence or a broken chair has displaced."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.displaced import Violations
from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version, tagged
from bookings.api.finding import the
from bookings.api.of_clinic import OfClinic
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body, Ident, Text
from bookings.bodies.times import Day, Instant, local
from bookings.commands.carry_out_repair import carry_out_repair
from bookings.commands.repairs import draw_up_repair
from bookings.errors import violation_facts
from bookings.models import Repair, RepairStatus
from bookings.queries.repairs import Row, repairs_seen_by, rows_of
from bookings.repaired import status_at
from scheduler.joint import Stage

MOST = 1000


class RepairBody(Body):
    """Which visits: those named, those of some dates, or all that do not keep their place any more."""

    sessions = serializers.ListField(
        child=Ident(), required=False, allow_empty=False, max_length=MOST, help_text="Ids of sessions."
    )

    def get_fields(self) -> dict[str, Any]:
        return {  # `from` is no name for a class attribute
            **super().get_fields(),
            "from": Day(required=False, help_text="The first date."),
            "to": Day(required=False, help_text="The last date."),
        }


class ApplyBody(Body):
    """What becomes of which series; the others are left as they are."""

    move = serializers.ListField(
        child=Ident(), required=False, max_length=MOST, help_text="Ids of series: moved now, as staff decide."
    )
    offer = serializers.ListField(
        child=Ident(), required=False, max_length=MOST, help_text="Ids of series: offered to the patient."
    )
    reason = Text(required=False, max_length=1000, allow_blank=True, help_text="For the patient to read.")


class RepairMove(serializers.Serializer[Any]):
    """One session: where it was, and where it would be."""

    number = serializers.IntegerField()
    to = Instant()
    chair = serializers.CharField(help_text="The chair's name.")
    days = serializers.IntegerField(help_text="Calendar days later; earlier where negative.")
    minutes = serializers.IntegerField(help_text="Between the old start and the new.")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant()}


class RepairLeft(serializers.Serializer[Any]):
    """A session without a place in the plan, to be called about."""

    number = serializers.IntegerField()
    start = Instant()
    detail = serializers.CharField()


class RepairRow(serializers.Serializer[Any]):
    """What the plan means for one series.

    `changed`: its visits are no longer where they were. `lost`: a new place no longer holds.
    """

    series = serializers.UUIDField()
    patient = serializers.UUIDField()
    phone = serializers.CharField(help_text="Of the patient.")
    state = serializers.ChoiceField(choices=["open", "moved", "offered", "changed", "lost"])
    proposal = serializers.UUIDField(allow_null=True, help_text="What the patient was offered.")
    moves = RepairMove(many=True)
    left = RepairLeft(many=True)
    gaps_before = serializers.ListField(child=serializers.IntegerField(), help_text="Days between visits.")
    gaps_after = serializers.ListField(child=serializers.IntegerField())
    violations = Violations()


_COST = {
    "type": "object",
    "properties": {name: {"type": "integer"} for name in ("placed", "urgency", "moved", "minutes")},
}


@extend_schema_field(
    {
        "type": "object",
        "properties": {
            "stage": {"type": "string", "enum": [one.value for one in Stage]},
            "cost": {**_COST, "description": "Sessions placed and moved, minutes between old and new."},
            "bound": {**_COST, "description": "No plan whatever is better than this."},
            "proven": {"type": "boolean", "description": "Whether the plan is the best there is."},
            "seconds": {"type": "number"},
        },
    }
)
class Figures(serializers.JSONField):
    """How good the plan is."""


class RepairSummary(serializers.Serializer[Any]):
    """A joint plan. It holds no places: they are judged anew when it is carried out."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField()
    status = serializers.ChoiceField(choices=RepairStatus.choices)
    sessions = serializers.ListField(
        child=serializers.UUIDField(), help_text="What it is to find places for."
    )
    created_at = Instant()
    drawn_up_at = Instant(allow_null=True)
    expires_at = Instant(allow_null=True, help_text="From then on it is outdated.")
    figures = Figures(allow_null=True)
    error = serializers.CharField(help_text="Why there is no plan, and what to do next.")


class RepairAnswer(RepairSummary):
    """A joint plan with what it means for each series, in order of the first old place."""

    series = RepairRow(many=True)


class Repairs(OfClinic):
    """The joint plans of a clinic."""

    roles = {"GET": STAFF, "POST": STAFF}

    @describe(
        "List joint plans",
        answers={200: page_of(RepairSummary, "RepairPage")},
        query=PageQuery,
        refusals=["not-found"],
        tag="repairs",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """Newest first."""
        rows = repairs_seen_by(self.actor, self.clinic(clinic))
        return paged(
            request, rows, order=("-id",), represent=lambda found: [_summary(self, one) for one in found]
        )

    @describe(
        "Draw up a joint plan",
        body=RepairBody,
        answers={202: RepairSummary},
        refusals=["not-found", "wrong-state"],
        examples=[OpenApiExample("One closed day", {"from": "2026-04-13", "to": "2026-04-13"})],
        tag="repairs",
    )
    def post(self, request: Request, clinic: str) -> Response:
        """A worker draws it up, mostly within 20 seconds: ask again for the plan. Asked twice while that goes
        on, it is one plan. `wrong-state` when every visit keeps its place.
        """
        own, body = self.clinic(clinic), self.body(RepairBody)
        plan = draw_up_repair(
            own,
            sessions=body.get("sessions"),
            first=body.get("from"),
            last=body.get("to"),
            actor=self.actor,
            now=self.now,
        )
        return Response(_summary(self, plan), 202)


class OneRepair(OfClinic):
    """One joint plan."""

    roles = {"GET": STAFF}

    @describe(
        "Show a joint plan", answers={200: RepairAnswer}, refusals=["not-found"], tagged=True, tag="repairs"
    )
    def get(self, request: Request, clinic: str, repair: UUID) -> Response:
        """By the diary of now: a series that has changed since says so."""
        return _answer(self, _found(self, clinic, repair))


class Application(OfClinic):
    """A joint plan, carried out."""

    roles = {"POST": STAFF}

    @describe(
        "Carry out a joint plan",
        body=ApplyBody,
        answers={200: RepairAnswer},
        refusals=["not-found", "wrong-state", "not-together", "busy"],
        tagged=True,
        tag="repairs",
    )
    def post(self, request: Request, clinic: str, repair: UUID) -> Response:
        """In whole or in part: all that is named in one transaction, or nothing. `not-together` names the
        series that cannot be, each with its reason, and those that could be without them.
        """
        plan, body = _found(self, clinic, repair), self.body(ApplyBody)
        carry_out_repair(
            plan,
            move=body.get("move", ()),
            offer=body.get("offer", ()),
            reason=body.get("reason", ""),
            if_version=expected_version(request, plan.version),
            actor=self.actor,
            now=self.now,
        )
        return _answer(self, _found(self, clinic, repair))


def _found(view: OfClinic, clinic: str, repair: UUID) -> Repair:
    return the(repairs_seen_by(view.actor, view.clinic(clinic)).filter(id=repair), "joint plan")


def _answer(view: OfClinic, plan: Repair) -> Response:
    rows = rows_of(plan, actor=view.actor, now=view.now)
    facts = {**_summary(view, plan), "series": [_row(row) for row in rows]}
    return tagged(view.request, facts, version=plan.version)


def _summary(view: Endpoint, plan: Repair) -> dict[str, Any]:
    zone = plan.clinic.zone
    return {
        "id": plan.id,
        "clinic": plan.clinic_id,
        "status": status_at(plan, view.now),
        "sessions": plan.sessions,
        "created_at": local(plan.created_at, zone),
        "drawn_up_at": local(plan.drawn_up_at, zone) if plan.drawn_up_at else None,
        "expires_at": local(plan.expires_at, zone) if plan.expires_at else None,
        "figures": plan.figures or None,
        "error": plan.error,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "series": row.series.id,
        "patient": row.series.patient_id,
        "phone": row.series.patient.phone,
        "state": row.state,
        "proposal": row.part.proposal_id,
        "moves": [
            {
                "number": one.number,
                "from": one.before.isoformat(),
                "to": one.after.isoformat(),
                "chair": one.chair,
                "days": one.days,
                "minutes": one.minutes,
            }
            for one in row.moving
        ],
        "left": [
            {"number": one.number, "start": one.start.isoformat(), "detail": one.why} for one in row.stranded
        ],
        "gaps_before": row.gaps[0],
        "gaps_after": row.gaps[1],
        "violations": violation_facts(row.violations),
    }


urlpatterns = [
    path("clinics/<str:clinic>/repairs/", Repairs.as_view(), name="repairs"),
    path("clinics/<str:clinic>/repairs/<uuid:repair>/", OneRepair.as_view(), name="repair"),
    path("clinics/<str:clinic>/repairs/<uuid:repair>/apply/", Application.as_view(), name="repair-apply"),
]
