"""What many series that lost places at once ask, and the answer to all of them, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from scheduler.case import Case
from scheduler.plans import Relaxation, Remaining
from scheduler.spans import Minute
from scheduler.violations import Violation


@dataclass(frozen=True)
class Stricken:
    """One patient's series of which sessions have lost their place.

    `case` is the patient's question as for `replan`: `booked` holds what stays of the patient in whatever
    series, without `remaining`. Its supply, diary and now do not matter: all share those of the repair.
    `remaining` are the sessions that may be placed anew, each with its old start and chair; a session that
    has begun is none of them. `lost` are the numbers of those that cannot stay as they are. Series with the
    same `patient` keep their rules beside each other's new places; none is the patient of another where that
    is empty.
    """

    series: str
    case: Case
    remaining: tuple[Remaining, ...]
    lost: frozenset[int]
    patient: str = ""


class Horizon(NamedTuple):
    """The clinic-local dates on which new places are looked for, both included."""

    first: date
    last: date


class Stage(StrEnum):
    """How far the answer had to go. Sessions of series that lost nothing are moved in none of them."""

    LOST = "lost"  # every lost session has a place, and no other session is moved
    SERIES = "series"  # every lost session has a place, and others of the same series give way
    LEFT = "left"  # some lost sessions find no place and are named


class Cost(NamedTuple):
    """What counts, in this strict order.

    As a bound: at most so many placed, and with that many at least so much of what follows.
    """

    placed: int  # lost sessions that have a place; more is better
    urgency: int  # how soon the deadlines of those without one are (`opening.URGENT`); less is better
    moved: int  # sessions whose start changes, lost ones included; less is better
    minutes: int  # between the old and the new starts of the moved ones, in all; less is better

    @property
    def key(self) -> tuple[int, int, int, int]:
        """The same so that the lesser is the better."""
        return -self.placed, self.urgency, self.moved, self.minutes


class Moved(NamedTuple):
    """One session that changes its place. Where `after` is `before`, it changes its chair alone."""

    number: int
    before: Minute
    after: Minute
    chair: str


@dataclass(frozen=True, slots=True)
class Change:
    """What changes in one series, in order of number."""

    series: str
    moves: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Lost sessions of one series that find no place, to be called about.

    `violations` stand in the way beside the new places of all others, and `relaxations` are changes of one
    rule with the plan that each would make possible then. Both are empty where that was not settled in time.
    """

    series: str
    sessions: tuple[int, ...]  # numbers, in order
    violations: tuple[Violation, ...]
    relaxations: tuple[Relaxation, ...]


class Progress(NamedTuple):
    """An answer exists that costs so much, and none costs less than the bound, as far as is known by now."""

    stage: Stage
    cost: Cost
    bound: Cost
    seconds: float  # since the repair began


@dataclass(frozen=True, slots=True)
class JointPlan:
    """One plan for all stricken series, which together keep every rule."""

    changes: tuple[Change, ...]  # of the series in which something changes, in order of their ids
    left: tuple[Left, ...]  # likewise
    stage: Stage
    cost: Cost
    bound: Cost  # no plan is better than this
    seconds: float

    @property
    def proven(self) -> bool:
        """Whether no plan whatever on these dates is better."""
        return self.cost == self.bound


#: Told of each better answer and each better bound, while the repair goes on.
OnProgress = Callable[[Progress], None]
