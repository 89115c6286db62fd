"""What the sessions still to be placed must cost for the moves they stand for, whatever is chosen next.

The bounds by days (`levels`) see two neighbouring sessions at a time. Where a limit within a window or a
least gap pushes a whole row of sessions along, what is placed already decides how early each of the later
ones can be; and from its earliest start on, each has a cheapest start of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from scheduler.candidates import Field
from scheduler.chain import Chain
from scheduler.existence import Earliest
from scheduler.found import Effort
from scheduler.pricing import NEVER
from scheduler.roles import Roles
from scheduler.spans import Minute


class Lookahead:
    """The least points for moves after a plan begun, for one question. Holds in every part of its field."""

    def __init__(self, field: Field, chain: Chain, roles: Roles, effort: Effort) -> None:
        self.roles = roles
        self.within = chain.within
        self.earliest = Earliest(field, chain, effort)
        self._from: dict[Minute | None, list[int]] = {}

    def lows(self, step: int, tail: Sequence[Minute], first: int) -> list[int] | None:
        """How early each session still to come can be after a step, as indices of candidates; None when some
        session has no place left. The last places were at `tail`, the first of all on the date `first`.
        """
        earliest = self.earliest
        lows = [bisect_left(earliest.starts, start) for start in tail] + [0] * self.roles.left(step)
        if not earliest.settle(lows, len(tail)):
            return None
        if self.within is not None and earliest.days[lows[-1]] - first > self.within:
            return None
        return lows[len(tail) :]

    def rest(self, step: int, lows: Sequence[int]) -> int:
        """The least points for moves of the sessions that come after a step, none earlier than that."""
        roles, reached = self.roles, {step: 0}
        for low in lows:
            onward: dict[int, int] = {}
            for before, points in reached.items():
                for following in roles.following[before]:
                    total = points + self._cheapest(roles.nodes[following])[low]
                    if total < onward.get(following, NEVER):
                        onward[following] = total
            reached = onward
        return min(reached.values())

    def _cheapest(self, paired: Minute | None) -> list[int]:
        """For each candidate, the least points for moves of a place there or later, paired with an old
        start.
        """
        found = self._from.get(paired)
        if found is None:
            tolls = [self.roles.toll_at(paired, start) for start in self.earliest.starts]
            found = self._from[paired] = [*accumulate(reversed(tolls), min)][::-1]
        return found
