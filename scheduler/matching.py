"""Who on the waiting list may be offered a freed place, in which order, and why.

A place may be offered to those for whom it keeps every rule, by their own spacing and wishes, and whose
course it improves: a session of it would come sooner, or the whole of it could begin sooner. Nobody is asked
so late that they could not prepare. Values in, values out: who calls reads the clock and the diary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple

from scheduler.beginning import begins_otherwise, course_from
from scheduler.case import Case, Place
from scheduler.hours import local
from scheduler.openings import openings
from scheduler.rules import soft_gaps
from scheduler.spans import Minute, Span, minute
from scheduler.waiters import Waiter
from scheduler.wording import day_words, plural, when_words

#: Small batches: an offer to forty people books nobody twice here, but disappoints thirty-nine.
BATCH = 3
#: An offer is kept for this long at least, and longer where there is time.
SHORTEST, LONGEST = 10, 120  # minutes
#: Of the time until an answer is needed, the part for which a place is kept from others.
PART = 8
#: The time to answer is counted while people are awake, on the clinic's wall.
DAY_BEGINS, DAY_ENDS = time(8), time(20)


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody to whom the place may be offered; `rank` 1 is the first. `why` are sentences for staff.

    `course`: of who has nothing booked, the starts of all sessions, the first of which is this one.
    """

    waiter: Waiter
    start: Minute
    rank: int
    why: tuple[str, ...]
    course: tuple[Minute, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """One place, for the few whose turn it is, kept until `until`."""

    start: Minute
    until: Minute
    matches: tuple[Match, ...]


class _Fit(NamedTuple):
    start: Minute
    course: tuple[Minute, ...]


class _Found:
    """Who fits where, as far as anybody has asked. Who has nothing booked and asks for the same has the same
    answer, and it is dear: it is worked out once.
    """

    def __init__(self, room: Span) -> None:
        self._room = room
        self._known: dict[tuple[object, ...], tuple[Case, list[_Fit], Iterator[_Fit]]] = {}

    def fits(self, waiter: Waiter, within: Span) -> Iterator[_Fit]:
        """As `_fits` has them."""
        if waiter.present is not None:
            yield from _fits(waiter, self._room, within=within)
            return
        asked = (id(waiter.case), waiter.first, waiter.last, waiter.sessions, waiter.course, within)
        if asked not in self._known:  # with the case, whose identity stays its own as long as it is there
            self._known[asked] = waiter.case, [], _fits(waiter, self._room, within=within)
        _case, kept, rest = self._known[asked]
        yield from kept
        for fit in rest:
            kept.append(fit)
            yield fit


def next_batch(waiters: Iterable[Waiter], *, span: Span, now: Minute, size: int = BATCH) -> Batch | None:
    """Within the span, the first place for whoever's turn it is, with those next in turn who could come as
    well; None where nobody could.

    `waiters` come in turn (`in_turn`), and no more of them are looked at than it takes. All of a batch have
    visits of the same kind, so that one place kept is kept for each of them.
    """
    room, until, chosen, found = span, -1, list[tuple[Waiter, _Fit]](), _Found(span)
    for waiter in waiters:
        if any(one.person == waiter.person or not _alike(waiter.case, one.case) for one, _ in chosen):
            continue
        length = waiter.case.protocol.chair_minutes
        if kept_until(waiter, room.end - length, now=now) is None:
            continue  # too late for whatever is in there
        for fit in found.fits(waiter, room):
            kept = kept_until(waiter, fit.start, now=now)
            if kept is None:
                continue
            room, until = Span(fit.start, fit.start + length), min(until, kept) if chosen else kept
            chosen.append((waiter, fit))
            break
        if len(chosen) == size:
            break
    return Batch(room.start, until, _ranked(chosen)) if chosen else None


def too_soon(waiters: Iterable[Waiter], *, span: Span, now: Minute, size: int = BATCH) -> tuple[Match, ...]:
    """Those whom a place within the span would suit, the first in turn, but for the time that is left: only
    somebody who talks to them can know whether they are prepared. `waiters` come in turn.
    """
    called: list[tuple[Waiter, _Fit]] = []
    for waiter in waiters:
        if kept_until(waiter, span.start, now=now) is not None:
            continue  # there is time to ask
        by_staff = replace(waiter, case=replace(waiter.case, by_patient=False))
        fits = (one for one in _fits(by_staff, span, within=span) if one.start > now)
        found = next((one for one in fits if kept_until(waiter, one.start, now=now) is None), None)
        if found is not None:
            called.append((waiter, found))
        if len(called) == size:
            break
    return _ranked(called)


def in_turn(waiters: Iterable[Waiter]) -> list[Waiter]:
    """Everybody, whoever's turn comes first first; the same whatever order they are given in."""
    return sorted(waiters, key=lambda one: one.turn)


def fitting(waiter: Waiter, *, span: Span) -> Iterator[Minute]:
    """The starts within the span that keep every rule for them and improve their course, in order of time.

    The visit must be over, chair and all, before the span is.
    """
    return (one.start for one in _fits(waiter, span, within=span))


def improves(waiter: Waiter, start: Minute) -> bool:
    """Whether the session that is booked would be earlier, still after those before it, and no gap too long
    that is not already.
    """
    if waiter.present is None or start >= waiter.present:
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


def why(waiter: Waiter, start: Minute, *, course: Sequence[Minute] = ()) -> tuple[str, ...]:
    """Why it is offered to them, and by what their turn was found."""
    case, zone = waiter.case, waiter.case.supply.time_zone
    there = when_words(start, zone)
    if waiter.present is not None:
        said = [f"Session {waiter.number} would be {there}, not {when_words(waiter.present, zone)}."]
    else:
        last = day_words(case.supply.date_of(course[-1] if course else start))
        visits = plural(waiter.sessions, "session")
        said = [f"Nothing is booked yet; {visits} from {there} to {last} keep every rule."]
    if waiter.deadline is not None:
        said.append(f"The gap before it should have ended by {day_words(waiter.deadline)}.")
    said.append(f"Waiting since {day_words(case.supply.date_of(waiter.since))}.")
    if waiter.passed:
        said.append(f"Let {plural(waiter.passed, 'offer')} pass in the last month.")
    return tuple(said)


def _fits(waiter: Waiter, room: Span, *, within: Span) -> Iterator[_Fit]:
    """The starts within the span, a part of the room that came free, that keep every rule for them and
    improve their course, in order of time; with the whole course of who has nothing booked.
    """
    case, length = waiter.case, waiter.case.protocol.chair_minutes
    first, last = case.supply.date_of(within.start), case.supply.date_of(max(within.start, within.end - 1))
    first, last = max(first, waiter.first or first), min(last, waiter.last or last)
    if last < first or (waiter.present is not None and waiter.present <= within.start):
        return
    for day in openings(case, first=first, last=last, number=waiter.number).values():
        sooner: bool | None = None  # of who has nothing booked, alike for every start of one date
        for one in day:
            if one.start < within.start or one.start + length > within.end:
                continue
            if waiter.present is not None:
                if improves(waiter, one.start):
                    yield _Fit(one.start, ())
                continue
            if sooner is None:
                sooner = not begins_otherwise(
                    case, one.start, room=room, sessions=waiter.sessions, earliest=waiter.first
                )
            course = _course(waiter, one.start) if sooner else ()
            if course:
                yield _Fit(one.start, course)


def _course(waiter: Waiter, start: Minute) -> tuple[Minute, ...]:
    if waiter.course:
        return waiter.course if waiter.course[0] == start else ()
    return course_from(waiter.case, start, sessions=waiter.sessions)


def _ranked(chosen: Sequence[tuple[Waiter, _Fit]]) -> tuple[Match, ...]:
    return tuple(
        Match(one, fit.start, rank, why(one, fit.start, course=fit.course), fit.course)
        for rank, (one, fit) in enumerate(chosen, start=1)
    )


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
