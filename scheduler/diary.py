"""An immutable picture of what is taken.

Times are whole minutes since 1970-01-01T00:00Z (`spans.Minute`), spans are half-open.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from scheduler.bits import ones, thermometer
from scheduler.nearby import Nearby
from scheduler.protocol import NurseNeed, Protocol, TimedStep
from scheduler.spans import Minute


@dataclass(frozen=True, slots=True)
class Claim:
    """Chair and nurse time taken by a session or a hold, from `start` for all the `steps`."""

    id: str
    chair: str
    start: Minute
    steps: tuple[TimedStep, ...]

    @property
    def end(self) -> Minute:
        """When the chair is free again."""
        return self.start + self.steps[-1].ends


@dataclass(frozen=True, slots=True)
class PatientSession:
    """A live or finished session of one patient, in whatever clinic and series, or a hold of theirs."""

    id: str
    series: str
    number: int
    spacing_group: str
    phase: str
    start: Minute
    end: Minute  # when the patient leaves
    date: date  # in the wall-clock of the session's own clinic
    protocol: Protocol | None = None  # its own minimum gap and washouts bind what comes near it
    cleared: Minute | None = None  # when a prescriber last cleared its series


@dataclass(frozen=True)
class Taken:
    """What claims take of one window, as bit sets: bit i is minute i; bits past the window mean nothing."""

    busy: dict[str, int]  # by chair
    uses: tuple[Use, ...]

    def beside(self, uses: Iterable[Use]) -> Taken:
        """The same with visits that have no chair as yet."""
        return Taken(self.busy, (*self.uses, *uses))

    @cached_property
    def exclusive(self) -> tuple[int, ...]:
        """Thermometer: minutes with at least j + 1 exclusive steps under way."""
        return thermometer(use.exclusive for use in self.uses)

    @cached_property
    def shared(self) -> tuple[int, ...]:
        """Thermometer: minutes with at least j + 1 shared steps under way."""
        return thermometer(use.shared for use in self.uses)

    @cached_property
    def attended(self) -> tuple[int, ...]:
        """Thermometer: minutes with at least j + 1 steps under way that take a nurse in either manner."""
        return thermometer(use.exclusive | use.shared for use in self.uses)


@dataclass(slots=True)
class Use:
    """The minutes of visits of which no two overlap: all the minutes, and those that take a nurse."""

    busy: int
    exclusive: int
    shared: int

    def moved(self, minutes: int) -> Use:
        """The same so many minutes later; or earlier where negative, without what comes before minute 0."""
        if minutes < 0:
            return Use(self.busy >> -minutes, self.exclusive >> -minutes, self.shared >> -minutes)
        return Use(self.busy << minutes, self.exclusive << minutes, self.shared << minutes)


@dataclass(frozen=True)
class Diary:
    """What is taken at one clinic. Built once from claims, never changed: `without` makes another."""

    claims: tuple[Claim, ...] = ()
    _days: dict[tuple[Minute, Minute], Taken] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    # What others found out about this diary, by what they asked.
    kept: dict[Hashable, object] = field(default_factory=dict, init=False, compare=False, repr=False)

    def without(self, ids: Iterable[str]) -> Diary:
        """The same diary without the claims of those ids."""
        gone = frozenset(ids)
        return Diary(tuple(claim for claim in self.claims if claim.id not in gone))

    def with_claims(self, claims: Iterable[Claim]) -> Diary:
        """The same diary with those claims as well."""
        return Diary((*self.claims, *claims))

    def near(self, start: Minute, end: Minute) -> list[Claim]:
        """The claims that hold their chair at some minute of the span, in order of start."""
        return self._index.overlapping(start, end)

    def starting(self, start: Minute, end: Minute) -> list[Minute]:
        """The starts of claims in the span, in order."""
        return self._index.starting(start, end)

    def taken(self, start: Minute, end: Minute) -> Taken:
        """What is taken from `start` up to `end`, as bit sets. Made once, then kept."""
        found = self._days.get((start, end))
        if found is None:
            found = self._days[start, end] = self._make_taken(start, end)
        return found

    def _make_taken(self, start: Minute, end: Minute) -> Taken:
        by_chair: dict[str, Use] = {}
        doubled: list[Use] = []
        for claim in self._index.overlapping(start, end):
            use = self._visits[id(claim.steps)].moved(claim.start - start)
            known = by_chair.get(claim.chair)
            if known is None:
                by_chair[claim.chair] = use
            elif known.busy & use.busy:  # two in one chair, which the database forbids, take nurses for two
                doubled.append(use)
                known.busy |= use.busy
            else:
                known.busy |= use.busy
                known.exclusive |= use.exclusive
                known.shared |= use.shared
        return Taken({chair: use.busy for chair, use in by_chair.items()}, (*by_chair.values(), *doubled))

    @cached_property
    def _index(self) -> Nearby[Claim]:
        longest = max((visit.busy.bit_length() for visit in self._visits.values()), default=0)
        return Nearby(self.claims, longest=longest)

    @cached_property
    def _visits(self) -> dict[int, Use]:
        # By identity: a protocol version has one tuple of steps for all its claims, and hashing it is slow.
        return {
            key: use_of(steps)
            for key, steps in {id(claim.steps): claim.steps for claim in self.claims}.items()
        }


def use_of(steps: tuple[TimedStep, ...]) -> Use:
    """The minutes of one visit, counted from its start."""
    visit = Use(ones(steps[-1].ends), 0, 0)
    for timed in steps:
        minutes = ones(timed.ends) ^ ones(timed.starts)
        if timed.step.nurse is NurseNeed.EXCLUSIVE:
            visit.exclusive |= minutes
        elif timed.step.nurse is NurseNeed.SHARED:
            visit.shared |= minutes
    return visit
