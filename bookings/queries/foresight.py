"""What a change of the roster would do, before it is made: the sessions that would not keep their place.

The same judgement as after the change (`bookings.displacement`), by a supply that is changed only in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bookings import snapshot
from bookings.displacement import Displaced, displaced, waiting
from bookings.models import Chair, Clinic, Shift
from bookings.weekly import Hours
from scheduler.spans import Span, minute
from scheduler.supply import Closure, NursingMode, OpeningHours


def if_closed(
    clinic: Clinic, *, starts: datetime, ends: datetime, chair: Chair | None = None, now: datetime
) -> tuple[Displaced, ...]:
    """The sessions that a closure of the clinic, or of one chair, would displace; in order of time."""
    supply = snapshot.supply_of(clinic)
    closure = Closure(Span(minute(starts), minute(ends)), chair=str(chair.id) if chair else None)
    sessions = waiting(clinic, now=now).filter(start__lt=ends, chair_until__gt=starts)
    if chair is not None:
        sessions = sessions.filter(chair=chair)
    return displaced(clinic, sessions, now=now, supply=replace(supply, closures=(*supply.closures, closure)))


def if_off_duty(shift: Shift, *, now: datetime) -> tuple[Displaced, ...]:
    """The sessions that would lack a nurse without that shift; in order of time."""
    clinic, gone = shift.clinic, Span(minute(shift.starts), minute(shift.ends))
    supply = snapshot.supply_of(clinic)
    left = tuple(one for one in supply.shifts if not (one.nurse == str(shift.nurse_id) and one.span == gone))
    sessions = waiting(clinic, now=now).filter(start__lt=shift.ends, chair_until__gt=shift.starts)
    return displaced(clinic, sessions, now=now, supply=replace(supply, shifts=left))


def if_hours(clinic: Clinic, *, hours: Hours, now: datetime) -> tuple[Displaced, ...]:
    """The sessions that exactly these weekly hours would displace; in order of time."""
    rows = tuple(
        OpeningHours(weekday, opens, closes)
        for weekday, spans in sorted(hours.items())
        for opens, closes in sorted(spans)
    )
    supply = replace(snapshot.supply_of(clinic), hours=rows)
    return displaced(clinic, waiting(clinic, now=now), now=now, supply=supply)


def if_chair(chair: Chair, *, features: Iterable[str], retired: bool, now: datetime) -> tuple[Displaced, ...]:
    """The sessions that would lose this chair if it had only these features, or was retired."""
    clinic, name = chair.clinic, str(chair.id)
    supply = snapshot.supply_of(clinic)
    changed = tuple(
        replace(one, features=frozenset(features)) if one.id == name else one
        for one in supply.chairs
        if not (retired and one.id == name)
    )
    sessions = waiting(clinic, now=now).filter(chair=chair)
    return displaced(clinic, sessions, now=now, supply=replace(supply, chairs=changed))


def if_nursed(
    clinic: Clinic, *, nursing_mode: str, patients_per_nurse: int, now: datetime
) -> tuple[Displaced, ...]:
    """The sessions for which nurses would not suffice if they were counted in this way."""
    supply = replace(
        snapshot.supply_of(clinic),
        nursing_mode=NursingMode(nursing_mode),
        patients_per_nurse=patients_per_nurse,
    )
    return displaced(clinic, waiting(clinic, now=now), now=now, supply=supply)
