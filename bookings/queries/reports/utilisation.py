"""How far chairs and nurses were used, against what was open and who was on duty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bookings import snapshot
from bookings.models import JournalEntry
from bookings.queries.board import Load, nurse_load
from bookings.queries.reports.period import Period
from scheduler.diary import Claim, Diary
from scheduler.hours import opening_span
from scheduler.spans import Minute, Span, Spans, minute
from scheduler.supply import Supply

# Of a claim: no visit holds its chair for longer than 24 hours.
_CLAIMS = """
    SELECT id::text, chair_id::text, (extract(epoch FROM start) / 60)::int, protocol_version_id
    FROM bookings_claim
    WHERE clinic_id = %s AND session_id IS NOT NULL AND start >= %s AND start < %s
"""
_ALWAYS, _NEVER = -(2**40), 2**40


@dataclass(frozen=True, slots=True)
class Used:
    """Minutes of a date, or of several. Whoever was cancelled or did not come takes none."""

    chairs_open: int = 0  # of all chairs, within the weekly hours and outside closures
    chairs_used: int = 0  # of those, under a visit from its start until the chair is free again
    chairs_beyond: int = 0  # under a visit while the chair was not open
    nurses_on_duty: int = 0  # of all nurses
    nurses_needed: int = 0  # what the steps under way take, in the clinic's way of counting
    short: int = 0  # during which fewer nurses were on duty than were needed

    def __add__(self, other: Used) -> Used:
        sums = (getattr(self, one.name) + getattr(other, one.name) for one in fields(Used))
        return Used(*sums)

    @property
    def chairs_share(self) -> float | None:
        """The used part of what was open; None where nothing was."""
        return self.chairs_used / self.chairs_open if self.chairs_open else None

    @property
    def nurses_share(self) -> float | None:
        """Nurses needed against those on duty; more than 1 where they were too few."""
        return self.nurses_needed / self.nurses_on_duty if self.nurses_on_duty else None


@dataclass(frozen=True)
class Utilisation:
    """Each date of the period, in order, and all of them together."""

    days: tuple[tuple[date, Used], ...]

    @property
    def total(self) -> Used:
        return sum((used for _, used in self.days), Used())


def utilisation(period: Period) -> Utilisation:
    """The period as it was used or, where it lies ahead, as it is booked.

    Weekly hours are those of each date, also where they have been changed since; a chair counts from when it
    was added until it was retired. The clinic's way of counting nurses is today's. At most eight queries.
    """
    supply, claims = snapshot.supply_of(period.clinic), _claims(period)
    open_ = _Open(period, supply)
    chairs = {place: [0, 0] for place in range(len(period.days))}  # used, beyond
    for claim in claims:
        for place, part in period.parts(claim.start, claim.end):
            inside = _overlap(part, open_.of_chair(place, claim.chair))
            chairs[place][0] += inside
            chairs[place][1] += part.end - part.start - inside
    nurses = _nurses(period, nurse_load(supply, Diary(claims), Span(period.bounds[0], period.bounds[-1])))
    days = (Used(open_.minutes(place), *chairs[place], *nurses[place]) for place in chairs)
    return Utilisation(tuple(zip(period.days, days, strict=True)))


def _claims(period: Period) -> tuple[Claim, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS, [period.clinic.id, period.starts - timedelta(hours=24), period.ends])
        rows = cursor.fetchall()
    versions = snapshot.protocols_of({version for *_, version in rows})
    steps = {version: protocol.timed_steps for version, protocol in versions.items()}
    return tuple([Claim(claim, chair, start, steps[version]) for claim, chair, start, version in rows])


def _nurses(period: Period, load: tuple[Load, ...]) -> list[list[int]]:
    """Of each date: minutes on duty, minutes needed, minutes with too few."""
    found = [[0, 0, 0] for _ in period.days]
    ends = [point.at for point in load[1:]] + [period.bounds[-1]]
    for point, until in zip(load, ends, strict=True):
        for place, part in period.parts(point.at, until):
            length = part.end - part.start
            found[place][0] += point.on_duty * length
            found[place][1] += point.needed * length
            found[place][2] += length if point.is_short else 0
    return found


class _Open:
    """When each chair could be used on each date of a period. Two queries."""

    def __init__(self, period: Period, supply: Supply) -> None:
        changes = list(_changes(period))
        added = {one["after"].get("chair"): one["at"] for one in changes if one["verb"] == "chair_added"}
        hours = [(one["at"], one["before"]) for one in changes if one["verb"] == "hours_changed"]
        chairs = period.clinic.chairs.values_list("id", "retired_at")
        self._lives = {str(id_): _life(id_, retired, added) for id_, retired in chairs}
        self._closed: dict[str | None, list[Span]] = {}
        for closure in supply.closures_near(period.bounds[0], period.bounds[-1]):
            self._closed.setdefault(closure.chair, []).append(closure.span)
        whole = self._closed.get(None, [])
        self._clinic = [
            _without(_weekly(day, supply, hours, midnight), whole)
            for day, midnight in zip(period.days, period.bounds[1:], strict=True)
        ]
        self._chairs: dict[tuple[int, str], Spans] = {}

    def of_chair(self, place: int, chair: str) -> Spans:
        """The minutes of a date, by its place in the period, at which the chair was open."""
        found = self._chairs.get((place, chair))
        if found is None:
            found = self._clinic[place] & Spans([self._lives[chair]])
            found = _without(found, self._closed.get(chair, []))
            self._chairs[place, chair] = found
        return found

    def minutes(self, place: int) -> int:
        """Those minutes of all chairs."""
        return sum(_length(self.of_chair(place, chair)) for chair in self._lives)


def _changes(period: Period) -> Iterator[Mapping[str, Any]]:
    """The changes of weekly hours since the first date, and every chair that was added, in order."""
    rows = JournalEntry.objects.filter(clinic=period.clinic, verb__in=("hours_changed", "chair_added"))
    yield from rows.order_by("at", "id").values("at", "verb", "before", "after")


def _life(chair: UUID, retired: datetime | None, added: Mapping[str, datetime]) -> Span:
    since = added.get(str(chair))
    starts = minute(since) if since else _ALWAYS
    return Span(starts, max(starts, minute(retired)) if retired else _NEVER)


def _weekly(
    day: date, supply: Supply, changes: list[tuple[datetime, Mapping[str, Any]]], midnight: Minute
) -> Spans:
    """The weekly hours of a date as they stood at its end: what the first change after it replaced."""
    for at, before in changes:
        if minute(at) >= midnight:
            spans = [tuple(map(time.fromisoformat, one)) for one in before.get(str(day.isoweekday()), ())]
            return _opening(day, spans, supply)
    return _opening(
        day, [(one.opens, one.closes) for one in supply.hours if one.weekday == day.isoweekday()], supply
    )


def _opening(day: date, hours: list[Any], supply: Supply) -> Spans:
    found = (opening_span(day, opens, closes, supply.time_zone) for opens, closes in hours)
    return Spans(span for span in found if span.start < span.end)


def _without(spans: Spans, gone: list[Span]) -> Spans:
    near = [one for one in gone if any(one.overlaps(span) for span in spans)]
    return spans - Spans(near) if near else spans


def _overlap(part: Span, spans: Spans) -> int:
    return sum(max(0, min(part.end, span.end) - max(part.start, span.start)) for span in spans)


def _length(spans: Spans) -> int:
    return sum(span.end - span.start for span in spans)
