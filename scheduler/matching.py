"""Who on the waiting list may be offered a freed place, in which order, and why.

A place may be offered to those for whom it keeps every rule, by their own spacing and wishes, and whose
series it improves; nobody is asked so late that they could not prepare. Values in, values out: who calls
reads the clock and the diary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from scheduler.case import Case, Place
from scheduler.hours import local
from scheduler.openings import openings
from scheduler.rules import soft_gaps
from scheduler.spans import Minute, Span, minute
from scheduler.wording import day_words, plural, when_words

#: Small batches: an offer to forty people books nobody twice here, but disappoints thirty-nine.
BATCH = 3
#: An offer is kept for this long at least, and longer where there is time.
SHORTEST, LONGEST = 10, 120  # minutes
#: Of the time until an answer is needed, the part for which a place is kept from others.
PART = 8
#: The time to answer is counted while people are awake, on the clinic's wall.
DAY_BEGINS, DAY_ENDS = time(8), time(20)
#: Fairness: each offer of the last month that was let pass counts as having joined so much later.
LATER = timedelta(days=7)

_NEVER = date.max


@dataclass(frozen=True)
class Waiter:
    """One person on the waiting list, and the question whether they may come at another time.

    `case` is theirs, with their wish, and leaves out the session that would move: both what they have booked
    and the diary. The day to which `first` and `last` point is the clinic's, both included.
    """

    id: str
    person: str  # who may wait for several things, and is asked one at a time
    case: Case
    number: int  # of the session
    present: Minute  # where it is now
    since: Minute  # when they joined
    notice: int  # minutes before a visit by which they must have answered
    passed: int = 0  # offers of the last month that they declined or did not answer
    first: date | None = None
    last: date | None = None

    @property
    def deadline(self) -> date | None:
        """The last date on which the gap before the session is no longer than it should be; None where it is
        in time as it is.
        """
        spacing = self.case.phase.spacing
        bound = spacing.soft_max_gap_days if spacing.soft_max_gap_days is not None else spacing.max_gap_days
        before = [one for one in self.case.history if one.own and one.start < self.present]
        if bound is None or not before:
            return None
        last = before[-1].date + timedelta(days=bound)
        return last if self.case.supply.date_of(self.present) > last else None

    @property
    def turn(self) -> tuple[date, Minute, str]:
        """Whose turn it is: the least comes first. Who is past a clinical bound, by its date; then who has
        waited longest, each offer that they let pass counting as having joined a week later.
        """
        weeks = int(LATER.total_seconds()) // 60 * self.passed
        return self.deadline or _NEVER, self.since + weeks, self.id


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody to whom the place may be offered; `rank` 1 is the first. `why` are sentences for staff."""

    waiter: Waiter
    start: Minute
    rank: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One place, for the few whose turn it is, kept until `until`."""

    start: Minute
    until: Minute
    matches: tuple[Match, ...]


def next_batch(waiters: Iterable[Waiter], *, span: Span, now: Minute, size: int = BATCH) -> Batch | None:
    """Within the span, the first place for whoever's turn it is, with those next in turn who could come as
    well; None where nobody could.

    All of a batch have visits of the same kind, so that one place kept is kept for each of them.
    """
    start, until, chosen = -1, -1, list[Waiter]()
    for waiter in in_turn(waiters):
        if any(one.person == waiter.person or not _alike(waiter.case, one.case) for one in chosen):
            continue
        for at in fitting(waiter, span=span):
            kept = kept_until(waiter, at, now=now)
            if kept is None or (chosen and at != start):
                continue
            start, until = at, kept if not chosen else min(until, kept)
            chosen.append(waiter)
            break
        if len(chosen) == size:
            break
    return Batch(start, until, _ranked(chosen, start)) if chosen else None


def too_soon(waiters: Iterable[Waiter], *, span: Span, now: Minute, size: int = BATCH) -> tuple[Match, ...]:
    """Those whom a place within the span would suit, the first in turn, but for the time that is left: only
    somebody who talks to them can know whether they are prepared.
    """
    called: list[tuple[Waiter, Minute]] = []
    for waiter in in_turn(waiters):
        by_staff = replace(waiter, case=replace(waiter.case, by_patient=False))
        found = [
            at for at in fitting(by_staff, span=span) if at > now and kept_until(waiter, at, now=now) is None
        ]
        if found:
            called.append((waiter, found[0]))
        if len(called) == size:
            break
    return tuple(Match(one, at, rank, why(one, at)) for rank, (one, at) in enumerate(called, start=1))


def in_turn(waiters: Iterable[Waiter]) -> list[Waiter]:
    """Everybody, whoever's turn comes first first; the same whatever order they are given in."""
    return sorted(waiters, key=lambda one: one.turn)


