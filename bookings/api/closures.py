"""Times without patients: in the whole clinic, or in one chair."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.displaced import DisplacedSession, displaced_answer
from bookings.api.finding import the
from bookings.api.of_clinic import RUNNERS, OfClinic, Period, RosterTime, chair_of
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.api.session_answers import ChairAnswer
from bookings.bodies.fields import Body, Ident, Text
from bookings.bodies.times import local
from bookings.commands import roster
from bookings.models import Clinic, Closure


class ClosureBody(Body):
    """A time without patients."""

    starts = RosterTime()
    ends = RosterTime()
    reason = Text(max_length=300, required=False, allow_blank=True)
    chair = Ident(required=False, allow_null=True, help_text="Only this chair; else the whole clinic.")


class ClosureAnswer(serializers.Serializer[Any]):
    """A time without patients: in one chair, or in the whole clinic when `chair` is null."""

    id = serializers.UUIDField()
    starts = serializers.DateTimeField()
    ends = serializers.DateTimeField()
    reason = serializers.CharField()
    chair = ChairAnswer(allow_null=True)


class NewClosure(ClosureAnswer):
    """The closure, and the sessions that no longer keep their place. Nobody has been moved."""

    displaced = DisplacedSession(many=True)


class Closures(OfClinic):
    """Times without patients."""

    roles = {"GET": STAFF, "POST": RUNNERS}

    @describe(
        "List the closures",
        answers={200: page_of(ClosureAnswer, "ClosurePage")},
        query=[Period, PageQuery],
        refusals=["not-found"],
        tag="roster",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """In order of their start; with `from` and `to` those that last into these dates."""
        own = self.clinic(clinic)
        return paged(
            request,
            self.during(own.closures.select_related("chair"), own),
            order=("starts", "id"),
            represent=lambda rows: [closure_answer(row, own) for row in rows],
        )

    @describe(
        "Close the clinic or a chair",
        body=ClosureBody,
        answers={201: NewClosure},
        refusals=["not-found", "busy"],
        examples=[
            OpenApiExample(
                "A chair breaks",
                value={
                    "starts": "2026-04-15T12:00:00-04:00",
                    "ends": "2026-04-17T17:00:00-04:00",
                    "reason": "Chair out of order",
                    "chair": "019d1c9e-6a00-7000-8000-000000000002",
                },
                request_only=True,
            )
        ],
        tag="roster",
    )
    def post(self, request: Request, clinic: str) -> Response:
        """Booked sessions stay where they are; the answer names those that no longer fit."""
        own, body = self.clinic(clinic), self.body(ClosureBody)
        chair_id = body.get("chair")
        closure, displaced = roster.close(
            own,
            starts=body["starts"],
            ends=body["ends"],
            reason=body.get("reason", ""),
            chair=chair_of(own, chair_id) if chair_id else None,
            actor=self.actor,
            now=self.now,
        )
        return Response({**closure_answer(closure, own), "displaced": displaced_answer(displaced)}, 201)


class OneClosure(OfClinic):
    """One time without patients."""

    roles = {"DELETE": RUNNERS}

    @describe("Reopen early", answers={204: None}, refusals=["not-found", "busy"], tag="roster")
    def delete(self, request: Request, clinic: str, closure: UUID) -> Response:
        """Patients who were moved meanwhile are not moved back."""
        own = self.clinic(clinic)
        found = the(own.closures.filter(id=closure).select_related("clinic"), "closure")
        roster.reopen(found, actor=self.actor, now=self.now)
        return Response(status=204)


def closure_answer(closure: Closure, clinic: Clinic) -> dict[str, Any]:
    """A closure, in the clinic's wall-clock."""
    chair = closure.chair
    return {
        "id": closure.id,
        "starts": local(closure.starts, clinic.zone),
        "ends": local(closure.ends, clinic.zone),
        "reason": closure.reason,
        "chair": {"id": chair.id, "name": chair.name} if chair else None,
    }


urlpatterns = [
    path("clinics/<str:clinic>/closures/", Closures.as_view(), name="closures"),
    path("clinics/<str:clinic>/closures/<uuid:closure>/", OneClosure.as_view(), name="closure"),
]
