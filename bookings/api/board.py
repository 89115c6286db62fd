"""The board: one day of one clinic, on one page."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.chairs import RosterChair, chair_answer
from bookings.api.closures import ClosureAnswer, closure_answer
from bookings.api.of_clinic import OfClinic
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.api.session_answers import SessionAnswer
from bookings.api.shifts import ShiftAnswer, shift_answer
from bookings.bodies.fields import Query
from bookings.bodies.times import Day, local
from bookings.clinical import flags_for
from bookings.models import Session
from bookings.queries.board import Board, board
from scheduler.spans import Span, instant


class BoardQuery(Query):
    """Which day."""

    date = Day(required=False, help_text="Clinic-local; today unless given.")


class SpanAnswer(serializers.Serializer[Any]):
    """From, until."""

    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField()


class BoardSession(SessionAnswer):
    """A session as anywhere else, with who and what it is for, and why somebody should look at it."""

    patient_name = serializers.CharField(source="patient.__str__")
    protocol = serializers.CharField(source="series.protocol_version.protocol.slug", help_text="The slug.")
    phase = serializers.CharField(source="series.phase")
    needs_escort = serializers.SerializerMethodField()
    flags = serializers.SerializerMethodField(
        help_text="Kinds of open tasks about it or its series, and `overridden`."
    )

    def get_needs_escort(self, session: Session) -> bool:
        return bool(session.series.protocol_version.rules.get("needs_escort"))

    def get_flags(self, session: Session) -> list[str]:
        flags: dict[Any, list[str]] = self.context["flags"]
        return flags_for(self.context["actor"], flags[session.id])


class LoadAnswer(serializers.Serializer[Any]):
    """From `at` until the next of them."""

    at = serializers.DateTimeField()
    on_duty = serializers.IntegerField(help_text="Nurses.")
    exclusive = serializers.IntegerField(help_text="Steps under way that take one nurse alone.")
    shared = serializers.IntegerField(help_text="Steps under way that share one.")
    needed = serializers.IntegerField(
        help_text="Nurses that these steps take, in the clinic's way of counting."
    )
    short = serializers.BooleanField(help_text="More are needed than are on duty.")


class BoardAnswer(serializers.Serializer[Any]):
    """One day of one clinic. What begins before midnight or lasts past it is on both days."""

    clinic = serializers.UUIDField()
    date = serializers.DateField()
    open = SpanAnswer(many=True, help_text="The weekly hours of this date; closures are listed beside them.")
    closures = ClosureAnswer(many=True)
    chairs = RosterChair(many=True)
    shifts = ShiftAnswer(many=True)
    sessions = BoardSession(many=True)
    nursing = LoadAnswer(many=True, help_text="A point for each minute at which it changes; holds count.")


class DayBoard(OfClinic):
    """One day of one clinic."""

    roles = {"GET": STAFF}

    @describe(
        "Show the board of a day",
        answers={200: BoardAnswer},
        query=BoardQuery,
        refusals=["not-found"],
        tag="board",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """Who comes when, in which chair, under whose eyes: sessions of every state, shifts and closures."""
        own = self.clinic(clinic)
        day = self.query(BoardQuery).get("date") or self.now.astimezone(own.zone).date()
        found = board(own, day=day, actor=self.actor, now=self.now)
        context = {"actor": self.actor, "now": self.now, "flags": found.flags}
        return Response(
            {
                "clinic": own.id,
                "date": day,
                "open": [_span(span, found) for span in found.opening],
                "closures": [closure_answer(closure, own) for closure in found.closures],
                "chairs": [chair_answer(chair) for chair in found.chairs],
                "shifts": [shift_answer(shift, own) for shift in found.shifts],
                "sessions": BoardSession(found.sessions, many=True, context=context).data,
                "nursing": [
                    {
                        "at": local(instant(load.at), own.zone),
                        "on_duty": load.on_duty,
                        "exclusive": load.exclusive,
                        "shared": load.shared,
                        "needed": load.needed,
                        "short": load.is_short,
                    }
                    for load in found.load
                ],
            }
        )


def _span(span: Span, of: Board) -> dict[str, str]:
    zone = of.clinic.zone
    return {"starts": local(instant(span.start), zone), "ends": local(instant(span.end), zone)}


urlpatterns = [path("clinics/<str:clinic>/day/", DayBoard.as_view(), name="board")]
