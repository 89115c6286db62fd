"""Several days of one clinic at a glance, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from bookings import snapshot
from bookings.actors import Actor
from bookings.models import Clinic, Closure, Session, Shift
from bookings.queries.board import flags_of, opening_of
from bookings.queries.sessions import sessions_seen_by
from scheduler.hours import day_start
from scheduler.spans import Span, instant


@dataclass(frozen=True)
class Glance:
    """One clinic-local date: what begins on it, and the closures and shifts that reach into it."""

    date: date
    opening: tuple[Span, ...]
    closures: Sequence[Closure]
    shifts: Sequence[Shift]
    sessions: Sequence[Session]


@dataclass(frozen=True)
class Week:
    """Days in order, and the flags of all their sessions as `flags_of` has them."""

    days: tuple[Glance, ...]
    flags: dict[UUID, list[str]]


def week(clinic: Clinic, *, first: date, days: int = 7, actor: Actor) -> Week:
    """So many days from the first on, as far as the actor may see them."""
    dates = [first + timedelta(days=ahead) for ahead in range(days)]
    bounds = [_instant(day, clinic) for day in (*dates, first + timedelta(days=days))]
    within = {"starts__lt": bounds[-1], "ends__gt": bounds[0]}
    closures = list(clinic.closures.filter(**within).select_related("chair").order_by("starts", "id"))
    shifts = list(clinic.shifts.filter(**within).select_related("nurse").order_by("starts", "id"))
    seen = sessions_seen_by(actor).filter(clinic=clinic, start__gte=bounds[0], start__lt=bounds[-1])
    sessions = list(
        seen.select_related("patient", "series", "clinic", "chair").order_by("start", "chair__name", "id")
    )
    supply = snapshot.supply_of(clinic)
    return Week(
        days=tuple(
            Glance(
                date=day,
                opening=opening_of(supply, day),
                closures=[one for one in closures if one.starts < ends and one.ends > starts],
                shifts=[one for one in shifts if one.starts < ends and one.ends > starts],
                sessions=[one for one in sessions if starts <= one.start < ends],
            )
            for day, starts, ends in zip(dates, bounds, bounds[1:], strict=False)
        ),
        flags=flags_of(sessions),
    )


def _instant(day: date, clinic: Clinic) -> datetime:
    return instant(day_start(day, clinic.zone))
