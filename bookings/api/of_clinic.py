"""What the endpoints of one clinic's roster share."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from bookings.api.endpoint import Endpoint
from bookings.api.finding import own_clinic_of, the
from bookings.bodies.fields import Query
from bookings.bodies.times import Day, Instant
from bookings.models import Chair, Clinic, Role

MANAGERS = frozenset({Role.MANAGER})
#: Who runs the day closes and reopens, and puts nurses on duty.
RUNNERS = frozenset({Role.MANAGER, Role.FRONT_DESK})


class RosterTime(Instant):
    """Reads a time at which something of the roster begins or ends: a whole minute."""

    default_error_messages = {"whole": "This begins and ends on whole minutes."}

    def to_internal_value(self, data: Any) -> datetime:
        at = super().to_internal_value(data)
        if at.second or at.microsecond:
            self.fail("whole")
        return at


class Period(Query):
    """Clinic-local dates, both included."""

    def get_fields(self) -> dict[str, Any]:
        return {  # `from` is no name for a class attribute
            **super().get_fields(),
            "from": Day(required=False, help_text="The first date."),
            "to": Day(required=False, help_text="The last date."),
        }


class OfClinic(Endpoint):
    """Something of one clinic, for those who work there."""

    roles = {}

    def clinic(self, key: str) -> Clinic:
        """The clinic of the address; from here on refusals name times in its zone."""
        clinic = own_clinic_of(key, self.actor)
        self.zone = clinic.zone
        return clinic

    def during(self, rows: QuerySet[Any], clinic: Clinic) -> QuerySet[Any]:
        """Those of the rows that last into the dates of the query."""
        query = self.query(Period)
        if "from" in query:
            rows = rows.filter(ends__gt=_midnight(query["from"], clinic))
        if "to" in query:
            rows = rows.filter(starts__lt=_midnight(query["to"] + timedelta(days=1), clinic))
        return rows


def chair_of(clinic: Clinic, chair: UUID) -> Chair:
    return the(clinic.chairs.filter(id=chair).select_related("clinic"), "chair")


def _midnight(day: date, clinic: Clinic) -> datetime:
    return datetime.combine(day, time(), clinic.zone)
