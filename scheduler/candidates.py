"""Where each session of a series could be: the starts that fit alone, day by day, ready for the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from scheduler.chain import Spot
from scheduler.load import load_of
from scheduler.openings import lone_starts
from scheduler.protocol import Spacing
from scheduler.rules import Case
from scheduler.spans import Minute

Days = tuple[tuple[Spot, ...], ...]


@dataclass(frozen=True)
class Field:
    """The days that have candidates, in order, each with its candidates in order of time."""

    days: Days

    def only(self, keep: Callable[[Spot], bool]) -> Field:
        """The field with those candidates alone for which `keep` is true."""
        return Field(tuple(kept for day in self.days if (kept := tuple(spot for spot in day if keep(spot)))))

    def aligned(self, keep: Callable[[Spot], bool]) -> Field:
        """The same with every day in its place, also where nothing is kept; a day that is whole stays
        itself.
        """
        days = []
        for day in self.days:
            kept = tuple(filter(keep, day))
            days.append(day if len(kept) == len(day) else kept)
        return Field(tuple(days))

    @cached_property
    def dense(self) -> Field:
        """The field without the days that have no candidate."""
        return Field(tuple(day for day in self.days if day))

    @cached_property
    def spots(self) -> list[Spot]:
        """All candidates, in order of time."""
        return [spot for day in self.days for spot in day]

    @cached_property
    def clocks(self) -> list[int]:
        """The times of day of all candidates, in order."""
        return sorted({spot.clock for day in self.days for spot in day})

    @cached_property
    def by_clock(self) -> dict[int, Field]:
        """For each time of day, in order, its candidates alone, with every day in its place."""
        found: dict[int, list[tuple[Spot, ...]]] = {clock: [()] * len(self.days) for clock in self.clocks}
        for at, day in enumerate(self.days):
            for spot in day:
                found[spot.clock][at] += (spot,)
        return {clock: Field(tuple(days)) for clock, days in found.items()}

    def at(self, clock: int) -> Field:
        """The field at one of its times of day alone, without the days that have no candidate then."""
        return self.by_clock[clock].dense


def field(case: Case, *, earliest: date, latest: date, blind: bool) -> Field:
    """Every start from `earliest` to `latest` that fits alone. `blind` leaves the load out, for those who do
    not ask which is best.

    The hard maximum gap is left to the chain: a start too far from what is booked may be near another place.
    """
    return from_starts(case, lone_starts(alone(case), first=earliest, last=latest), blind=blind)


def alone(case: Case) -> Case:
    """The case as far as it says which starts fit alone: two that differ in nothing here have equal fields,
    but for the load that `blind` leaves out.
    """
    spacing = replace(case.phase.spacing, max_gap_days=None) if case.booked else Spacing()
    wish = replace(case.wish, same_time=False)
    return replace(case, phase=replace(case.phase, spacing=spacing), wish=wish)


def from_starts(case: Case, starts: dict[date, list[Minute]], *, blind: bool = False) -> Field:
    """A field of those starts, by clinic-local date. `blind` leaves the load out, where no preference asks
    for it.
    """
    load = load_of(case)
    days = []
    for day in sorted(starts):
        parts = case.supply.window(day, case.protocol.chair_minutes).stretches
        turn = parts[-1].start
        early, late = parts[0].clock - parts[0].start, parts[-1].clock - turn
        ordinal, weekday, there = day.toordinal(), day.isoweekday(), starts[day]
        clocks = [at + (late if at >= turn else early) for at in there]
        points = [0] * len(there) if blind else load.points(there, clocks, weekday=weekday)
        days.append(
            tuple(
                [
                    Spot(at, ordinal, clock, more, weekday)
                    for at, clock, more in zip(there, clocks, points, strict=True)
                ]
            )
        )
    return Field(tuple(day for day in days if day))
