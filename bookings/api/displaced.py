"""How answers name the sessions that a change of the roster leaves without a proper place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.api.session_answers import ChairAnswer
from bookings.bodies.times import local
from bookings.displacement import Displaced
from bookings.errors import violation_facts


@extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/Violation"}})
class Violations(serializers.JSONField):
    """The rules that are broken."""


class DisplacedSession(serializers.Serializer[Any]):
    """A session that stays booked, and the rules that its place no longer keeps."""

    id = serializers.UUIDField()
    series = serializers.UUIDField()
    number = serializers.IntegerField()
    patient = serializers.UUIDField()
    status = serializers.CharField()
    chair = ChairAnswer()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    violations = Violations()


def displaced_answer(displaced: Iterable[Displaced]) -> list[dict[str, Any]]:
    """The sessions with their reasons, in the wall-clock of their clinic."""
    return [_answer(one) for one in displaced]


def _answer(one: Displaced) -> dict[str, Any]:
    session = one.session
    zone = session.clinic.zone
    return {
        "id": session.id,
        "series": session.series_id,
        "number": session.number,
        "patient": session.patient_id,
        "status": session.status,
        "chair": {"id": session.chair_id, "name": session.chair.name},
        "start": local(session.start, zone),
        "end": local(session.end, zone),
        "violations": violation_facts(one.violations),
    }