def fitting(waiter: Waiter, *, span: Span) -> Iterator[Minute]:
    """The starts within the span that keep every rule for them and improve their series, in order of time.

    The visit must be over, chair and all, before the span is.
    """
    case, length = waiter.case, waiter.case.protocol.chair_minutes
    first, last = case.supply.date_of(span.start), case.supply.date_of(max(span.start, span.end - 1))
    first, last = max(first, waiter.first or first), min(last, waiter.last or last)
    if last < first or waiter.present <= span.start:
        return
    for day in openings(case, first=first, last=last, number=waiter.number).values():
        for one in day:
            if span.start <= one.start and one.start + length <= span.end and improves(waiter, one.start):
                yield one.start


def improves(waiter: Waiter, start: Minute) -> bool:
    """Whether the session would be earlier, still after those before it, and no gap too long that is not
    already.
    """
    if start >= waiter.present:
        return False
    case = waiter.case
    if any(one.start > start for one in case.history if one.own and one.number < waiter.number):
        return False
    present = _long_gaps(case, Place(waiter.number, waiter.present))
    there = _long_gaps(case, Place(waiter.number, start))
    return all(pair in present and days <= present[pair] for pair, days in there.items())


def kept_until(waiter: Waiter, start: Minute, *, now: Minute) -> Minute | None:
    """Until when the place is kept for an answer; None where there is not time enough to ask.

    An eighth of the time that is left before they must know, ten minutes at least and two hours at most,
    counted from when people are awake.
    """
    begins = _awake(now, waiter.case)
    left = start - waiter.notice - begins
    return begins + min(LONGEST, max(SHORTEST, left // PART)) if left >= SHORTEST else None


def why(waiter: Waiter, start: Minute) -> tuple[str, ...]:
    """Why it is offered to them, and by what their turn was found."""
    case, zone = waiter.case, waiter.case.supply.time_zone
    said = [
        f"Session {waiter.number} would be {when_words(start, zone)}, not {when_words(waiter.present, zone)}."
    ]
    if waiter.deadline is not None:
        said.append(f"The gap before it should have ended by {day_words(waiter.deadline)}.")
    said.append(f"Waiting since {day_words(case.supply.date_of(waiter.since))}.")
    if waiter.passed:
        said.append(f"Let {plural(waiter.passed, 'offer')} pass in the last month.")
    return tuple(said)


def _ranked(chosen: Sequence[Waiter], start: Minute) -> tuple[Match, ...]:
    return tuple(Match(one, start, rank, why(one, start)) for rank, one in enumerate(chosen, start=1))


def _alike(one: Case, other: Case) -> bool:
    mine, theirs = one.protocol, other.protocol
    return (mine.timed_steps, mine.chair_features) == (theirs.timed_steps, theirs.chair_features)


def _long_gaps(case: Case, place: Place) -> Mapping[tuple[int, ...], int]:
    return {gap.sessions: gap.days for gap in soft_gaps(case, [place])}


def _awake(now: Minute, case: Case) -> Minute:
    """Now, or the next morning on the clinic's wall."""
    zone = case.supply.time_zone
    wall = local(now, zone)
    if DAY_BEGINS <= wall.time() < DAY_ENDS:
        return now
    day = wall.date() if wall.time() < DAY_BEGINS else wall.date() + timedelta(days=1)
    return minute(datetime.combine(day, DAY_BEGINS, zone))
