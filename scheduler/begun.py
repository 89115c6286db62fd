"""Plans begun: what is known of one, and which of two may be dropped.

Of two that end at one start, the one that costs more and leaves no more room is dropped.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import le
from typing import NamedTuple

from scheduler.chain import Chain, Spot
from scheduler.pricing import Pricing
from scheduler.roles import Roles
from scheduler.spans import Minute

_DAY = 24 * 60


class Partial(NamedTuple):
    """A plan begun: its last place and how it came there."""

    cost: int
    step: int
    day: int
    spot: Spot
    tail: tuple[Minute, ...]
    days: tuple[int, ...]
    first: int
    before: Partial | None
    looked: bool = False  # whether its rank says all that is known

    def spots(self) -> tuple[Spot, ...]:
        """All its places in order of time."""
        found = []
        at: Partial | None = self
        while at is not None:
            found.append(at.spot)
            at = at.before
        return tuple(reversed(found))


class Choice(NamedTuple):
    """The starts of a day that may come next after a plan begun, cheapest first, from number `at` on."""

    before: Partial | None
    step: int
    day: int
    least: int  # the points so far, with the gap to that day
    rest: int  # the least points after that day
    days: tuple[int, ...]
    first: int
    owed: int  # what the sessions so far add to the rest, where that is known start by start
    at: int


class Start(NamedTuple):
    """A start of a day that may come next, as far as its own points tell."""

    least: int  # its points, and the least rest after it where that is known start by start
    price: int
    cheapest: int  # the least points of this start and those that wait behind it
    spot: Spot


class Begun:
    """The plans begun in one search, by the step and the start at which they end."""

    def __init__(self, chain: Chain, roles: Roles, pricing: Pricing) -> None:
        self.chain, self.roles = chain, roles
        self.starts = [spot.start for day in pricing.days for spot in day]
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.seen: dict[tuple[int, Minute], list[tuple[int, tuple[int, ...], int]]] = {}

    def no_better(self, partial: Partial) -> bool:
        """Whether a plan begun is known that costs no more, ends at the same start and leaves as much room.

        Room is left by earlier starts, each rule between places being a least distance, and by a later first
        date.
        """
        room = self._room(partial)
        first = partial.first if self.chain.within is not None else 0
        seen = self.seen.setdefault((partial.step, partial.spot.start), [])
        for cost, known, known_first in seen:
            roomier = known == room or (not self.chain.reach and all(map(le, known, room)))
            if roomier and cost <= partial.cost and known_first >= first:
                return True
        seen.append((partial.cost, room, first))
        return False

    def _room(self, partial: Partial) -> tuple[int, ...]:
        """What the places so far ask of later ones: the less, the more room.

        Where nothing else is booked that is the first candidate that each of the next sessions may take by
        the rolling limit, as far as there are so many to come; what the least gap asks anyway is left aside.
        """
        chain, tail = self.chain, partial.tail
        limit = chain.limit
        if chain.reach:
            return tail
        if limit is None:
            return ()
        span = limit.days * _DAY
        if chain.group:
            return tuple([max(start, tail[-1] - span) for start in tail])
        starts, here = self.starts, partial.spot.start
        left = self.roles.left(partial.step)
        room = []
        missing = limit.sessions - len(tail)
        for at, start in enumerate(tail):
            ahead = missing + at + 1  # the session that this one binds, counted from the last place
            if ahead > left:
                break
            room.append(bisect_left(starts, max(start + span, here + ahead * chain.min_minutes)))
        return tuple(room)
