"""A usual day laid out best: when to begin how many visits of each kind, by a constraint solver, with proof.

First as many as possible of the visits that are wanted; then the fewest that need a nurse to themselves at
one time; then the starts spread as evenly over hours, half hours and quarters as these allow. Each is decided
before the next, within an effort that is counted and not timed: the same day is always laid out alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, product
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from scheduler.bits import positions
from scheduler.protocol import NurseRun, Protocol
from scheduler.spans import Minute
from scheduler.start_template import QUARTER
from scheduler.supply import Chair, NursingMode, Supply

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LinearExprT

#: What each of the three questions about a day may cost, in the solver's own deterministic seconds.
EFFORT = 4.0
#: Stretches of the day over which starts are spread: their minutes, and how far the first is off the hour.
#: Half hours begin on each quarter, so that two neighbouring quarters are never both full for nothing.
STRETCHES = ((QUARTER, 0), (30, 0), (30, QUARTER), (60, 0))


@dataclass(frozen=True, order=True)
class Kind:
    """Visits that take the same of a clinic: chairs of one sort for so long, and nurses at the same times."""

    chair_minutes: int
    visit_minutes: int  # until the patient leaves
    nurse_runs: tuple[NurseRun, ...]
    chair_features: tuple[str, ...]

    @classmethod
    def of(cls, protocol: Protocol) -> Kind:
        """The kind of a protocol's visits."""
        features = tuple(sorted(protocol.chair_features))
        return cls(protocol.chair_minutes, protocol.visit_minutes, protocol.nurse_runs, features)


class Begun(NamedTuple):
    """A visit of a laid-out day."""

    start: Minute
    chair: str
    kind: Kind


class Proven(NamedTuple):
    """What was reached, and what nothing can be better than."""

    reached: int
    bound: int


@dataclass(frozen=True)
class LaidOut:
    """A day laid out. All of its visits can be booked together in the empty clinic."""

    begun: tuple[Begun, ...]  # in order of start
    unmet: Proven  # visits that are wanted and have no place
    peak: Proven  # visits that need a nurse to themselves at one time, at most, with so many unmet
    unevenness: Proven  # squares of the starts of each of the `STRETCHES`, summed

    @property
    def proven(self) -> bool:
        """Whether nothing better exists."""
        return all(one.reached == one.bound for one in (self.unmet, self.peak, self.unevenness))


def lay_out(supply: Supply, day: date, wanted: Mapping[Kind, int], *, effort: float = EFFORT) -> LaidOut:
    """The best day of that date's hours and nurses in which so many visits of each kind begin on it.

    `effort` bounds each of the three questions, in deterministic seconds of the solver: where it does not
    suffice, what was found and what is proven of it differ.
    """
    kinds = [kind for kind in sorted(wanted) if wanted[kind] > 0]
    if not kinds:
        return LaidOut((), Proven(0, 0), Proven(0, 0), Proven(0, 0))
    return _Day(supply, day, {kind: wanted[kind] for kind in kinds}).solve(effort)


class _Slot(NamedTuple):
    """Visits of one kind that begin at one minute in chairs of one group."""

    kind: Kind
    start: Minute
    group: int


