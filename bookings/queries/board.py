"""One day of one clinic: everything that the front desk looks at, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from bookings import snapshot
from bookings.actors import Actor
from bookings.models import Chair, Clinic, Closure, Session, Shift, Task, TaskKind
from bookings.queries.sessions import sessions_seen_by
from scheduler.diary import Diary
from scheduler.hours import day_start, opening_span
from scheduler.protocol import NurseNeed
from scheduler.spans import Minute, Span, instant
from scheduler.supply import NursingMode, Supply

#: No visit holds its chair for longer: how far back one that lasts past midnight begins.
_LONGEST_VISIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Load:
    """From this minute on, until the next of them: nurses on duty against steps that take one."""

    at: Minute
    on_duty: int
    exclusive: int
    shared: int
    needed: int

    @property
    def is_short(self) -> bool:
        """Whether more nurses are needed than are on duty."""
        return self.on_duty < self.needed


@dataclass(frozen=True)
class Board:
    """One clinic-local date. What begins before midnight or lasts past it is on both days."""

    clinic: Clinic
    date: date
    day: Span
    opening: tuple[Span, ...]  # weekly hours of the date; closures are told apart
    chairs: Sequence[Chair]  # those in use, and retired ones that are in use today
    shifts: Sequence[Shift]
    closures: Sequence[Closure]
    sessions: Sequence[Session]  # in whatever state
    flags: dict[UUID, list[str]]  # by session: kinds of open tasks, and "overridden"
    load: tuple[Load, ...]


def board(clinic: Clinic, *, day: date, actor: Actor, now: datetime) -> Board:
    """The clinic's day, as far as the actor may see it. A fixed number of queries, whatever is on it."""
    span = Span(day_start(day, clinic.zone), day_start(day + timedelta(days=1), clinic.zone))
    starts, ends = instant(span.start), instant(span.end)
    today = Q(starts__lt=ends, ends__gt=starts)
    supply = snapshot.supply_of(clinic)
    sessions = list(_sessions(actor, clinic, starts, ends))
    return Board(
        clinic=clinic,
        date=day,
        day=span,
        opening=opening_of(supply, day),
        chairs=_chairs(clinic, sessions),
        shifts=list(clinic.shifts.filter(today).select_related("nurse").order_by("starts", "id")),
        closures=list(clinic.closures.filter(today).select_related("chair").order_by("starts", "id")),
        sessions=sessions,
        flags=flags_of(sessions),
        load=nurse_load(supply, snapshot.load_diary(clinic, day, day, now=now), span),
    )


def nurse_load(supply: Supply, diary: Diary, span: Span) -> tuple[Load, ...]:
    """How nurses are taken over the span: a point for each minute at which anything changes. Holds count."""
    changes: dict[Minute, list[int]] = {span.start: [0, 0, 0]}

    def change(starts: Minute, ends: Minute, kind: int) -> None:
        if starts < span.end and ends > span.start:
            changes.setdefault(max(starts, span.start), [0, 0, 0])[kind] += 1
            changes.setdefault(min(ends, span.end), [0, 0, 0])[kind] -= 1

    for shift in supply.shifts_near(span.start, span.end):
        change(shift.start, shift.end, 0)
    for claim in diary.near(span.start, span.end):
        for timed in claim.steps:
            if timed.step.nurse is not NurseNeed.NONE:
                kind = 1 if timed.step.nurse is NurseNeed.EXCLUSIVE else 2
                change(claim.start + timed.starts, claim.start + timed.ends, kind)
    return tuple(_points(supply, changes, span))


def _points(supply: Supply, changes: dict[Minute, list[int]], span: Span) -> Iterable[Load]:
    nurses = exclusive = shared = 0
    said: tuple[int, int, int] | None = None
    for at in sorted(changes):
        nurses, exclusive, shared = (
            before + more for before, more in zip((nurses, exclusive, shared), changes[at], strict=True)
        )
        if at < span.end and (nurses, exclusive, shared) != said:
            said = nurses, exclusive, shared
            yield Load(at, nurses, exclusive, shared, _needed(supply, exclusive, shared))


def _needed(supply: Supply, exclusive: int, shared: int) -> int:
    """Nurses that so many steps take, in the clinic's way of counting."""
    per_nurse = supply.patients_per_nurse
    if supply.nursing_mode is NursingMode.STRICT:
        return exclusive + -(-shared // per_nurse)
    return max(exclusive, -(-(exclusive + shared) // per_nurse))


def _sessions(actor: Actor, clinic: Clinic, starts: datetime, ends: datetime) -> Iterable[Session]:
    return (
        sessions_seen_by(actor)
        .filter(
            clinic=clinic,
            start__lt=ends,
            start__gt=starts - _LONGEST_VISIT,
            chair_until__gt=starts,
        )
        .select_related("patient", "series", "clinic", "chair")
        .prefetch_related("series__protocol_version__protocol")
        .order_by("start", "chair__name", "id")
    )


def opening_of(supply: Supply, day: date) -> tuple[Span, ...]:
    """The weekly hours of a clinic-local date, in order; closures are told apart."""
    spans = (
        opening_span(day, hours.opens, hours.closes, supply.time_zone)
        for hours in supply.hours
        if hours.weekday == day.isoweekday()
    )
    return tuple(span for span in spans if span.start < span.end)


def _chairs(clinic: Clinic, sessions: Iterable[Session]) -> Sequence[Chair]:
    used = {session.chair_id for session in sessions}
    return list(clinic.chairs.filter(Q(retired_at__isnull=True) | Q(id__in=used)).order_by("name"))


def flags_of(sessions: Sequence[Session]) -> dict[UUID, list[str]]:
    """Kinds of open tasks, and `overridden`, by session. Tasks about its series as a whole count as its own,
    and so does an assessment that is due after an earlier phase of the course. One query.
    """
    kinds: dict[object, set[str]] = {}
    tasks = Task.objects.filter(
        series__patient__in={session.patient_id for session in sessions}, resolved_at__isnull=True
    ).values_list("session_id", "series_id", "series__patient_id", "series__spacing_group", "kind")
    for session_id, series_id, *course, kind in tasks:
        kinds.setdefault(session_id or series_id, set()).add(kind)
        if kind == TaskKind.ASSESS:
            kinds.setdefault(tuple(course), set()).add(kind)
    return {
        session.id: sorted(
            kinds.get(session.id, set())
            | kinds.get(session.series_id, set())
            | kinds.get((session.patient_id, session.series.spacing_group), set())
            | ({"overridden"} if session.overrides else set())
        )
        for session in sessions
    }
