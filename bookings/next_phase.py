"""The phase that follows one that is over: what there is to be placed of it, and where that could be."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bookings import snapshot, watchlist
from bookings.actors import Actor
from bookings.course import Course
from bookings.errors import UnplannableSeries, WrongState
from bookings.milestones import phase_to_begin
from bookings.models import Series
from bookings.replanning import Left, Ways, propose
from bookings.treatments import current_version, resolve_phase
from scheduler.spans import minute


def left_to_begin(course: Course, series: Series, *, actor: Actor) -> Left | None:
    """All sessions of the phase that could begin now, or the first one of an open-ended phase, by the version
    that is booked today; None where no phase could, or a prescriber must clear the patient first.

    `series` is the one of the course, as it was read just now.
    """
    following = phase_to_begin(course)
    if following is None or not course.is_cleared_for(following):
        return None
    version = current_version(series.protocol_version.protocol, clinic=series.clinic, now=course.now)
    name = resolve_phase(version, following.name, patient_id=series.patient_id)
    wanted = snapshot.protocol_of(version).phase(name).sessions or 1
    return Left(
        series=series,
        version=version,
        onto=None,
        sessions=(),
        missing=tuple(range(1, wanted + 1)),
        actor=actor,
        now=course.now,
        next_phase=name,
    )


def left_after(series: Series, *, actor: Actor, now: datetime) -> Left:
    """The same, read now. Refuses with `WrongState` where there is nothing to begin."""
    (course,) = watchlist.load([series.id], now=now)
    left = left_to_begin(course, series, actor=actor)
    if left is None:
        detail = "The next phase has begun already, or may not begin yet."
        raise WrongState(detail, now=series.status, allowed=())
    return left


def ways_to_begin(left: Left) -> Ways:
    """Where those sessions could be, best first: from the target gap of the phase after the last session on,
    and sooner only where there is no way from then on. Refuses with `UnplannableSeries` where there is none.
    """
    aimed = _aimed_at(left)
    if aimed is not None:
        try:
            return propose(left, earliest=aimed, wish=None, gently=False)
        except UnplannableSeries:
            pass
    return propose(left, earliest=None, wish=None, gently=False)


def _aimed_at(left: Left) -> date | None:
    """The date of the target gap after the last session, where it is still to come."""
    supply = snapshot.supply_of(left.series.clinic)
    target = snapshot.protocol_of(left.version).phase(left.next_phase).spacing.target_gap_days
    if target is None:
        return None
    last = left.series.sessions.latest("start")
    aimed = supply.date_of(minute(last.start)) + timedelta(days=target)
    return aimed if aimed > supply.date_of(minute(left.now)) else None
