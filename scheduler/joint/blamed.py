"""Which rules a plan breaks by the places that it gives, and not by what was lost before."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.case import Case, Place
from scheduler.joint.question import Places, Question
from scheduler.rules import check
from scheduler.violations import Rule, Violation


def blamed(
    question: Question,
    places: Places,
    at: int,
    *,
    case: Case,
    placed: list[Place],
    skip: frozenset[Rule] = frozenset(),
) -> Iterator[Violation]:
    """The rules that the course of that index breaks where it is placed, by that case.

    A gap into a session that stays where it is, is not held against a plan that leaves another session of the
    series, or of the patient, without a place: the gap is there because that one is lost.
    """
    course, starts = question.courses[at], places[at]
    standing = {session.number for session in course.case.booked if session.series == course.case.series}
    standing |= {
        one.number
        for one, start in zip(course.sessions, starts, strict=True)
        if start == one.start and not one.lost
    }
    short = question.is_short(at, places)
    for one in check(case, placed, skip=skip):
        if not (short and one.rule is Rule.MAX_GAP and one.sessions[-1] in standing):
            yield one
