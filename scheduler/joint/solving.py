"""Better and better answers to one question, and a bound that no answer passes.

What counts is taken one after the other: fewest lost sessions left without a place and those the least
urgent, then fewest moved, then the least minutes. What is least of the former is kept while the next is made
less. First only lost sessions are moved. Where that does not place all of them with no move that could be
spared, the other sessions of their series may be moved as well.
"""

from __future__ import annotations

import time
from dataclasses import replace
from enum import Enum

from ortools.sat.python import cp_model

from scheduler.candidates import field
from scheduler.chain import Spot
from scheduler.joint.alone import alone_at_most, best_of_all
from scheduler.joint.model import Model
from scheduler.joint.question import Places, Question
from scheduler.joint.values import OnProgress, Progress, Stage

#: Days either side of the old date on which a model looks first.
NEAR_DAYS = 10
#: The solver counts its work, so that the same question has the same answer: so much of it for each second,
#: which is what a processor of its own does in three quarters of one.
WORK = 0.25
#: The part of all work for what those who are left could do alone.
ALONE = 0.15
SEED = 1


class Level(Enum):
    """What is made least, and the part of what is left of the time that it may take."""

    FORGONE = 0.4
    MOVED = 0.5
    MINUTES = 1.0


class Search:
    """One question being answered: `places` are the best by now, and none are better than `bound`."""

    def __init__(
        self,
        question: Question,
        places: Places,
        *,
        began: float,
        until: float,
        on_progress: OnProgress | None = None,
    ) -> None:
        """`began` and `until` are readings of `time.monotonic`, a stopwatch."""
        self.question, self.places, self.cost = question, places, question.cost(places)
        self.began, self.until, self.on_progress = began, until, on_progress
        self.work = (until - time.monotonic()) * WORK
        horizon = question.horizon
        self.fields: list[list[Spot]] = [
            field(course.case, earliest=horizon.first, latest=horizon.last, blind=True).spots
            for course in question.courses
        ]
        self.near = [[NEAR_DAYS] * len(course.sessions) for course in question.courses]
        self.alone = [
            alone_at_most(course, spots) for course, spots in zip(question.courses, self.fields, strict=True)
        ]
        self.bound = best_of_all(self.alone, left=0)
        self.tell()

    def run(self) -> None:
        """Look until the answer is proven best or the time is over."""
        self._look_at_the_short_alone()
        for lost_only in (False,) if moves_others(self.question, self.places) else (True, False):
            if self.cost.key[:2] != self.bound.key[:2]:
                self._lower(Level.FORGONE, lost_only=lost_only)
            if self.cost.key[:3] != self.bound.key[:3]:
                self._lower(Level.MOVED, lost_only=lost_only)
            # No answer that is as good so far moves any other session, or it would move more.
            if self.cost.key[:3] == self.bound.key[:3] or not lost_only:
                self._lower(Level.MINUTES, lost_only=lost_only)
                return

    def tell(self) -> None:
        """Say how far it is."""
        if self.on_progress is not None:
            stage = stage_of(self.question, self.places)
            self.on_progress(Progress(stage, self.cost, self.bound, time.monotonic() - self.began))

    def adopt(self, places: Places) -> None:
        """Take up an answer, if it is better."""
        cost = self.question.cost(places)
        if cost.key < self.cost.key:
            self.places, self.cost = places, cost
            self.tell()

    def _look_at_the_short_alone(self) -> None:
        """Find out how many lost sessions each course that is short must leave, whatever the others do."""
        short = [
            at for at, starts in enumerate(self.places) if None in starts and not self.question.siblings(at)
        ]
        work = self.work * ALONE
        for at in short:
            course, field = self.question.courses[at], self.fields[at]
            whole = [(self.question.horizon.last - self.question.horizon.first).days] * len(course.sessions)
            one = replace(self.question, courses=(course,))
            model = Model(one, [field], near=[whole], lost_only=False)
            weight = _weight(one)
            model.model.minimize(model.forgone(weight))
            solver = _solver(work / len(short), max(0.1, (self.until - time.monotonic()) * ALONE))
            if solver.solve(model.model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                left, urgency = divmod(round(solver.best_objective_bound), weight)
                self.alone[at] = self.alone[at]._replace(left=left, urgency=urgency)
            self.work -= solver.response_proto.deterministic_time
        self.bound = best_of_all(self.alone, left=0)
        self.tell()

    def _lower(self, level: Level, *, lost_only: bool) -> None:
        """Make the level as little as can be, keeping what is least of those before it."""
        while self.until - time.monotonic() > 0 and self.work > 0:
            self._look_at_least_as_far_as_now()
            model = Model(self.question, self.fields, near=self.near, lost_only=lost_only)
            aside = len(model.away) + 1  # being away costs something, but never as much as what counts
            weight = _weight(self.question)
            if level is not Level.FORGONE:
                model.model.add(model.forgone(weight) <= self._forgone(weight))
            if level is Level.MINUTES:
                model.model.add(model.moved() <= self.cost.moved)
                aside = 1
            if level is Level.FORGONE:
                measured = model.forgone(weight)
            else:
                measured = model.moved() if level is Level.MOVED else model.minutes()
            away = cp_model.LinearExpr.sum(model.away) if aside > 1 else 0
            model.model.minimize(measured * aside + away)
            proven, least, farther = self._solved(model, share=level.value)
            self._bounded(level, -(-(least - aside + 1) // aside), lost_only=lost_only)
            self.tell()
            if not (proven and farther):
                return
            for index, at in farther:
                self.near[index][at] *= 2

    def _solved(self, model: Model, *, share: float) -> tuple[bool, int, list[tuple[int, int]]]:
        """Whether the model's best answer is proven, what it costs at the least, and who is away in it."""
        self._begin_with(model)
        solver = _solver(self.work * share, max(0.1, (self.until - time.monotonic()) * share))
        watch = _Watch(self, model)
        status = solver.solve(model.model, watch)
        self.work -= solver.response_proto.deterministic_time
        if watch.failure is not None:
            raise watch.failure
        if status == cp_model.UNKNOWN:
            return False, 0, []
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            raise RuntimeError(
                f"the answer that is known does not fit the model: {solver.status_name(status)}"
            )
        _, away = model.read(solver.boolean_value)
        return status == cp_model.OPTIMAL, round(solver.best_objective_bound), away

    def _begin_with(self, model: Model) -> None:
        """Give the solver the best answer by now, with all numbers of the model that follow from it."""
        model.hint(self.places)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.fix_variables_to_their_hinted_value = True
        solver.parameters.max_deterministic_time = 10
        status = solver.solve(model.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            raise RuntimeError(
                f"the answer that is known does not fit the model: {solver.status_name(status)}"
            )
        model.hint_all(solver)

    def _look_at_least_as_far_as_now(self) -> None:
        for course, starts, near in zip(self.question.courses, self.places, self.near, strict=True):
            date_of = course.case.supply.date_of
            for at, (one, start) in enumerate(zip(course.sessions, starts, strict=True)):
                if start is not None:
                    near[at] = max(near[at], abs((date_of(start) - date_of(one.start)).days))

    def _forgone(self, weight: int) -> int:
        left = sum(starts.count(None) for starts in self.places)
        return left * weight + self.cost.urgency

    def _bounded(self, level: Level, least: int, *, lost_only: bool) -> None:
        """Take note that the level costs at least so much. What is proven where only lost sessions are moved
        says nothing of all answers, but for the minutes.
        """
        bound = self.bound
        if level is Level.FORGONE and not lost_only:
            lost = sum(one.lost for one in self.alone)
            left, urgency = divmod(least, _weight(self.question))
            found = best_of_all(self.alone, left=max(0, left - sum(one.left for one in self.alone)))
            found = found._replace(placed=lost - left, urgency=urgency)
            if found.key > bound.key:
                self.bound = found
        elif level is Level.MOVED and not lost_only and self.cost.key[:2] == bound.key[:2]:
            self.bound = bound._replace(moved=max(bound.moved, least))
        elif level is Level.MINUTES and self.cost.key[:3] == bound.key[:3]:
            self.bound = bound._replace(minutes=max(bound.minutes, least))


def _solver(work: float, seconds: float) -> cp_model.CpSolver:
    """One that stops after so much work, counted, or so many seconds by the clock."""
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = SEED
    # One worker: it alone gives the same answer each time, and on these models it is quicker to the proof
    # than two that take turns, which spend their work on other ways than the linear bound.
    solver.parameters.num_workers = 1
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.linearization_level = 2
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.max_deterministic_time = work
    return solver


def _weight(question: Question) -> int:
    """One session left outweighs all urgency."""
    return 1 + sum(one.urgency for course in question.courses for one in course.sessions)


class _Watch(cp_model.CpSolverSolutionCallback):
    """Takes up each better answer. What fails here must not fail inside the solver: it is kept for later."""

    def __init__(self, search: Search, model: Model) -> None:
        super().__init__()
        self.search, self.model = search, model
        self.failure: Exception | None = None

    def on_solution_callback(self) -> None:
        try:
            places, away = self.model.read(self.boolean_value)
            if not away:
                self.search.adopt(places)
        except Exception as failure:
            self.failure = failure
            self.stop_search()


def stage_of(question: Question, places: Places) -> Stage:
    """How far an answer went."""
    if any(start is None for starts in places for start in starts):
        return Stage.LEFT
    return Stage.SERIES if moves_others(question, places) else Stage.LOST


def moves_others(question: Question, places: Places) -> bool:
    """Whether an answer moves sessions that are not lost."""
    return any(
        start != one.start and not one.lost
        for course, starts in zip(question.courses, places, strict=True)
        for one, start in zip(course.sessions, starts, strict=True)
    )
