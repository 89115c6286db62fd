"""Times and dates at the door: read only with their offset, said in the wall-clock of the clinic."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo
from typing import Any, NoReturn

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

#: Nothing is booked before the first or after the last of these years; other dates are typing errors.
FIRST_YEAR, LAST_YEAR = 1990, 2100

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)


def local(at: datetime, zone: tzinfo) -> str:
    """An instant as the zone's wall-clock shows it, with the zone's offset at that instant."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def localised(value: Any, zone: tzinfo) -> Any:
    """A JSON-ready value in which every aware datetime has become text in the zone's wall-clock."""
    if isinstance(value, datetime):
        return local(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): localised(part, zone) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [localised(part, zone) for part in value]
    return value


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.Field[datetime, str, str, Any]):
    """Reads RFC 3339 with an offset; a time without one is refused."""

    default_error_messages = {
        "form": "Not a time: write it like 2026-12-01T09:00:00-05:00.",
        "offset": "This time has no offset: write it like 2026-12-01T09:00:00-05:00.",
        "bounds": f"Only times from {FIRST_YEAR} to {LAST_YEAR} make sense here.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not _INSTANT.fullmatch(data):
            self.fail("offset" if _is_naive(data) else "form")
        try:
            at = datetime.fromisoformat(data.upper())
        except ValueError:
            self.fail("form")
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            self.fail("bounds")
        return at

    def to_representation(self, value: datetime) -> str:
        return value.isoformat(timespec="seconds")


class Start(Instant):
    """Reads the start of a session: a whole minute."""

    default_error_messages = {"whole": "A session starts on a whole minute."}

    def to_internal_value(self, data: Any) -> datetime:
        at = super().to_internal_value(data)
        if at.second or at.microsecond:
            self.fail("whole")
        return at


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field[date, str, str, Any]):
    """Reads a date `YYYY-MM-DD`, in the wall-clock of the clinic."""

    default_error_messages = {
        "form": "Not a date: write it like 2026-12-01.",
        "bounds": f"Only dates from {FIRST_YEAR} to {LAST_YEAR} make sense here.",
    }

    def to_internal_value(self, data: Any) -> date:
        day = _parsed(date, _DAY, data) or self._refuse()
        if not self.first_year <= day.year <= LAST_YEAR:
            self.fail("bounds")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()

    first_year = FIRST_YEAR

    def _refuse(self) -> NoReturn:
        self.fail("form")


class BirthDate(Day):
    """Reads the birth date of a living person."""

    default_error_messages = {"bounds": f"Only dates from 1880 to {LAST_YEAR} make sense here."}
    first_year = 1880


# OpenAPI's own `time` has an offset, and a clinic's wall-clock has none.
@extend_schema_field({"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"})
class ClockTime(serializers.Field[time, str, str, Any]):
    """Reads a time of day `HH:MM` (seconds must be zero), in the wall-clock of the clinic."""

    default_error_messages = {"form": "Not a time of day: write it like 09:30."}

    def to_internal_value(self, data: Any) -> time:
        clock = _parsed(time, _CLOCK, data)
        if clock is None or clock.second:
            self.fail("form")
        return clock

    def to_representation(self, value: time) -> str:
        return value.isoformat(timespec="minutes")


@extend_schema_field(OpenApiTypes.DATETIME)
class ClinicTime(serializers.Field[Any, Any, str, Any]):
    """Says an instant in the wall-clock of the row's clinic; read-only. `clinic` is the way there from the
    row.
    """

    def __init__(self, *, clinic: str = "clinic", **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self._way = clinic.split(".")

    def get_attribute(self, instance: Any) -> Any:
        at = super().get_attribute(instance)
        if at is None:
            return None
        for name in self._way:
            instance = getattr(instance, name)
        return at, instance.zone

    def to_representation(self, value: Any) -> str:
        return local(*value)


def _is_naive(data: Any) -> bool:
    return isinstance(data, str) and _INSTANT.fullmatch(f"{data}Z") is not None


def _parsed(kind: Any, form: re.Pattern[str], data: Any) -> Any:
    if not isinstance(data, str) or not form.fullmatch(data):
        return None
    try:
        return kind.fromisoformat(data)
    except ValueError:
        return None
