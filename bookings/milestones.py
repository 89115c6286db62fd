"""What the course of time asks of a person, where no rule is broken: pure, from values that are at hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bookings.findings import Course, Finding
from bookings.lifecycle import EXPECTED
from bookings.models import SeriesStatus, TaskKind
from scheduler.protocol import Phase
from scheduler.wording import day_words

#: For so long after its last session a finished phase is kept in sight: a quarter of a year, which is as far
#: ahead as openings are looked for.
IN_SIGHT = timedelta(days=92)


def milestones(course: Course) -> Iterator[Finding]:
    """Visits whose patient has not come by the end of the grace time, and a phase that is over with nothing
    booked of the one that follows.
    """
    yield from _not_arrived(course)
    if course.series.status == SeriesStatus.COMPLETED:
        yield from _finished(course)


def _not_arrived(course: Course) -> Iterator[Finding]:
    """Nobody is marked as missing by a machine: after hours in which none worked, the patient may well have
    been there.
    """
    minutes = course.series.clinic.no_show_after_minutes
    for session in course.sessions:
        if session.status in EXPECTED and session.start + timedelta(minutes=minutes) <= course.now:
            detail = f"{minutes} minutes after the start of session {session.number}, nobody has checked in."
            yield Finding(TaskKind.NOT_ARRIVED, session.id, detail, session.end)


def _finished(course: Course) -> Iterator[Finding]:
    following = _following(course)
    if following is None or not course.kept:
        return
    last = course.kept[-1]
    day = course.date_of(last.start)
    mine = {str(one.id) for one in course.kept}
    goes_on = any(
        one.start > course.case.now
        or (one.date >= day and one.id not in mine and one.spacing_group == course.protocol.spacing_group)
        for one in course.timeline
    )
    if goes_on or course.now - last.start > IN_SIGHT:
        return
    detail = f"{course.series.phase} ended on {day_words(day)}, and nothing is booked of {following.name}."
    bound = following.spacing.max_gap_days
    until = course.after(day, days=bound) if bound is not None else None
    if until is not None:
        due = day_words(day + timedelta(days=bound or 0))
        detail = f"{detail} Its first session is due by {due}."
    yield Finding(TaskKind.PHASE_FINISHED, None, detail, until)


def _following(course: Course) -> Phase | None:
    """The phase after the one of this series."""
    names = [phase.name for phase in course.protocol.phases]
    following = names.index(course.series.phase) + 1
    return course.protocol.phases[following] if following < len(names) else None
