"""A clinic's weekly opening hours, in its own wall-clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.displaced import DisplacedSession, displaced_answer
from bookings.api.etags import expected_version, tagged
from bookings.api.of_clinic import MANAGERS, OfClinic
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.hours import WEEKDAYS, OpenFrom, Week
from bookings.commands.roster import change_hours
from bookings.models import Clinic


class WeekAnswer(serializers.Serializer[Any]):
    """For each ISO weekday, 1 Monday to 7 Sunday, when the clinic is open."""

    def get_fields(self) -> dict[str, Any]:
        return {str(weekday): OpenFrom(many=True) for weekday in WEEKDAYS}


class ChangedWeek(WeekAnswer):
    """The hours, and the sessions that no longer keep their place. Nobody has been moved."""

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "displaced": DisplacedSession(many=True)}


_WORKDAYS = {str(weekday): [{"opens": "08:00", "closes": "17:00"}] for weekday in range(1, 6)}
_EXAMPLE = OpenApiExample("Monday to Friday", value=_WORKDAYS, request_only=True)


class Hours(OfClinic):
    """The weekly hours. Their ETag is of the clinic's whole roster."""

    roles = {"GET": STAFF, "PUT": MANAGERS, "PATCH": MANAGERS, "POST": MANAGERS}

    @describe("Show the hours", answers={200: WeekAnswer}, refusals=["not-found"], tagged=True, tag="roster")
    def get(self, request: Request, clinic: str) -> Response:
        """A weekday without hours is closed."""
        own = self.clinic(clinic)
        return tagged(request, week_answer(own), version=own.roster_version)

    @describe(
        "Set the hours",
        body=Week,
        answers={200: ChangedWeek},
        refusals=["not-found", "busy"],
        tagged=True,
        examples=[_EXAMPLE],
        tag="roster",
    )
    def put(self, request: Request, clinic: str) -> Response:
        """These hours and no others: a weekday that is left out is closed. Booked sessions stay."""
        own = self.clinic(clinic)
        return self._change(request, own, self.body(Week))

    @describe(
        "Change the hours of some weekdays",
        body=Week,
        answers={200: ChangedWeek},
        refusals=["not-found", "busy"],
        tagged=True,
        tag="roster",
    )
    def patch(self, request: Request, clinic: str) -> Response:
        """A weekday that is left out stays as it is."""
        own = self.clinic(clinic)
        return self._change(request, own, {**week_of(own), **self.body(Week)})

    @describe(
        "Set the hours by POST",
        body=Week,
        answers={200: ChangedWeek},
        refusals=["not-found", "busy"],
        tagged=True,
        tag="roster",
    )
    def post(self, request: Request, clinic: str) -> Response:
        """The same as PUT."""
        own = self.clinic(clinic)
        return self._change(request, own, self.body(Week))

    def _change(self, request: Request, clinic: Clinic, week: Mapping[str, Any]) -> Response:
        displaced = change_hours(
            clinic,
            hours={
                int(weekday): [(span["opens"], span["closes"]) for span in spans]
                for weekday, spans in week.items()
                if spans
            },
            if_version=expected_version(request, clinic.roster_version),
            actor=self.actor,
            now=self.now,
        )
        data = {**week_answer(clinic), "displaced": displaced_answer(displaced)}
        return tagged(request, data, version=clinic.roster_version)


def week_of(clinic: Clinic) -> dict[str, list[dict[str, time]]]:
    """The clinic's hours by weekday. One query."""
    week: dict[str, list[dict[str, time]]] = {str(weekday): [] for weekday in WEEKDAYS}
    for row in clinic.opening_hours.all():
        week[str(row.weekday)].append({"opens": row.opens, "closes": row.closes})
    return week


def week_answer(clinic: Clinic) -> dict[str, Any]:
    """The clinic's hours by weekday, as text."""
    return {
        weekday: [{name: f"{clock:%H:%M}" for name, clock in span.items()} for span in spans]
        for weekday, spans in week_of(clinic).items()
    }


urlpatterns = [path("clinics/<str:clinic>/hours/", Hours.as_view(), name="hours")]
