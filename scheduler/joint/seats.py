"""Who sits where, when all starts are known: most keep their chair, and nobody takes one that others need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler import place_rules
from scheduler.joint.question import Course, Places, Question, Session
from scheduler.spans import Minute
from scheduler.supply import Chair

#: Keeping a chair outweighs every feature that a visit does not need.
KEPT = 1000


class Visit(NamedTuple):
    """One session at its place."""

    course: Course
    session: Session
    start: Minute
    free: tuple[Chair, ...]  # what the diary leaves of the chairs that fit

    @property
    def end(self) -> Minute:
        """When the chair is free again."""
        return self.start + self.course.case.protocol.chair_minutes


Seats = dict[tuple[str, int], str]  # by series and number: the chair


def seat_all(question: Question, places: Places) -> Seats:
    """A chair for every session that has a place. Raises RuntimeError where there are too few."""
    visits = sorted(
        (
            Visit(course, one, start, place_rules.free_chairs(course.case, start))
            for course, starts in zip(question.courses, places, strict=True)
            for one, start in zip(course.sessions, starts, strict=True)
            if start is not None
        ),
        key=lambda visit: visit.start,
    )
    return {key: chair for knot in _knots(visits) for key, chair in _seated(knot)}


def _knots(visits: list[Visit]) -> Iterator[list[Visit]]:
    """The visits in parts between which nobody is there."""
    knot: list[Visit] = []
    for visit in visits:
        if knot and visit.start >= max(one.end for one in knot):
            yield knot
            knot = []
        knot.append(visit)
    if knot:
        yield knot


def _seated(visits: list[Visit]) -> Iterator[tuple[tuple[str, int], str]]:
    model = cp_model.CpModel()
    seats = [{chair.id: model.new_bool_var("") for chair in visit.free} for visit in visits]
    worth, chosen = [], []
    for at, (visit, mine) in enumerate(zip(visits, seats, strict=True)):
        model.add_exactly_one(mine.values())
        for chair in visit.free:
            before = [
                seats[other][chair.id]
                for other in range(at)
                if visits[other].end > visit.start and chair.id in seats[other]
            ]
            # All of them are there at that minute, so one constraint holds them apart, and a strong one.
            model.add_at_most_one([mine[chair.id], *before])
            keeps = visit.start == visit.session.start and chair.id == visit.session.chair
            worth.append(KEPT * keeps - len(chair.features - visit.course.case.protocol.chair_features))
            chosen.append(mine[chair.id])
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen, worth))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2  # the constraints above leave next to nothing to branch on
    solver.parameters.symmetry_level = 0
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_deterministic_time = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError("there are fewer chairs than the plan was made for")
    for visit, mine in zip(visits, seats, strict=True):
        chair_id = next(chair for chair, sits in mine.items() if solver.boolean_value(sits))
        yield (visit.course.series, visit.session.number), chair_id
