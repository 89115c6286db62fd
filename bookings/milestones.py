"""What the course of time asks of a person, where no rule is broken: pure, from values that are at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bookings.assessments import IN_SIGHT, is_stopped, owed_after
from bookings.course import Course, Finding
from bookings.lifecycle import EXPECTED, FINISHED
from bookings.models import SeriesStatus, TaskKind
from scheduler.protocol import Phase
from scheduler.spans import instant, minute
from scheduler.wording import day_words, plural


def milestones(course: Course) -> Iterator[Finding]:
    """Visits whose patient has not come by the end of the grace time, an assessment that is due, and a phase
    that is over with nothing booked of the one that follows.
    """
    yield from _not_arrived(course)
    is_over = course.series.status == SeriesStatus.COMPLETED
    if course.series.status == SeriesStatus.CANCELLED or (is_over and not _is_in_sight(course)):
        return
    owed = owed_after(course.case.phase, course.sessions, course.decisions)
    if owed is not None:
        yield _assessment(course, owed)
    elif following := phase_to_begin(course):
        yield _finished(course, following)


def phase_to_begin(course: Course) -> Phase | None:
    """The phase that could begin now: this series is over, nothing is booked after it, and no prescriber is
    to look at the patient first or has stopped the course. None where there is none.
    """
    is_over = course.series.status == SeriesStatus.COMPLETED and _is_in_sight(course)
    if not is_over or is_stopped(course.decisions) or _goes_on(course):
        return None
    owed = owed_after(course.case.phase, course.sessions, course.decisions)
    return _following(course) if owed is None else None


def _is_in_sight(course: Course) -> bool:
    return bool(course.kept) and course.now - course.kept[-1].start <= IN_SIGHT


def _assessment(course: Course, after: int) -> Finding:
    """To be made before the next session of the treatment begins, whatever its series."""
    given = [one for one in course.kept if one.status in FINISHED]
    last = minute(given[-1].start)
    group = course.protocol.spacing_group
    following = (one.start for one in course.timeline if one.start > last and one.spacing_group == group)
    upcoming = next(following, None)
    detail = f"An assessment is needed after {plural(after, 'session')}, before the next one begins."
    return Finding(TaskKind.ASSESS, None, detail, None if upcoming is None else instant(upcoming))


def _not_arrived(course: Course) -> Iterator[Finding]:
    """Nobody is marked as missing by a machine: after hours in which none worked, the patient may well have
    been there.
    """
    minutes = course.series.clinic.no_show_after_minutes
    for session in course.sessions:
        if session.status in EXPECTED and session.start + timedelta(minutes=minutes) <= course.now:
            detail = f"{minutes} minutes after the start of session {session.number}, nobody has checked in."
            yield Finding(TaskKind.NOT_ARRIVED, session.id, detail, session.end)


def _goes_on(course: Course) -> bool:
    day = course.date_of(course.kept[-1].start)
    mine = {str(one.id) for one in course.kept}
    return any(
        one.start > course.case.now
        or (one.date >= day and one.id not in mine and one.spacing_group == course.protocol.spacing_group)
        for one in course.timeline
    )


def _finished(course: Course, following: Phase) -> Finding:
    day = course.date_of(course.kept[-1].start)
    detail = f"{course.series.phase} ended on {day_words(day)}, and nothing is booked of {following.name}."
    bound = following.spacing.max_gap_days
    until = course.after(day, days=bound) if bound is not None else None
    if until is not None:
        due = day_words(day + timedelta(days=bound or 0))
        detail = f"{detail} Its first session is due by {due}."
    if not course.is_cleared_for(following):
        detail = f"{detail} A clearance is needed first."
    return Finding(TaskKind.PHASE_FINISHED, None, detail, until)


def _following(course: Course) -> Phase | None:
    """The phase after the one of this series."""
    names = [phase.name for phase in course.protocol.phases]
    following = names.index(course.series.phase) + 1
    return course.protocol.phases[following] if following < len(names) else None
