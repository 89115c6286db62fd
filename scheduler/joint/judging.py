"""The one judge's last word: every session of a joint plan, beside all the others in their new places."""

from __future__ import annotations

from dataclasses import replace

from scheduler.case import Case, Place
from scheduler.joint.blamed import blamed
from scheduler.joint.question import Places, Question
from scheduler.joint.seats import Seats


class BrokenPlan(RuntimeError):
    """A plan breaks a rule: a mistake in this package, and never an answer."""


def refuse_broken(question: Question, places: Places, seats: Seats) -> None:
    """Raises BrokenPlan where a session breaks a rule in its place, by the fault of the plan."""
    for at, (course, starts) in enumerate(zip(question.courses, places, strict=True)):
        placed = [
            Place(one.number, start, seats[course.series, one.number])
            for one, start in zip(course.sessions, starts, strict=True)
            if start is not None
        ]
        case = beside_others(question, places, seats, at)
        for one in blamed(question, places, at, case=case, placed=placed):
            raise BrokenPlan(f"series {course.series}: {one.rule}: {one.detail}")


def beside_others(question: Question, places: Places, seats: Seats, at: int) -> Case:
    """The case of the course of that index, beside all other courses in their places."""
    others = [
        course.claim(one, start, seats[course.series, one.number])
        for index, (course, starts) in enumerate(zip(question.courses, places, strict=True))
        for one, start in zip(course.sessions, starts, strict=True)
        if index != at and start is not None
    ]
    return replace(question.case(at, places), diary=question.diary.with_claims(others))
