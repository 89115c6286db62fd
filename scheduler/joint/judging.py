"""The one judge's last word: every session of a joint plan, beside all the others in their new places."""

from __future__ import annotations

from dataclasses import replace

from scheduler.case import Case, Place
from scheduler.joint.question import Places, Question
from scheduler.joint.seats import Seats
from scheduler.rules import check
from scheduler.violations import Rule, Violation


class BrokenPlan(RuntimeError):
    """A plan breaks a rule: a mistake in this package, and never an answer."""


def refuse_broken(question: Question, places: Places, seats: Seats) -> None:
    """Raises BrokenPlan where a session breaks a rule in its place.

    A gap into a session that stays where it is, is not held against a plan that leaves another session of the
    series without a place: the gap is there because that one is lost.
    """
    for at, (course, starts) in enumerate(zip(question.courses, places, strict=True)):
        placed = [
            Place(one.number, start, seats[course.series, one.number])
            for one, start in zip(course.sessions, starts, strict=True)
            if start is not None
        ]
        stayed = {
            one.number
            for one, start in zip(course.sessions, starts, strict=True)
            if start == one.start and not one.lost
        }
        booked = {session.number for session in course.case.booked if session.series == course.case.series}
        for one in check(beside_others(question, places, seats, at), placed):
            if not (None in starts and _is_gap_into(one, stayed | booked)):
                raise BrokenPlan(f"series {course.series}: {one.rule}: {one.detail}")


def beside_others(question: Question, places: Places, seats: Seats, at: int) -> Case:
    """The case of the course of that index, beside all other courses in their places."""
    others = [
        course.claim(one, start, seats[course.series, one.number])
        for index, (course, starts) in enumerate(zip(question.courses, places, strict=True))
        for one, start in zip(course.sessions, starts, strict=True)
        if index != at and start is not None
    ]
    return replace(question.courses[at].case, diary=question.diary.with_claims(others))


def _is_gap_into(one: Violation, numbers: set[int]) -> bool:
    return one.rule is Rule.MAX_GAP and one.sessions[-1] in numbers
