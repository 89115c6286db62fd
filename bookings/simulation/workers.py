"""What the workers do, on the clock of the simulation: at once after a change, as a nudge would have it, and
at the hours at which the beat finds something that no change has told of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Protocol

from bookings.commands import holds, offers, proposals, watching
from bookings.freed import MOVES_ON
from bookings.simulation.stage import Stage
from bookings.watchlist import CONCERNED

#: Whoever has to answer is written to within so many minutes; all other messages go out on the hour.
POST = timedelta(minutes=5)
_URGENT = frozenset({"moves_proposed", "offer_made"})
#: The beat's rounds, by the hour: in production they come every minute and find nothing.
WATCHES_AT = (8, 12, 16)
OFFERS_AT = (8, 11, 14, 17)
TIDIES_AT = (9, 11, 13, 15)
#: The watch's round in which somebody is found missing: it comes every five minutes.
NEXT_ROUND = timedelta(minutes=5)


class Messages(Protocol):
    """Whoever tells people what has changed; `bookings` does not know who that is."""

    def tell(self, now: datetime) -> None:
        """Write what the changes so far ask for, and send what is due."""

    def send(self, now: datetime) -> None:
        """Send what is due."""


class Workers:
    """The workers of one simulation."""

    def __init__(self, stage: Stage, messages: Messages) -> None:
        self._stage, self._messages = stage, messages
        self._posting = self._untold = False

    def expect(self) -> None:
        """The beat's rounds of the whole time."""
        world, now_at, put = self._stage.world, self._stage.premises.now_at, self._stage.put
        for number in range(world.weeks * 7):
            day = world.begins + timedelta(days=number)
            self._every(put, (now_at(day, time(hour)) for hour in range(24)), self._on_the_hour)
            self._every(put, (now_at(day, time(hour, 3)) for hour in TIDIES_AT), self._tidy)
            if self._stage.arm.watch:
                put(now_at(day, time(0, 15)), lambda now: watching.watch_new_days(now=now))
                rounds = (now_at(day, time(hour, 5)) for hour in WATCHES_AT)
                self._every(put, rounds, lambda now: watching.watch_recent(now=now))
            if self._stage.arm.waiting_list:
                rounds = (now_at(day, time(hour, 4)) for hour in OFFERS_AT)
                self._every(put, rounds, lambda now: offers.offer_freed_places(now=now))

    def after(self, ids: Sequence[int], verbs: set[str], now: datetime) -> None:
        """What nudges after those journal rows have the workers do."""
        arm = self._stage.arm
        if arm.watch and not CONCERNED.isdisjoint(verbs):
            watching.watch_after(ids, now=now)
        if arm.waiting_list and not MOVES_ON.isdisjoint(verbs):
            offers.offer_freed_places(entries=ids, now=now)
        self._untold = True
        if not self._posting and not _URGENT.isdisjoint(verbs):
            self._posting = True
            self._stage.put(now + POST, self._post)

    def not_arrived(self, start: datetime, grace: timedelta) -> None:
        """A round of the watch just after the grace time of a visit to which nobody has come."""
        self._stage.put(start + grace + NEXT_ROUND, lambda now: watching.watch_recent(now=now))

    def next_in_turn(self, expires_at: datetime) -> None:
        """A round of offers when one has expired."""
        self._stage.put(expires_at + timedelta(minutes=1), lambda now: offers.offer_freed_places(now=now))

    def _post(self, now: datetime) -> None:
        self._posting = self._untold = False
        self._messages.tell(now)

    def _on_the_hour(self, now: datetime) -> None:
        if self._untold:
            self._untold = False
            self._messages.tell(now)
        else:
            self._messages.send(now)

    def _tidy(self, now: datetime) -> None:
        proposals.tidy_proposals(now=now)
        holds.tidy_holds(now=now)

    @staticmethod
    def _every(
        put: Callable[[datetime, Callable[[datetime], object]], None],
        moments: Iterable[datetime],
        deed: Callable[[datetime], object],
    ) -> None:
        for moment in moments:
            put(moment, deed)
