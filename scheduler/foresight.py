"""What the rest of a new series must cost after each real start, within one rhythm.

The bounds by days (`levels`) let two sessions be on two days when some pair of their starts may be. Where the
least gap or the rolling limit binds by the hour, a whole row of sessions must drift along the clock, which no
pair of days shows. Here the points of every start are divided between two simpler questions: the row of all
sessions with its gaps, and, for the rolling limit of so many sessions, the rows of each so-many-eth session
with the least time between them. Each is answered exactly from both ends, and the sum is never too much.

How the points are divided decides how much the sum is. So they are moved from one question to the other,
session by session, to where a start is dear in one and cheap in the other (in the literature: sequential
tree-reweighted message passing). No pass makes the sum less. All these rules being least and greatest
distances, the sum comes to the true cost or very near it; the search (`climb`) makes good what is left.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from copy import copy
from itertools import accumulate

from scheduler.found import PLAN, Effort
from scheduler.levels import DayGraph
from scheduler.pricing import NEVER
from scheduler.spans import Minute

_DAY, _FAR = 24 * 60, NEVER >> 1
Row = list[int]
#: Tenths that the row of all sessions keeps of what a start costs beyond the least: in the first passes,
#: there and back, and then in all. Found by trial: so the sum comes near its end soonest.
FIRST, FIRST_FORTH, FIRST_BACK, KEPT = 3, 9, 1, 8


class _Step:
    """One session: the starts it can still have, in order of time, and their points in both questions."""

    def __init__(self, days: Sequence[tuple[int, Sequence[Minute], Sequence[int]]]) -> None:
        self.starts = [start for _, starts, _ in days for start in starts]
        self.day = [day for day, starts, _ in days for _ in starts]
        self.row = [points for _, _, prices in days for points in prices]  # in the row of all sessions
        self.lag = [0] * len(self.row)  # in the rows that the rolling limit makes
        self.before = [NEVER] * len(self.row)  # the least of what comes before, in the row of all
        self.after = [NEVER] * len(self.row)
        self.lag_before = [0] * len(self.row)
        self.lag_after = [0] * len(self.row)
        self.cut()

    def cut(self) -> None:
        """Find where each day begins and ends among the starts."""
        self.parts: dict[int, tuple[int, int]] = {}
        low = 0
        for at in range(1, len(self.day) + 1):
            if at == len(self.day) or self.day[at] != self.day[low]:
                self.parts[self.day[low]] = (low, at)
                low = at

    def whole(self) -> Row:
        """The least of the row of all sessions through each start."""
        return [one + two + three for one, two, three in zip(self.before, self.row, self.after, strict=True)]

    def lagged(self) -> Row:
        """The least of its row by the rolling limit through each start."""
        return [
            one + two + three
            for one, two, three in zip(self.lag_before, self.lag, self.lag_after, strict=True)
        ]

    def keep(self, kept: Sequence[int]) -> None:
        """Leave out all other starts."""
        for name in ("starts", "day", "row", "lag", "before", "after", "lag_before", "lag_after"):
            values = getattr(self, name)
            setattr(self, name, [values[at] for at in kept])
        self.cut()


class Foresight:
    """The bounds of one rhythm, after as many passes as are worth it. `least` is that of a whole plan."""

    def __init__(self, graph: DayGraph, steps: Sequence[_Step], *, bound: int, effort: Effort) -> None:
        """Plans that cost `bound` or more are of no interest."""
        self.graph, self.steps, self.bound, self.effort = graph, steps, bound, effort
        self._spend_a_pass()
        limit = graph.chain.limit
        self.gap = graph.chain.min_minutes
        self.count = len(graph.edges)
        self.lag = limit.sessions if limit is not None and limit.sessions < self.count else 0
        self.span = limit.days * _DAY if limit is not None else 0
        self.passes = 0
        self.settled = False  # whether another pass would add nothing
        steps[0].before = [graph.begin[day] for day in steps[0].day]
        self._back(share=False)
        # The least of each row that the rolling limit makes.
        self.lows = [min(step.lagged(), default=NEVER) for step in steps[: self.lag]]
        self.least = self._sum(steps[0])
        self._remember()

    @classmethod
    def of(
        cls,
        graph: DayGraph,
        starts: Sequence[Sequence[Minute]],
        prices: Sequence[Sequence[int]],
        *,
        bound: int,
        effort: Effort,
    ) -> Foresight:
        """With the starts of each day in order of time, and their points."""
        steps = [
            _Step([(day, starts[day], prices[day]) for day in alive if starts[day]]) for alive in graph.alive
        ]
        return cls(graph, steps, bound=bound, effort=effort)

    def from_first(self, first: int) -> Foresight:
        """For the plans that begin on that day and keep the greatest length of a course."""
        within, ordinals = self.graph.chain.within, self.graph.ordinals
        assert within is not None
        self._spend_a_pass()
        steps = []
        for at, step in enumerate(self.steps):
            last = ordinals[first] + (within if at else 0)
            smaller = copy(step)
            smaller.keep(
                [index for index, day in enumerate(step.day) if ordinals[first] <= ordinals[day] <= last]
            )
            steps.append(smaller)
        return Foresight(self.graph, steps, bound=self.bound, effort=self.effort)

    def firsts(self) -> list[int]:
        """The days on which a plan of interest may begin."""
        step, rest = self.steps[0], sum(self.lows[1:])
        totals = zip(step.day, step.whole(), step.lagged() if self.lag else step.lag, strict=True)
        return sorted({day for day, one, two in totals if one + two + rest < self.bound})

    def _remember(self) -> None:
        self.known = [
            dict(zip(step.starts, zip(step.after, step.lag_after, strict=True), strict=True))
            for step in self.steps
        ]

    def improve(self, looks: int) -> None:
        """Divide the points better, by passes there and back as long as each adds something. All of them
        cost about so many looks at a start.
        """
        while looks > 0:
            if not self.lag or self.least >= self.bound or self.settled:
                break
            looks -= self._spend_a_pass()
            self.passes += 1
            self._forth()
            self._back(share=True)
            before, self.least = self.least, self._sum(self.steps[0])
            if not all(step.starts for step in self.steps):
                self.least = NEVER
            self.settled = self.least <= before
        self._remember()

    def _spend_a_pass(self) -> int:
        """Take note of the work of one look at every start; how many there are."""
        nodes = sum(len(step.starts) for step in self.steps)
        self.effort.spend(PLAN * nodes)
        return nodes

    def _sum(self, step: _Step) -> int:
        return min(step.whole(), default=NEVER) + sum(self.lows)

    def _forth(self) -> None:
        """From the first session to the last: what comes before each start."""
        for at in range(self.count):
            if at:
                self._before(at)
            if at >= self.lag:
                self._lag_before(at)
            self._share(at, kept=FIRST_FORTH if self.passes <= FIRST else KEPT)

    def _back(self, *, share: bool) -> None:
        """From the last session to the first: what comes after each start."""
        graph, steps = self.graph, self.steps
        for at in range(self.count - 1, -1, -1):
            step = steps[at]
            if at + 1 < self.count:
                self._after(at)
            else:
                step.after = [graph.end[day] for day in step.day]
            if self.lag and at + self.lag < self.count:
                self._lag_after(at)
            if share:
                self._share(at, kept=FIRST_FORTH if self.passes <= FIRST else KEPT)

    def _share(self, at: int, *, kept: int) -> None:
        """Leave to the row of all sessions so many tenths of what each start costs beyond the least in both
        questions, give the rest to the other, and leave out the starts through which no plan is of interest.
        """
        step, row = self.steps[at], at % self.lag
        whole, lagged = step.whole(), step.lagged()
        least, low = min(whole, default=NEVER), min(lagged, default=NEVER)
        self.lows[row] = low
        most = min(self.bound - least - sum(self.lows), _FAR)
        left, given = [], NEVER
        for index, (one, two) in enumerate(zip(whole, lagged, strict=True)):
            over = one - least + two - low
            if over < most:
                left.append(index)
                other = over - over * kept // 10
                step.lag[index] += other - two + low
                step.row[index] -= other - two + low
                given = min(given, other)
        self.lows[row] = low + given
        if len(left) < len(whole):
            step.keep(left)

    def _before(self, at: int) -> None:
        one, two, gap = self.steps[at - 1], self.steps[at], self.gap
        totals = [before + points for before, points in zip(one.before, one.row, strict=True)]
        found = [NEVER] * len(two.starts)
        for day, (low, high) in one.parts.items():
            least = list(accumulate(totals[low:high], min))
            starts = one.starts[low:high]
            for _, there, points in self.graph.edges[at - 1][day]:
                part = two.parts.get(there)
                if part is None:
                    continue
                for index in range(*part):
                    until = bisect_right(starts, two.starts[index] - gap)
                    if until == len(starts):
                        total = points + least[-1]
                        for later in range(index, part[1]):
                            if total < found[later]:
                                found[later] = total
                        break
                    if until and points + least[until - 1] < found[index]:
                        found[index] = points + least[until - 1]
        two.before = found

    def _after(self, at: int) -> None:
        one, two, gap = self.steps[at], self.steps[at + 1], self.gap
        totals = [after + points for after, points in zip(two.after, two.row, strict=True)]
        suffix: dict[int, tuple[list[Minute], Row]] = {}
        for day, (low, high) in two.parts.items():
            suffix[day] = two.starts[low:high], [*accumulate(reversed(totals[low:high]), min)][::-1]
        found = [NEVER] * len(one.starts)
        for day, (low, high) in one.parts.items():
            for _, there, points in self.graph.edges[at][day]:
                if there not in suffix:
                    continue
                starts, least = suffix[there]
                for index in range(high - 1, low - 1, -1):
                    since = bisect_left(starts, one.starts[index] + gap)
                    if not since:
                        total = points + least[0]
                        for earlier in range(low, index + 1):
                            if total < found[earlier]:
                                found[earlier] = total
                        break
                    if since < len(starts) and points + least[since] < found[index]:
                        found[index] = points + least[since]
        one.after = found

    def _lag_before(self, at: int) -> None:
        one, two = self.steps[at - self.lag], self.steps[at]
        totals = [before + points for before, points in zip(one.lag_before, one.lag, strict=True)]
        least = [NEVER, *accumulate(totals, min)]
        two.lag_before = [least[bisect_right(one.starts, start - self.span)] for start in two.starts]

    def _lag_after(self, at: int) -> None:
        one, two = self.steps[at], self.steps[at + self.lag]
        totals = [after + points for after, points in zip(two.lag_after, two.lag, strict=True)]
        least = [*[*accumulate(reversed(totals), min)][::-1], NEVER]
        one.lag_after = [least[bisect_left(two.starts, start + self.span)] for start in one.starts]

    def rest(self, step: int, start: Minute) -> int:
        """The least of what comes after a start, but for what earlier sessions owe by the rolling limit."""
        known = self.known[step].get(start)
        return NEVER if known is None else known[0] + known[1]

    def owed(self, step: int, tail: Sequence[Minute]) -> int:
        """What the sessions before `step`, the last of them at `tail`, and those that the rolling limit does
        not bind yet add to the rest after any start of that step.
        """
        lag = self.lag
        if not lag:
            return 0
        points = sum(self.lows[step + 1 :])
        for back in range(1, min(lag, step + 1)):
            points += self.known[step - back][tail[-back]][1]
        return points
