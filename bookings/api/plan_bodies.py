"""How clients ask for plans, and how plans are said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from bookings.bodies.fields import Body, Ident, Whole, YesNo
from bookings.bodies.times import ClockTime, Day, Instant, Start
from bookings.errors import UnplannableSeries
from bookings.judging import plan_facts
from bookings.models import Series
from bookings.placing import MOST_PLACES
from bookings.snapshot import protocol_of
from scheduler.case import Case, Wish
from scheduler.plans import Replan, Unplannable
from scheduler.spans import instant


class WishBody(Body):
    """When the patient can come. Everything may be left out; what is said is kept."""

    weekdays = serializers.ListField(
        child=Whole(min_value=1, max_value=7), required=False, max_length=7, help_text="1 is Monday."
    )
    not_before = ClockTime(required=False, allow_null=True, help_text="Earliest start, clinic wall-clock.")
    not_after = ClockTime(required=False, allow_null=True, help_text="Latest start, clinic wall-clock.")
    same_time = YesNo(default=False, help_text="All sessions at one time of day.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        earliest, latest = attrs.get("not_before"), attrs.get("not_after")
        if earliest is not None and latest is not None and latest < earliest:
            raise serializers.ValidationError({"not_after": ["This is before not_before."]})
        return attrs


def wish_of(body: dict[str, Any] | None) -> Wish:
    """The wish as the engine knows it."""
    body = body or {}
    return Wish(
        weekdays=frozenset(body.get("weekdays") or ()),
        not_before=body.get("not_before"),
        not_after=body.get("not_after"),
        same_time=body.get("same_time", False),
    )


@extend_schema_field(
    {"oneOf": [{"type": "integer", "minimum": 1, "maximum": 10_000}, {"type": "string", "format": "uuid"}]}
)
class NumberOrId(serializers.Field[int | UUID, Any, Any, Any]):
    """A session of a series: the number that it has there, or its id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._number = Whole(min_value=1, max_value=10_000)

    def to_internal_value(self, data: Any) -> int | UUID:
        return (Ident() if isinstance(data, str) else self._number).run_validation(data)


class PlaceBody(Body):
    """Where one session is to be. A session of a plan may be sent as it is: `number` and `end`
    follow from it.
    """

    start = Start()
    number = Whole(required=False, min_value=1)
    end = Instant(required=False)


def places_field(**options: Any) -> PlaceBody:
    """The places of all sessions."""
    return PlaceBody(many=True, max_length=MOST_PLACES, allow_empty=False, **options)


class PlacedAnswer(serializers.Serializer[Any]):
    """Where one session would be."""

    number = serializers.IntegerField()
    start = Instant()
    end = Instant(help_text="The patient would leave.")


class ReasonAnswer(serializers.Serializer[Any]):
    """What one preference adds to the cost."""

    preference = serializers.CharField()
    cost = serializers.IntegerField()
    detail = serializers.CharField()


class MoveAnswer(serializers.Serializer[Any]):
    """A session that would change its place; `from` is null for one to be made up for."""

    number = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant(allow_null=True), "to": Instant()}


@extend_schema_serializer(component_name="Plan")
class PlanAnswer(serializers.Serializer[Any]):
    """Places for all the sessions that keep every rule together."""

    sessions = PlacedAnswer(many=True)
    finishes = Day(help_text="The date of the last session.")
    cost = serializers.IntegerField(help_text="Lower is better.")
    reasons = ReasonAnswer(many=True)
    moves = MoveAnswer(many=True, required=False, help_text="Of a series that is planned anew.")


class PlansFound(serializers.Serializer[Any]):
    """Plans, best first, and how sure that is."""

    plans = PlanAnswer(many=True)
    proven = serializers.BooleanField(
        help_text="Whether the first plan is proven to be the best of all that keep every rule on the dates "
        "asked about. False where the proof would take too long: the plan keeps every rule, and a question "
        "with fewer dates or a narrower wish may be answered with proof."
    )


def unplannable(case: Case, found: Unplannable) -> UnplannableSeries:
    """The refusal that says what stands in the way of every plan."""
    return UnplannableSeries(
        session=found.session,
        violations=found.violations,
        relaxations=[
            {"rule": one.rule.value, "change": one.change, "plan": plan_facts(case, one.plan)}
            for one in found.relaxations
        ],
    )


def replan_facts(series: Series, found: Replan) -> dict[str, Any]:
    """A way to place what is left of the series, as clients see it, its times aware datetimes."""
    visit = protocol_of(series.protocol_version).visit_minutes
    return {
        "sessions": [
            {"number": place.number, "start": instant(place.start), "end": instant(place.start + visit)}
            for place in found.plan.places
        ],
        "finishes": found.plan.finishes,
        "cost": found.plan.cost,
        "reasons": [
            {"preference": reason.preference, "cost": reason.cost, "detail": reason.detail}
            for reason in found.plan.reasons
        ],
        "moves": [
            {
                "number": move.number,
                "from": None if move.before is None else instant(move.before),
                "to": instant(move.after),
            }
            for move in found.moves
        ],
    }
