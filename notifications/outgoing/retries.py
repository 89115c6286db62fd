"""What becomes of a delivery after a try, and when a receiver is left in peace: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: How long an event is tried for.
KEEPS = timedelta(hours=24)
#: Waits between the tries: ten tries, the last one nine minutes before a day is over.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 480))
#: A receiver that does not answer is asked once in at most so long, by one delivery.
LONGEST_REST = timedelta(minutes=15)

_GONE = 410
_NOT_NOW = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said to one try. `status` is None where there was no answer at all."""

    status: int | None = None
    detail: str = ""  # for people: what went wrong on the way
    retry_after: timedelta | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def in_trouble(self) -> bool:
        """Whether it is the receiver that fails, not this event that it does not want."""
        return self.status is None or self.status >= 500 or self.status in _NOT_NOW

    @property
    def said(self) -> str:
        if self.status is None:
            return self.detail
        return "redirects are not followed" if 300 <= self.status < 400 else f"it answered {self.status}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is done."""


@dataclass(frozen=True, slots=True)
class Again:
    """Another try, not before `at`."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No further try. `closed`: the receiver wants nothing ever again."""

    why: str
    closed: bool = False


def decide(answer: Answer, *, tries: int, now: datetime, expires_at: datetime) -> Delivered | Again | GivenUp:
    """What follows from the answer to try number `tries`.

    Every refusal is tried again within the day, since receivers are mended; but `410 Gone` closes the
    endpoint. A `Retry-After` that is longer than our own wait is kept to.
    """
    if answer.accepted:
        return Delivered()
    if answer.status == _GONE:
        return GivenUp("it answered 410: it wants nothing any more", closed=True)
    if tries > len(WAITS):
        return GivenUp(f"{answer.said}, {tries} times")
    at = now + max(WAITS[tries - 1], answer.retry_after or timedelta())
    if at >= expires_at:
        return GivenUp(f"{answer.said}, for a day")
    return Again(at, answer.said)


def rest(failures: int) -> timedelta:
    """How long a receiver that failed so often in a row is left in peace: a minute, doubled each time."""
    return min(timedelta(minutes=2 ** min(failures - 1, 10)), LONGEST_REST)
