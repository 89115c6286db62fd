"""Which sessions of an active series its clearance does not cover, and whether more would: pure."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from bookings.course import Course
from bookings.lifecycle import GONE
from bookings.models import SeriesStatus
from scheduler.violations import Rule
from scheduler.wording import day_words, plural


def beyond_clearance(course: Course) -> Iterator[tuple[UUID, str]]:
    """The sessions to come that are after the end of the clearance, or more than it covers, each with the
    reason; none that a prescriber has allowed.
    """
    if not _is_bound(course):
        return
    clearance = course.series.clearance
    more = set(course.under_clearance[clearance.sessions :]) if clearance else set()
    for session in course.ahead:
        if any(one["rule"] == Rule.CLEARANCE for one in session.overrides):
            continue
        if clearance is None:
            yield session.id, "There is no clearance for this session."
        elif course.date_of(session.start) > clearance.expires:
            words = day_words(clearance.expires)
            yield session.id, f"The clearance ends on {words}, before session {session.number}."
        elif session.id in more:
            words = plural(clearance.sessions, "session")
            yield session.id, f"The clearance covers {words}, {len(course.under_clearance)} are booked."


def missing_clearance(course: Course) -> int:
    """How many sessions are to be made up for that could not be booked under the clearance."""
    wanted, clearance = course.case.phase.sessions, course.series.clearance
    if not _is_bound(course) or wanted is None or not any(one.status in GONE for one in course.sessions):
        return 0
    missing = max(0, wanted - len(course.kept))
    if missing == 0 or clearance is None:
        return missing
    is_over = clearance.expires < course.date_of(course.now)
    left = 0 if is_over else clearance.sessions - len(course.under_clearance)
    return missing if left < missing else 0


def is_short(course: Course) -> bool:
    """Whether an active series needs more clearance than it has."""
    return any(True for _ in beyond_clearance(course)) or missing_clearance(course) > 0


def _is_bound(course: Course) -> bool:
    return course.protocol.needs_clearance and course.series.status == SeriesStatus.ACTIVE
