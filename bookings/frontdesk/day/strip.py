"""The strip above the day: nurses needed against nurses on duty, minute by minute, with shifts and closures.

Places along the strip are hundredths of its width, so that a page draws it at whatever width it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bookings.queries.board import Board, Load
from scheduler.spans import Minute, instant, minute

_ROOM = 84  # pixels for the highest pile of nurses
_UNIT = 16  # and for one of them, where there is room
_LANE = 20
_AXIS = 20
#: Numbers are written into a bar that is at least so wide, in minutes.
_WRITABLE = 25


@dataclass(frozen=True)
class Bar:
    """Something from one place along the strip to another. `top` and `height` in pixels."""

    left: float
    width: float
    top: float
    height: float
    kind: str
    words: str = ""

    @property
    def middle(self) -> float:
        """Where words are centred."""
        return self.left + self.width / 2

    @property
    def base(self) -> float:
        """Where words stand."""
        return self.top + self.height / 2 + 4


@dataclass(frozen=True)
class Strip:
    """What is drawn, from back to front, and the first and last instant of it."""

    starts: datetime
    ends: datetime
    height: float
    piles: float  # down to where the piles of nurses stand
    hours: list[tuple[float, str]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    now: float | None = None

    @property
    def written(self) -> float:
        """Where the hours stand."""
        return self.piles + 14


def strip_of(board: Board, *, now: datetime) -> Strip:
    """The strip of one day, from its first opened or booked hour to its last."""
    first, last = _bounds(board)
    most = max([1, *(max(load.needed, load.on_duty) for load in board.load)])
    unit = min(_UNIT, _ROOM / most)
    piles = unit * most + 4

    def bar(starts: Minute, ends: Minute, top: float, height: float, kind: str, words: str = "") -> None:
        starts, ends = max(starts, first), min(ends, last)
        if starts < ends and height:
            left, width = _share(starts, first, last), _share(first + ends - starts, first, last)
            bars.append(Bar(left, width, round(top, 1), round(height, 1), kind, words))

    bars: list[Bar] = []
    height = piles + _AXIS + _LANE * len(board.shifts)
    for closure in board.closures:
        if closure.chair_id is None:
            bar(minute(closure.starts), minute(closure.ends), 0, piles, "closed", closure.reason)
    for load, ends in _spans(board):
        bar(load.at, ends, piles - unit * load.on_duty, unit * load.on_duty, "duty")
    for load, ends in _spans(board):
        words = f"{load.needed}/{load.on_duty}" if ends - load.at >= _WRITABLE and load.needed else ""
        kind = "short" if load.is_short else "need"
        bar(load.at, ends, piles - unit * load.needed, unit * load.needed, kind, words)
    for lane, shift in enumerate(board.shifts):
        top = piles + _AXIS + _LANE * lane + 2
        bar(minute(shift.starts), minute(shift.ends), top, _LANE - 4, "shift", str(shift.nurse))
    at = minute(now)
    return Strip(
        starts=instant(first),
        ends=instant(last),
        height=height,
        piles=piles,
        hours=list(_hours(board, first, last)),
        bars=bars,
        now=_share(at, first, last) if first <= at < last else None,
    )


def _spans(board: Board) -> Iterable[tuple[Load, Minute]]:
    for this, following in zip(board.load, [*board.load[1:], None], strict=True):
        yield this, following.at if following else board.day.end


def _bounds(board: Board) -> tuple[Minute, Minute]:
    """Whole hours around all that is open, booked or staffed on the day."""
    starts = [span.start for span in board.opening] + [minute(one.start) for one in board.sessions]
    ends = [span.end for span in board.opening] + [minute(one.chair_until) for one in board.sessions]
    first = max(min(starts, default=board.day.start + 8 * 60), board.day.start)
    last = min(max(ends, default=first + 10 * 60), board.day.end)
    return first - (first - board.day.start) % 60, last + (board.day.start - last) % 60


def _hours(board: Board, first: Minute, last: Minute) -> Iterable[tuple[float, str]]:
    at = instant(first)
    while at < instant(last):
        yield _share(minute(at), first, last), f"{at.astimezone(board.clinic.zone):%H}"
        at += timedelta(hours=1)


def _share(at: Minute, first: Minute, last: Minute) -> float:
    return round(100 * (at - first) / (last - first), 2)
