"""The question as booleans: this session at that start. A solver finds out which of them are true.

A model has starts near the old ones only. A session may be `away` instead: somewhere farther off, at the
least that this could cost, where it is in nobody's way. So what is proven of the model is proven of all
dates, and an answer in which nobody is away is an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.chain import Spot
from scheduler.joint.question import Course, Places, Question, Session
from scheduler.joint.room import Starting, add_room
from scheduler.joint.siblings import keep_apart
from scheduler.joint.spacing import Spacing
from scheduler.spans import Minute

Bool = cp_model.IntVar
Read = Callable[[Bool], bool]
Fields = Sequence[Sequence[Spot]]  # by course, in order of time: the starts that fit alone


class Choice(NamedTuple):
    """What may become of one session."""

    session: Session
    starts: dict[Minute, Bool]
    left: Bool | None
    away: Bool | None
    farther: int  # the least minutes that being away costs


class Model:
    """One question in which sessions are at most so many days from where they were (`near`, by course)."""

    def __init__(
        self, question: Question, fields: Fields, *, near: Sequence[Sequence[int]], lost_only: bool
    ) -> None:
        """`lost_only`: sessions that are not lost stay where they are."""
        self.question, self.model = question, cp_model.CpModel()
        self.choices = [
            [
                self._choice(course, one, field, days, lost_only=lost_only)
                for one, days in zip(course.sessions, reach, strict=True)
            ]
            for course, field, reach in zip(question.courses, fields, near, strict=True)
        ]
        spaced = [
            self._spaced(course, field, choices)
            for course, field, choices in zip(question.courses, fields, self.choices, strict=True)
        ]
        starting: Starting = {}
        for index, choices in enumerate(self.choices):
            siblings = [spaced[one] for one in question.siblings(index)]
            spaced[index].add_rules(siblings)
            for sibling in siblings:
                if sibling not in spaced[:index]:
                    keep_apart(spaced[index], sibling)
            for choice in choices:
                for start, there in choice.starts.items():
                    starting.setdefault((index, start), []).append(there)
        add_room(self.model, question, starting)

    def _choice(
        self, course: Course, one: Session, field: Sequence[Spot], days: int, *, lost_only: bool
    ) -> Choice:
        if lost_only and not one.lost:
            return Choice(one, {one.start: self.model.new_constant(1)}, None, None, 0)
        if lost_only:
            field = _clear_of_others(course, field)
        day = course.case.supply.date_of(one.start).toordinal()
        spots = [spot.start for spot in field if abs(spot.day - day) <= days]
        rest = [abs(spot.start - one.start) for spot in field if abs(spot.day - day) > days]
        starts = {start: self.model.new_bool_var("") for start in spots}
        left = self.model.new_bool_var("") if one.lost else None
        away = self.model.new_bool_var("") if rest else None
        self.model.add_exactly_one([*starts.values(), *(one for one in (left, away) if one is not None)])
        return Choice(one, starts, left, away, min(rest, default=0))

    def _spaced(self, course: Course, field: Sequence[Spot], choices: Sequence[Choice]) -> Spacing:
        moved: dict[Spot, list[Bool]] = {}
        staying: dict[Spot, Bool] = {}
        for spot in field:
            for choice in choices:
                there = choice.starts.get(spot.start)
                if there is None:
                    continue
                if spot.start == choice.session.start and not choice.session.lost:
                    staying[spot] = there
                else:
                    moved.setdefault(spot, []).append(there)
        return Spacing(
            self.model,
            course,
            moved=moved,
            staying=staying,
            away=[one.away for one in choices if one.away is not None],
            left=[one.left for one in choices if one.left is not None],
        )

    def _all(self) -> Iterator[Choice]:
        return (choice for choices in self.choices for choice in choices)

    @property
    def away(self) -> list[Bool]:
        """Who could be away."""
        return [one.away for one in self._all() if one.away is not None]

    def forgone(self, weight: int) -> cp_model.LinearExpr:
        """The lost sessions that have no place, each for so much and its urgency."""
        left = [(one.left, weight + one.session.urgency) for one in self._all() if one.left is not None]
        return cp_model.LinearExpr.weighted_sum([one for one, _ in left], [points for _, points in left])

    def moved(self) -> cp_model.LinearExpr:
        """How many sessions are moved."""
        there = [
            var for one in self._all() for start, var in one.starts.items() if start != one.session.start
        ]
        return cp_model.LinearExpr.sum([*there, *self.away])

    def minutes(self) -> cp_model.LinearExpr:
        """By how many minutes in all."""
        there = [
            (var, abs(start - one.session.start)) for one in self._all() for start, var in one.starts.items()
        ]
        there += [(one.away, one.farther) for one in self._all() if one.away is not None]
        return cp_model.LinearExpr.weighted_sum([var for var, _ in there], [minutes for _, minutes in there])

    def hint(self, places: Places) -> None:
        """Tell the solver an answer to begin with."""
        for choices, starts in zip(self.choices, places, strict=True):
            for choice, chosen in zip(choices, starts, strict=True):
                if choice.left is None and choice.away is None:
                    continue  # it is where it was, and nowhere else
                for start, there in choice.starts.items():
                    self.model.add_hint(there, start == chosen)
                if choice.left is not None:
                    self.model.add_hint(choice.left, chosen is None)
                if choice.away is not None:
                    self.model.add_hint(choice.away, False)

    def hint_all(self, solver: cp_model.CpSolver) -> None:
        """The same with all numbers of the model, as the solver has found them for it."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for index in range(len(self.model.proto.variables)):
            variable = self.model.get_int_var_from_proto_index(index)
            self.model.add_hint(variable, solver.value(variable))

    def read(self, true: Read) -> tuple[Places, list[tuple[int, int]]]:
        """Where everybody is, and who is away: the index of the course, and of the session in it."""
        places, away = [], []
        for index, choices in enumerate(self.choices):
            starts: list[Minute | None] = []
            for at, choice in enumerate(choices):
                starts.append(next((start for start, there in choice.starts.items() if true(there)), None))
                if choice.away is not None and true(choice.away):
                    away.append((index, at))
            places.append(tuple(starts))
        return tuple(places), away


def _clear_of_others(course: Course, field: Sequence[Spot]) -> list[Spot]:
    """The spots that are far enough from the sessions of the course that are not lost."""
    spacing, date_of = course.case.phase.spacing, course.case.supply.date_of
    minutes = max(spacing.min_gap_minutes, course.case.protocol.visit_minutes)
    others = [(one.start, date_of(one.start).toordinal()) for one in course.sessions if not one.lost]
    return [
        spot
        for spot in field
        if all(
            abs(spot.start - start) >= minutes and abs(spot.day - day) >= spacing.min_gap_days
            for start, day in others
        )
    ]
