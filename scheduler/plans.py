"""The answers of the engine as values: plans, moves, and what to say when there is no plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scheduler.chain import Chain, Spot
from scheduler.openings import choose_chair
from scheduler.preferences import Reason, cost, reasons
from scheduler.rules import Case, Place
from scheduler.seating import seat
from scheduler.spans import Minute
from scheduler.violations import Rule, Violation


@dataclass(frozen=True, slots=True)
class Plan:
    """A place for every session, which together keep every rule."""

    places: tuple[Place, ...]  # in order of number, each with a chair
    cost: int  # the sum of the reasons' points
    reasons: tuple[Reason, ...]
    finishes: date  # clinic-local date of the last place in time


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One rule changed as little as helps, and the best plan that exists then."""

    rule: Rule
    change: str  # a sentence for a person
    plan: Plan


@dataclass(frozen=True, slots=True)
class Unplannable:
    """There is no plan. `session` is the number of the first session that cannot be placed with those before
    it.

    The rules of `violations` stand in the way together: without any one of them those sessions could be
    placed (the others of the set kept). `relaxations` are the cheapest changes of one rule under which all
    can be, at most three.
    """

    session: int
    violations: tuple[Violation, ...]
    relaxations: tuple[Relaxation, ...]


@dataclass(frozen=True, slots=True)
class Remaining:
    """A session of a series that is still to come. `start` None: to be placed anew, e.g. missed or
    cancelled.
    """

    number: int
    start: Minute | None
    chair: str | None = None  # where it sits, for those who would let it sit there


@dataclass(frozen=True, slots=True)
class Move:
    """One session that changes its place, or gets one. `before` None: it had none."""

    number: int
    before: Minute | None
    after: Minute


@dataclass(frozen=True, slots=True)
class Replan:
    """A plan for what is left of a series, and what changes by it, in order of number."""

    plan: Plan
    moves: tuple[Move, ...]


def make_plan(
    case: Case, chain: Chain, spots: Sequence[Spot], numbers: Sequence[int], *, earliest: date
) -> Plan:
    """The plan of those places, `numbers` naming their sessions one by one. Each gets a chair that is free
    for it.
    """
    chairs = _chairs(case, chain, [spot.start for spot in spots])
    places = [
        Place(number, spot.start, chair) for number, spot, chair in zip(numbers, spots, chairs, strict=True)
    ]
    places.sort(key=lambda place: place.number)
    return Plan(
        places=tuple(places),
        cost=cost(case, places, earliest=earliest),
        reasons=reasons(case, places, earliest=earliest),
        finishes=date.fromordinal(spots[-1].day),
    )


def _chairs(case: Case, chain: Chain, starts: Sequence[Minute]) -> list[str | None]:
    found: list[str | None] = []
    knot: list[Minute] = []
    for at, start in enumerate(starts):
        knot.append(start)
        if at + 1 < len(starts) and starts[at + 1] - start < chain.reach:
            continue
        if len(knot) == 1:
            found.append(choose_chair(case, start))
        else:
            found.extend(seat(case, knot) or [None] * len(knot))
        knot = []
    return found
