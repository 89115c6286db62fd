"""What a start costs within one rhythm: the usual hour and the usual weekdays that a plan is judged by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import combinations, pairwise
from typing import NamedTuple

from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.preferences import OFF_HOUR_MINUTE, OFF_WEEKDAY, clock, usual_days
from scheduler.roles import Roles
from scheduler.spans import Minute

NEVER = 1 << 120
Prices = list[list[int]]  # [step][day] → points of the best start of that day


class Rhythm(NamedTuple):
    """A usual hour (minutes after midnight) and usual weekdays (ISO). None: not looked at, which is never
    dearer.
    """

    hour: int | None
    weekdays: frozenset[int] | None


ANY = Rhythm(None, None)


class Pricing:
    """The points of starts and days of one field, and of what is booked of the series."""

    def __init__(self, field: Field, chain: Chain, roles: Roles, *, like: Pricing | None = None) -> None:
        """`like` is the pricing of a larger field of the same days: what is the same is not worked out
        again.
        """
        self.days = field.days
        self.chain = chain
        self.roles = roles
        self._like = like
        self._known_off: dict[frozenset[int] | None, list[int]] = {}
        self.wanted = usual_days(chain.case.phase.spacing)
        own = [visit for visit in chain.case.history if visit.own]
        self.own_clocks = [clock(chain.case, visit.start) for visit in own]
        self.own_weekdays = [visit.date.isoweekday() for visit in own]
        self.weekday_of: list[int] = like.weekday_of if like else [day[0].weekday for day in field.days]

    @cached_property
    def hours(self) -> list[int]:
        """Each hour that could be the usual one: the best is always an hour of the plan or of what is
        booked.
        """
        return sorted({spot.clock for day in self.days for spot in day} | set(self.own_clocks))

    @cached_property
    def weekday_sets(self) -> list[frozenset[int] | None]:
        """Each set of weekdays that could be the usual ones."""
        used = sorted({*(day[0].weekday for day in self.days if day), *self.own_weekdays})
        if self.wanted >= len(used):
            return [None]
        return [frozenset(days) for days in combinations(used, self.wanted)]

    def booked(self, rhythm: Rhythm) -> int:
        """The points of what is booked of the series already."""
        points = 0
        if rhythm.hour is not None:
            points += OFF_HOUR_MINUTE * sum(abs(shown - rhythm.hour) for shown in self.own_clocks)
        if rhythm.weekdays is not None:
            points += OFF_WEEKDAY * sum(weekday not in rhythm.weekdays for weekday in self.own_weekdays)
        return points

    def off_day(self, day: int, rhythm: Rhythm) -> int:
        """The points of a day for its weekday."""
        weekdays = rhythm.weekdays
        return 0 if weekdays is None or self.weekday_of[day] in weekdays else OFF_WEEKDAY

    def off_days(self, rhythm: Rhythm) -> list[int]:
        """The same for each day."""
        if self._like is not None:
            return self._like.off_days(rhythm)
        found = self._known_off.get(rhythm.weekdays)
        if found is None:
            found = [self.off_day(day, rhythm) for day in range(len(self.days))]
            self._known_off[rhythm.weekdays] = found
        return found

    def starts(self, day: int, rhythm: Rhythm) -> list[int]:
        """The points of each start of a day, in order of time, the moves aside."""
        off, hour = self.off_day(day, rhythm), rhythm.hour
        if hour is None:
            return [off + spot.load for spot in self.days[day]]
        return [off + spot.load + OFF_HOUR_MINUTE * abs(spot.clock - hour) for spot in self.days[day]]

    def prices(self, rhythm: Rhythm) -> Prices:
        """The points of the best start of each day, for each step. Where old places count: for any rhythm."""
        if not self.roles.old:
            off = self.off_days(rhythm)
            rows = self._any_hour if rhythm.hour is None else self._by_hour[rhythm.hour]
            return [[more + points for more, points in zip(off, rows, strict=True)]] * len(self.roles.nodes)
        by_old = {old: self._paired(old) for old in set(self.roles.nodes)}
        return [by_old[old] for old in self.roles.nodes]

    def best_start(self, day: int, hour: int) -> int:
        """The points of the best start of a day, its weekday aside."""
        return min(self.starts(day, Rhythm(hour, None)), default=NEVER)

    def _paired(self, old: Minute | None) -> list[int]:
        toll = self.roles.toll_at
        return [min([spot.load + toll(old, spot.start) for spot in day], default=NEVER) for day in self.days]

    def cost(self, spots: Sequence[Spot]) -> int:
        """What a plan costs: the points of `preferences` and the moves."""
        chain = self.chain
        points = chain.begin_cost(spots[0]) + chain.end_cost(spots[-1]) + sum(spot.load for spot in spots)
        points += sum(chain.step_cost(one, two) for one, two in pairwise(spots))
        clocks = sorted([*self.own_clocks, *(spot.clock for spot in spots)])
        usual = clocks[(len(clocks) - 1) // 2]
        points += OFF_HOUR_MINUTE * sum(abs(shown - usual) for shown in clocks)
        weekdays = [*self.own_weekdays, *(spot.weekday for spot in spots)]
        common = Counter(weekdays).most_common(self.wanted)
        points += OFF_WEEKDAY * (len(weekdays) - sum(times for _, times in common))
        return points + self.roles.cost([spot.start for spot in spots])

    def within(self, rhythm: Rhythm, spots: Sequence[Spot]) -> int:
        """What a plan costs as judged by one rhythm, which may not be the one that suits it best."""
        chain, hour, weekdays = self.chain, rhythm.hour, rhythm.weekdays
        points = chain.begin_cost(spots[0]) + chain.end_cost(spots[-1]) + self.booked(rhythm)
        points += sum(chain.step_cost(one, two) for one, two in pairwise(spots)) + sum(s.load for s in spots)
        if hour is not None:
            points += OFF_HOUR_MINUTE * sum(abs(spot.clock - hour) for spot in spots)
        if weekdays is not None:
            points += OFF_WEEKDAY * sum(spot.weekday not in weekdays for spot in spots)
        return points

    @cached_property
    def slope(self) -> int:
        """By how much at most a plan costs more or less where the usual hour is a minute later."""
        return OFF_HOUR_MINUTE * (self.roles.count + len(self.own_clocks))

    @cached_property
    def _any_hour(self) -> list[int]:
        return [min((spot.load for spot in day), default=NEVER) for day in self.days]

    @cached_property
    def _by_hour(self) -> dict[int, list[int]]:
        """For each hour, the points of the best start of each day: one sweep up and one down the hours of a
        day.
        """
        rows = self.rows_by_day
        return {hour: [row[at] for row in rows] for at, hour in enumerate(self.all_hours)}

    @cached_property
    def all_hours(self) -> list[int]:
        """The hours of the largest field, so that the rows of all its parts can be shared."""
        return self._like.all_hours if self._like else self.hours

    @cached_property
    def rows_by_day(self) -> list[list[int]]:
        """For each day the points of its best start, by hour."""
        hours = self.all_hours
        index = {hour: at for at, hour in enumerate(hours)}
        steps = [OFF_HOUR_MINUTE * (two - one) for one, two in pairwise(hours)]
        if self._like is None:
            return [self._sweep(day, index, steps) for day in self.days]
        return [
            row if day is whole else self._sweep(day, index, steps)
            for row, day, whole in zip(self._like.rows_by_day, self.days, self._like.days, strict=True)
        ]

    def _sweep(self, day: tuple[Spot, ...], index: dict[int, int], steps: list[int]) -> list[int]:
        row = [NEVER] * len(index)
        for spot in day:
            at = index[spot.clock]
            row[at] = min(row[at], spot.load)
        for at, step in enumerate(steps):
            if row[at] + step < row[at + 1]:
                row[at + 1] = row[at] + step
        for at in range(len(steps) - 1, -1, -1):
            if row[at + 1] + steps[at] < row[at]:
                row[at] = row[at + 1] + steps[at]
        return row