class _Day:
    """The model of a day: how many visits begin in each slot."""

    def __init__(self, supply: Supply, day: date, wanted: Mapping[Kind, int]) -> None:
        from ortools.sat.python import (
            cp_model,
        )  # a second to load, and only whoever draws up a template needs it

        self.supply, self.wanted = supply, wanted
        self.model: CpModel = cp_model.CpModel()
        self.groups = _groups(supply, list(wanted))
        self.window = supply.window(day, max(kind.chair_minutes for kind in wanted))
        self.at: dict[_Slot, IntVar] = {}
        for kind, (group, chairs) in product(wanted, enumerate(self.groups)):
            if not frozenset(kind.chair_features) <= chairs[0].features:
                continue
            most = min(wanted[kind], len(chairs))
            for at in positions(self.window.starts(kind.visit_minutes)):
                slot = _Slot(kind, self.window.start + at, group)
                self.at[slot] = self.model.new_int_var(0, most, "")
        self._chairs()
        self.exclusive = self._nurses()
        self._stagger()
        self.found = dict.fromkeys(self.at, 0)

    def solve(self, effort: float) -> LaidOut:
        """One question after another, each answer a bound for the next."""
        total = sum(self.wanted.values())
        for kind, wanted in self.wanted.items():
            self.model.add(sum(var for slot, var in self.at.items() if slot.kind == kind) <= wanted)
        peak = self.model.new_int_var(0, total, "peak")
        for under_way in self.exclusive:
            self.model.add(under_way <= peak)
        questions: tuple[tuple[LinearExprT, Callable[[], int]], ...] = (
            (total - sum(self.at.values()), lambda: total - sum(self.found.values())),
            (peak, self._set_ups_found),
            (self._unevenness(), self._unevenness_found),
        )
        found = [self._least(asked, measured, effort) for asked, measured in questions]
        return LaidOut(self._seated(), *found)

    def _least(self, asked: LinearExprT, measured: Callable[[], int], effort: float) -> Proven:
        """The least of an expression, kept to from now on; what was found before where the effort is too
        little.
        """
        from ortools.sat.python import cp_model

        self.model.minimize(asked)
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for slot, var in self.at.items():
            self.model.add_hint(var, self.found[slot])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 2
        solver.parameters.interleave_search = True  # two workers in turns: the same answer every time
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model)
        bound = 0
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.found = {slot: solver.value(var) for slot, var in self.at.items()}
            bound = ceil(solver.best_objective_bound - 1e-6)
        reached = measured()
        self.model.add(asked <= reached)
        return Proven(reached, reached if status == cp_model.OPTIMAL else min(reached, max(0, bound)))

    def _set_ups_found(self) -> int:
        changes: Counter[Minute] = Counter()
        for slot, visits in self.found.items():
            for run in slot.kind.nurse_runs:
                if run.exclusive:
                    changes[slot.start + run.starts] += visits
                    changes[slot.start + run.ends] -= visits
        return max(accumulate(changes[at] for at in sorted(changes)), default=0)

    def _unevenness_found(self) -> int:
        starts: Counter[tuple[int, int, int]] = Counter()
        for slot, visits in self.found.items():
            starts.update({(length, off, (slot.start - off) // length): visits for length, off in STRETCHES})
        return sum(visits * visits for visits in starts.values())

    def _chairs(self) -> None:
        """Chairs of a group are equal, so as many visits as chairs at every minute can always be seated."""
        for group, chairs in enumerate(self.groups):
            mine = [(slot, var) for slot, var in self.at.items() if slot.group == group]
            for at in sorted({slot.start for slot, _ in mine}):
                self.model.add(
                    sum(var for slot, var in mine if slot.start <= at < slot.start + slot.kind.chair_minutes)
                    <= len(chairs)
                )

    def _nurses(self) -> list[LinearExprT]:
        """Enough nurses at every minute; returns the exclusive steps under way where more of them begin.

        More are needed only where a step begins and fewer are there only where a shift ends, so these minutes
        stand for all.
        """
        supply, runs = self.supply, [(s, v, run) for s, v in self.at.items() for run in s.kind.nurse_runs]
        begins = {slot.start + run.starts for slot, _, run in runs}
        near = supply.shifts_near(self.window.start, self.window.end + self.window.reach)
        exclusive_ones = {slot.start + run.starts for slot, _, run in runs if run.exclusive}
        peaks: list[LinearExprT] = []
        for at in sorted(begins | {shift.end for shift in near}):
            on_duty = sum(shift.start <= at < shift.end for shift in near)
            there = [(var, run) for s, var, run in runs if s.start + run.starts <= at < s.start + run.ends]
            if not there:
                continue
            exclusive = sum(var for var, run in there if run.exclusive)
            shared = sum(var for var, run in there if not run.exclusive)
            self.model.add(exclusive <= on_duty)
            watched = exclusive * supply.patients_per_nurse + shared
            if supply.nursing_mode is NursingMode.LINE_OF_SIGHT:
                watched = exclusive + shared
            self.model.add(watched <= on_duty * supply.patients_per_nurse)
            if at in exclusive_ones:
                peaks.append(exclusive)
        return peaks

    def _stagger(self) -> None:
        stagger = self.supply.start_stagger
        if stagger is None:
            return
        for first in sorted({slot.start for slot in self.at}):
            within = [var for slot, var in self.at.items() if first <= slot.start < first + stagger.minutes]
            self.model.add(sum(within) <= stagger.starts)

    def _unevenness(self) -> LinearExprT:
        """The k-th start of a stretch costs 2k - 1, which makes the sum of squares, and needs no products."""
        points: list[LinearExprT] = []
        for length, off in STRETCHES:
            for stretch in sorted({(slot.start - off) // length for slot in self.at}):
                there = [var for slot, var in self.at.items() if (slot.start - off) // length == stretch]
                most = min(sum(self.wanted.values()), len(self.supply.chairs) * len(there))
                levels = [self.model.new_bool_var("") for _ in range(most)]
                self.model.add(sum(levels) == sum(there))
                points.extend((2 * k - 1) * level for k, level in enumerate(levels, start=1))
        return sum(points)

    def _seated(self) -> tuple[Begun, ...]:
        free: dict[str, Minute] = {}
        begun: list[Begun] = []
        for slot in sorted(self.found, key=lambda slot: (slot.start, slot.kind, slot.group)):
            for _ in range(self.found[slot]):
                chairs = self.groups[slot.group]
                chair = next(one.id for one in chairs if free.get(one.id, slot.start) <= slot.start)
                free[chair] = slot.start + slot.kind.chair_minutes
                begun.append(Begun(slot.start, chair, slot.kind))
        return tuple(begun)


def _groups(supply: Supply, kinds: Sequence[Kind]) -> list[tuple[Chair, ...]]:
    """The chairs by which of the kinds they do for, in the clinic's order."""
    found: dict[tuple[bool, ...], list[Chair]] = {}
    for chair in supply.chairs:
        fits = tuple(frozenset(kind.chair_features) <= chair.features for kind in kinds)
        found.setdefault(fits, []).append(chair)
    return [tuple(chairs) for chairs in found.values()]
