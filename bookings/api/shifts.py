"""Which nurses are on duty when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.displaced import DisplacedSession, displaced_answer
from bookings.api.finding import the
from bookings.api.of_clinic import RUNNERS, OfClinic, Period, RosterTime
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.problems import invalid
from bookings.api.schema import describe
from bookings.bodies.fields import Body, Ident
from bookings.bodies.times import local
from bookings.commands import roster
from bookings.models import Clinic, Shift, StaffMember

MOST_SHIFTS = 500


class ShiftBody(Body):
    """One nurse on duty."""

    nurse = Ident(help_text="The id of a member of staff in the role `nurse` who works at the clinic.")
    starts = RosterTime()
    ends = RosterTime()


class ShiftAnswer(serializers.Serializer[Any]):
    """One nurse on duty."""

    id = serializers.UUIDField()
    nurse = serializers.UUIDField()
    nurse_name = serializers.CharField()
    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField()


class Gone(serializers.Serializer[Any]):
    """The sessions that no longer keep their place. Nobody has been moved."""

    displaced = DisplacedSession(many=True)


def _one_or_many(one: dict[str, Any]) -> dict[str, Any]:
    """How the schema shows one of them, or a list."""
    return {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_SHIFTS}]}


_TIME = {"type": "string", "format": "date-time"}
_SHIFT = {
    "type": "object",
    "description": "One nurse on duty.",
    "required": ["nurse", "starts", "ends"],
    "additionalProperties": False,
    "properties": {"nurse": {"type": "string", "format": "uuid"}, "starts": _TIME, "ends": _TIME},
}


class Shifts(OfClinic):
    """Which nurses are on duty when."""

    roles = {"GET": STAFF, "POST": RUNNERS}

    @describe(
        "List the shifts",
        answers={200: page_of(ShiftAnswer, "ShiftPage")},
        query=[Period, PageQuery],
        refusals=["not-found"],
        tag="roster",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """In order of their start; with `from` and `to` those that last into these dates."""
        own = self.clinic(clinic)
        return paged(
            request,
            self.during(own.shifts.select_related("nurse"), own),
            order=("starts", "id"),
            represent=lambda rows: [shift_answer(row, own) for row in rows],
        )

    @describe(
        "Add a shift, or several",
        body={"application/json": _one_or_many(_SHIFT)},
        answers={201: _one_or_many({"$ref": "#/components/schemas/ShiftAnswer"})},
        refusals=["not-found", "busy"],
        tag="roster",
    )
    def post(self, request: Request, clinic: str) -> Response:
        """A list of shifts is taken whole or refused whole, and answered by the list of them.

        A nurse is on duty once at a time, in whatever clinic.
        """
        own = self.clinic(clinic)
        several = isinstance(request.data, list)
        shifts = roster.add_shifts(own, duties=self._duties(several=several), actor=self.actor, now=self.now)
        answers = [shift_answer(shift, own) for shift in shifts]
        return Response(answers if several else answers[0], 201)

    def _duties(self, *, several: bool) -> list[roster.Duty]:
        if several:
            reader = ShiftBody(data=self.request.data, many=True, allow_empty=False, max_length=MOST_SHIFTS)
            reader.is_valid(raise_exception=True)
            bodies: list[dict[str, Any]] = reader.validated_data
        else:
            bodies = [self.body(ShiftBody)]
        nurses = StaffMember.objects.in_bulk({body["nurse"] for body in bodies})
        for place, body in enumerate(bodies):
            if body["nurse"] not in nurses:
                raise invalid(f"{place}.nurse" if several else "nurse", "There is no such nurse.")
        return [roster.Duty(nurses[body["nurse"]], body["starts"], body["ends"]) for body in bodies]


class OneShift(OfClinic):
    """One nurse on duty."""

    roles = {"DELETE": RUNNERS}

    @describe("Remove a shift", answers={200: Gone}, refusals=["not-found", "busy"], tag="roster")
    def delete(self, request: Request, clinic: str, shift: UUID) -> Response:
        """Sessions stay where they are; the answer names those that now lack a nurse."""
        own = self.clinic(clinic)
        found = the(own.shifts.filter(id=shift).select_related("clinic"), "shift")
        displaced = roster.remove_shift(found, actor=self.actor, now=self.now)
        return Response({"displaced": displaced_answer(displaced)})


def shift_answer(shift: Shift, clinic: Clinic) -> dict[str, Any]:
    """A shift, in the clinic's wall-clock."""
    return {
        "id": shift.id,
        "nurse": shift.nurse_id,
        "nurse_name": str(shift.nurse),
        "starts": local(shift.starts, clinic.zone),
        "ends": local(shift.ends, clinic.zone),
    }


urlpatterns = [
    path("clinics/<str:clinic>/shifts/", Shifts.as_view(), name="shifts"),
    path("clinics/<str:clinic>/shifts/<uuid:shift>/", OneShift.as_view(), name="shift"),
]
