"""The best plan by a constraint solver: the question as booleans and sums, solved by OR-Tools CP-SAT.

Which starts fit alone or in pairs is asked of the slow judge. Limits, gaps, rhythm and cost are modelled
here: session k is at start s; some hour and some weekdays are the usual ones, and what is off them costs
points.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from scheduler.case import Case
from scheduler.load import BEYOND_TEMPLATE, load_at
from scheduler.preferences import (
    FINISH_DAY,
    OFF_HOUR_MINUTE,
    OFF_WEEKDAY,
    TARGET_GAP_DAY,
    notice_cost,
    several_a_day,
    usual_days,
)
from scheduler.series import Remaining
from tests.scheduler.oracle import judge


class Model:
    """One question; `cheapest` or `least_change` answers it."""

    def __init__(self, case: Case, count: int, *, first: date, last: date) -> None:
        self.case, self.count, self.first = case, count, first
        self.starts = [at for at in judge.grid_starts(case, first, last) if judge.alone(case, at)]
        self.own = [s for s in case.booked if case.series is not None and s.series == case.series]
        self.model = cp_model.CpModel()
        self.at = [{s: self.model.new_bool_var(f"{k} at {s}") for s in self.starts} for k in range(count)]
        self.used = {s: sum(row[s] for row in self.at) for s in self.starts}
        self.points: list[cp_model.LinearExprT] = []

    def cheapest(self) -> int | None:
        """The least cost of any plan, or None when there is none."""
        self._rules()
        return self._least(sum(self.points))

    def least_change(self, remaining: Sequence[Remaining]) -> tuple[int, int, int] | None:
        """Moved sessions, minutes moved and points of the best plan anew, or None when there is none.

        One after the other: what is least of the former is kept when the next is made least.
        """
        self._rules()
        olds = [one.start for one in remaining if one.start is not None]
        moves = len(olds) - sum(self.used[old] for old in olds if old in self.used)
        found: list[int] = []
        for wanted in (moves, self._displacement(olds), sum(self.points)):
            least = self._least(wanted)
            if least is None:
                return None
            self.model.add(wanted <= least)
            found.append(least)
        return found[0], found[1], found[2]

    def _rules(self) -> None:
        self._order()
        self._limits()
        self._gaps()
        self._costs()

    def _least(self, wanted: cp_model.LinearExprT) -> int | None:
        self.model.minimize(wanted)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return None
        assert status == cp_model.OPTIMAL
        return round(solver.objective_value)

    def _displacement(self, olds: Sequence[int]) -> cp_model.LinearExprT:
        """Minutes between the places that sessions lose and the new ones they are given, one each."""
        new = [at for at in self.starts if at not in olds]
        given = {(old, at): self.model.new_bool_var(f"{old} to {at}") for old in olds for at in new}
        for old in olds:
            kept = self.used.get(old, 0)
            self.model.add(sum(given[old, at] for at in new) == 1 - kept)
        for at in new:
            self.model.add(sum(given[old, at] for old in olds) <= self.used[at])
        return sum(abs(at - old) * var for (old, at), var in given.items())

    def _order(self) -> None:
        for row in self.at:
            self.model.add(sum(row.values()) == 1)
        for row, following in pairwise(self.at):
            self.model.add(
                sum(s * var for s, var in row.items()) + 1 <= sum(s * var for s, var in following.items())
            )
        cleared = self.case.clearance
        if cleared is not None and self.count > cleared.sessions:
            self.model.add_bool_or([])

    def _limits(self) -> None:
        case, spacing = self.case, self.case.phase.spacing
        for one, two in combinations(self.starts, 2):
            far = spacing.complete_within_days is not None and (
                (judge.on(case, two) - judge.on(case, one)).days > spacing.complete_within_days
            )
            clocks = {judge.shown(case, at).time() for at in (one, two)}
            other_time = case.wish.same_time and len(clocks) > 1
            if (
                far
                or other_time
                or not (judge.apart(case, [one, two]) and judge.clinic_side(case, [one, two]))
            ):
                self.model.add(self.used[one] + self.used[two] <= 1)
        if self.count > 2:
            for some in combinations(self.starts, 3):
                if some[2] - some[0] < judge.DAY and not judge.clinic_side(case, some):
                    self.model.add(sum(self.used[at] for at in some) <= 2)
        if spacing.rolling_limit is not None:
            limit, span = spacing.rolling_limit.sessions, spacing.rolling_limit.days * judge.DAY
            booked = [s.start for s in case.booked if s.spacing_group == case.protocol.spacing_group]
            for begins in {*booked, *self.starts}:
                there = [self.used[at] for at in self.starts if begins <= at < begins + span]
                taken = sum(begins <= at < begins + span for at in booked)
                self.model.add(sum(there) <= max(0, limit - taken))

    def _gaps(self) -> None:
        case, longest = self.case, self.case.phase.spacing.max_gap_days
        if longest is None:
            return
        if any(s.spacing_group == case.protocol.spacing_group for s in case.booked):
            for some in combinations(self.starts, self.count):  # what is booked decides which gap counts
                if not judge.reached(case, some):
                    self.model.add(sum(self.used[at] for at in some) <= self.count - 1)
            return
        for row, following in pairwise(self.at):
            for one, two in combinations(self.starts, 2):
                if (judge.on(case, two) - judge.on(case, one)).days > longest:
                    self.model.add_bool_or([row[one].negated(), following[two].negated()])

    def _costs(self) -> None:
        case = self.case
        self.points.extend(notice_cost(case, s) * var for s, var in self.at[0].items())
        self.points.extend(
            FINISH_DAY * (judge.on(case, s) - self.first).days * var for s, var in self.at[-1].items()
        )
        if several_a_day(case.phase.spacing):
            return
        for s, used in self.used.items():
            beyond = judge.beyond(case, s)
            self.points.append(
                (load_at(case.diary, s) + (0 if beyond is None else BEYOND_TEMPLATE * beyond)) * used
            )
        self._target()
        self._hour()
        self._weekdays()

    def _target(self) -> None:
        target = self.case.phase.spacing.target_gap_days
        if not target:
            return
        marks = [(s.start, s.date) for s in self.own]

        def off(line: list[tuple[int, date]], placed: set[int]) -> int:
            gaps = [(one, two) for one, two in pairwise(line) if one[0] in placed or two[0] in placed]
            return TARGET_GAP_DAY * sum(abs((two[1] - one[1]).days - target) for one, two in gaps)

        def spot(at: int) -> tuple[int, date]:
            return at, judge.on(self.case, at)

        for at in self.starts:
            before = sorted(mark for mark in marks if mark[0] < at)[-1:]
            after = sorted(mark for mark in marks if mark[0] > at)[:1]
            self.points.append(off([*before, spot(at)], {at}) * self.at[0][at])
            self.points.append(off([spot(at), *after], {at}) * self.at[-1][at])
        for row, following in pairwise(self.at):
            for one, two in combinations(self.starts, 2):
                between = sorted(mark for mark in marks if one < mark[0] < two)
                both = self.model.new_bool_var("")
                self.model.add(both >= row[one] + following[two] - 1)
                self.points.append(off([spot(one), *between, spot(two)], {one, two}) * both)

    def _hour(self) -> None:
        def clock(at: int) -> int:
            shown = judge.shown(self.case, at)
            return shown.hour * 60 + shown.minute

        booked = [clock(s.start) for s in self.own]
        hours = {hour: self.model.new_bool_var(f"at {hour}") for hour in {*map(clock, self.starts), *booked}}
        self.model.add(sum(hours.values()) == 1)
        for hour, usual in hours.items():
            self.points.append(OFF_HOUR_MINUTE * sum(abs(hour - shown) for shown in booked) * usual)
            for at in self.starts:
                if clock(at) != hour:
                    off = self.model.new_bool_var("")
                    self.model.add(off >= usual + self.used[at] - 1)
                    self.points.append(OFF_HOUR_MINUTE * abs(clock(at) - hour) * off)

    def _weekdays(self) -> None:
        usual = {weekday: self.model.new_bool_var(f"on {weekday}") for weekday in range(1, 8)}
        self.model.add(sum(usual.values()) <= usual_days(self.case.phase.spacing))
        self.points.extend(OFF_WEEKDAY * (1 - usual[s.date.isoweekday()]) for s in self.own)
        for at in self.starts:
            off = self.model.new_bool_var("")
            self.model.add(off >= self.used[at] - usual[judge.on(self.case, at).isoweekday()])
            self.points.append(OFF_WEEKDAY * off)
