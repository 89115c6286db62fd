"""An immutable picture of what is taken.

Times are whole minutes since 1970-01-01T00:00Z (`spans.Minute`), spans are half-open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from scheduler.bits import ones, thermometer
from scheduler.nearby import Nearby
from scheduler.protocol import NurseNeed, TimedStep
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


@dataclass(frozen=True)
class Taken:
    """What claims take of one window, as bit sets: bit i is minute i of the window (bits past its end mean nothing)."""

    busy: dict[str, int]  # by chair
    uses: tuple[
        tuple[int, int], ...
    ]  # minutes of exclusive and of shared nursing; no minute twice in one pair

    @cached_property
    def exclusive(self) -> tuple[int, ...]:
        """Thermometer: minutes with at least j + 1 exclusive steps under way."""
        return thermometer(exclusive for exclusive, _ in self.uses)

    @cached_property
    def shared(self) -> tuple[int, ...]:
        """Thermometer: minutes with at least j + 1 shared steps under way."""
        return thermometer(shared for _, shared in self.uses)

    @cached_property
    def attended(self) -> tuple[int, ...]:
        """Thermometer: minutes with at least j + 1 steps under way that take a nurse in either manner."""
        return thermometer(exclusive | shared for exclusive, shared in self.uses)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The minutes of one visit, bit i being minute i after its start."""

    chair: int
    exclusive: int
    shared: int
    minutes: int


@dataclass(frozen=True)
class Diary:
    """What is taken at one clinic. Built once from claims, never changed: `without` makes another."""

    claims: tuple[Claim, ...] = ()
    _days: dict[tuple[Minute, Minute], Taken] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def without(self, ids: Iterable[str]) -> Diary:
        """The same diary without the claims of those ids."""
        gone = frozenset(ids)
        return Diary(tuple(claim for claim in self.claims if claim.id not in gone))

    def with_claims(self, claims: Iterable[Claim]) -> Diary:
        """The same diary with those claims as well."""
        return Diary((*self.claims, *claims))

    def near(self, start: Minute, end: Minute) -> list[Claim]:
        """The claims that hold their chair at some minute of the span."""
        return self._index.overlapping(start, end)

    def starting(self, start: Minute, end: Minute) -> list[Minute]:
        """The starts of claims in the span, in order."""
        return sorted(claim.start for claim in self.near(start, end) if claim.start >= start)

    def taken(self, start: Minute, end: Minute) -> Taken:
        """What is taken from `start` up to `end`, as bit sets. Made once, then kept."""
        found = self._days.get((start, end))
        if found is None:
            found = self._days[start, end] = self._make_taken(start, end)
        return found

    def _make_taken(self, start: Minute, end: Minute) -> Taken:
        alike: dict[tuple[str, int], list[Minute]] = {}
        for claim in self._index.overlapping(start, end):
            key = claim.chair, id(claim.steps)
            if key in alike:
                alike[key].append(claim.start)
            else:
                alike[key] = [claim.start]
        busy: dict[str, int] = {}
        uses: list[tuple[int, int]] = []
        for (chair, steps), starts in alike.items():
            pattern = self._patterns[steps]
            for taken, exclusive, shared in _stamp(pattern, starts, origin=start):
                busy[chair] = busy.get(chair, 0) | taken
                uses.append((exclusive, shared))
        return Taken(busy, tuple(uses))

    @cached_property
    def _index(self) -> Nearby[Claim]:
        return Nearby(self.claims)

    @cached_property
    def _patterns(self) -> dict[int, _Pattern]:
        # By identity: a protocol version has one tuple of steps that all its claims share, and hashing it is slow.
        return {
            key: _pattern(steps)
            for key, steps in {id(claim.steps): claim.steps for claim in self.claims}.items()
        }


def _pattern(steps: tuple[TimedStep, ...]) -> _Pattern:
    exclusive = shared = 0
    for timed in steps:
        minutes = ones(timed.ends) ^ ones(timed.starts)
        if timed.step.nurse is NurseNeed.EXCLUSIVE:
            exclusive |= minutes
        elif timed.step.nurse is NurseNeed.SHARED:
            shared |= minutes
    return _Pattern(ones(steps[-1].ends), exclusive, shared, steps[-1].ends)


def _stamp(pattern: _Pattern, starts: list[Minute], *, origin: Minute) -> list[tuple[int, int, int]]:
    """Chair, exclusive and shared minutes of visits of one pattern in one chair.

    A product of integers stamps the pattern at every start at once, as long as no two stamps overlap: an overlap
    carries, and every carry costs a set bit, so counting the bits proves that there was none. Visits that overlap in
    one chair (which the database forbids) are stamped one by one.
    """
    early = max(origin - min(starts), 0)  # visits that began before the window
    at = 0
    for start in starts:
        at += 1 << (start - origin + early)
    chair = at * pattern.chair
    if chair.bit_count() != len(starts) * pattern.minutes:
        return [stamp for start in starts for stamp in _stamp(pattern, [start], origin=origin)]
    return [(chair >> early, at * pattern.exclusive >> early, at * pattern.shared >> early)]
