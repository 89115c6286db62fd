"""Which rules stand in the way of sessions that cannot be placed, each shown where it is broken least."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property

from scheduler import existence
from scheduler.bending import bends, bent
from scheduler.candidates import Field, alone, field
from scheduler.chain import Chain, Spot, Together
from scheduler.diary import Diary
from scheduler.found import Effort
from scheduler.plans import Remaining
from scheduler.rules import Case, Place, check
from scheduler.unruly import ORDER, idle, without
from scheduler.violations import Rule, Violation

_CLINIC = ("supply", "diary")


@dataclass(frozen=True)
class Question:
    """The sessions to be placed, and the dates asked about.

    Some thirty searches answer one question, most of them in cases that differ in what is between two
    sessions: what says where one session fits, and which fit beside each other, is worked out once for all.
    """

    case: Case
    remaining: Sequence[Remaining]
    earliest: date
    latest: date
    effort: Effort

    def field(self, case: Case, *, latest: date | None = None) -> tuple[Field, Chain]:
        """The candidates in a changed case."""
        return self._searched(case, latest=latest or self.latest)

    def find(
        self,
        count: int,
        *,
        case: Case | None = None,
        skip: frozenset[Rule] = frozenset(),
        effort: Effort | None = None,
    ) -> list[Spot] | None:
        """Places for the first so many sessions in a changed case, under all rules but those of `skip`.

        Raises Unsettled when the effort, that of the question unless given, does not suffice.
        """
        loose = without(case or self.case, skip)
        there, chain = self._searched(loose, latest=self.latest, skip=skip, blind=True)
        return existence.find(there, chain, count, effort=effort or self.effort)

    def _searched(
        self, case: Case, *, latest: date, skip: frozenset[Rule] = frozenset(), blind: bool = False
    ) -> tuple[Field, Chain]:
        """`blind` leaves out how busy the clinic is, which only matters to whoever looks for the best."""
        case = self._shared(case)
        clinic = id(case.supply), id(case.diary)  # which live as long as the question does
        visit = case.protocol.timed_steps, case.protocol.chair_features
        together = self._together.setdefault((clinic, visit, Rule.CHAIR in skip), {})
        chain = Chain(case, earliest=self.earliest, skip=skip, together=together)
        one = alone(case)
        rest = tuple(getattr(one, each.name) for each in fields(one) if each.name not in _CLINIC)
        blind = blind or chain.block
        key = clinic, rest, blind, latest
        if key not in self._fields:
            self._fields[key] = field(case, blind=blind, earliest=self.earliest, latest=latest)
        return self._fields[key], chain

    def _shared(self, case: Case) -> Case:
        """The case with a clinic whose days are kept ready for every question about it.

        What is taken on them is kept apart from the diary that was asked about, which may live long.
        """
        supply = self.case.supply.variant(case.supply)
        return case if supply is self.case.supply else replace(case, supply=supply, diary=self._scratch)

    @cached_property
    def _scratch(self) -> Diary:
        return Diary(self.case.diary.claims)

    @cached_property
    def _fields(self) -> dict[Hashable, Field]:
        return {}

    @cached_property
    def _together(self) -> dict[Hashable, Together]:
        return {}


def first_unplaced(asked: Question) -> int:
    """How many sessions it takes until they cannot be placed, given that all cannot."""
    there, chain = asked.field(asked.case)
    counts = range(1, len(asked.remaining) + 1)
    return next(count for count in counts if existence.find(there, chain, count, effort=asked.effort) is None)


def in_the_way(asked: Question, count: int) -> tuple[Violation, ...]:
    """A smallest set of rules that together leave so many sessions no place, and how each is broken.

    Without any one of them, the others of the set kept, the sessions can be placed. That nobody sits in two
    chairs at once goes without saying where the least gap sees to it: it is kept whatever is left out.
    """
    skip: frozenset[Rule] = frozenset()
    told = [rule for rule in ORDER if rule is not Rule.PATIENT_OVERLAP or not idle(asked.case, rule)]
    for rule in told:
        if idle(asked.case, rule) or asked.find(count, skip=skip | {rule}) is None:
            skip |= {rule}
    return tuple(_least_bad(asked, count, rule, skip) for rule in told if rule not in skip)


def _least_bad(asked: Question, count: int, rule: Rule, skip: frozenset[Rule]) -> Violation:
    """How the rule is broken where it is broken least: by places that keep all others if there are any, else
    those of the set.
    """
    others = frozenset[Rule]()
    spots = asked.find(count, skip=frozenset({rule}))
    if spots is None:
        others, spots = skip, asked.find(count, skip=skip | {rule})
    assert spots is not None, "the set is smallest: without any one rule the sessions can be placed"
    spots = _fewest_steps(asked, count, rule, others) or spots
    numbers = sorted(one.number for one in asked.remaining)
    places = [Place(number, spot.start) for number, spot in zip(numbers, spots, strict=False)]
    return max((one for one in check(asked.case, places) if one.rule is rule), key=_by_how_much)


def _fewest_steps(asked: Question, count: int, rule: Rule, others: frozenset[Rule]) -> list[Spot] | None:
    """Places with the rule bent by the fewest steps, by halving: a milder rule never loses a plan."""
    low, high, found = 1, bends(asked.case, rule, first=asked.earliest, last=asked.latest), None
    while low <= high:
        middle = (low + high) // 2
        spots = asked.find(count, case=bent(asked.case, rule, middle), skip=others)
        if spots is None:
            low = middle + 1
        else:
            high, found = middle - 1, spots
    return found


def _by_how_much(broken: Violation) -> int:
    """How far from what is required, where that is a number."""
    required, actual = broken.required, broken.actual
    return abs(required - actual) if isinstance(required, int) and isinstance(actual, int) else 0
