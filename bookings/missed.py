"""How a series goes on after a missed session, as its phase says: pure, from values that are at hand.

A session is missed when its time came and it was not given, because nobody came or because it had been
cancelled. Until its time comes, one that was cancelled is made up for like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bookings.lifecycle import FINISHED, GONE, LIVE
from bookings.models import Decision, DecisionAbout, Session
from scheduler.protocol import OnMissed, Phase


@dataclass(frozen=True)
class Interruption:
    """A course that a missed session has broken off, so that making it up at the end will not do."""

    manner: OnMissed  # never APPEND
    number: int  # of the latest session that was missed so
    since: tuple[Session, ...]  # kept after the first that was, in order of time

    @property
    def is_bridged(self) -> bool:
        """Whether what follows is booked already, and nothing beyond it."""
        return self.manner is OnMissed.MAINTENANCE and len(self.since) == 1


def interruption(
    phase: Phase,
    sessions: Iterable[Session],
    decisions: Iterable[Decision],
    *,
    now: datetime,
    date_of: Callable[[datetime], date],
) -> Interruption | None:
    """None where what was missed is made up for at the end, or nothing is missing any more.

    The gap is counted in clinic-local calendar days from the session before the missed one to the one after
    it, or to today. What was missed before the first session that was kept interrupts nothing.
    """
    if phase.on_missed is OnMissed.APPEND:
        return None
    sessions = list(sessions)
    kept = sorted((one for one in sessions if one.status in LIVE | FINISHED), key=lambda one: one.start)
    if phase.sessions is not None and len(kept) >= phase.sessions:
        return None

    def breaks_off(missed: Session) -> bool:
        before = [one.start for one in kept if one.start < missed.start]
        after = [one.start for one in kept if one.start > missed.start]
        if not before or missed.start > now:
            return False
        days = (date_of(min(after, default=now)) - date_of(before[-1])).days
        return phase.missed_gap_days is None or days > phase.missed_gap_days

    missed = sorted(
        (one for one in sessions if one.status in GONE and breaks_off(one)), key=lambda one: one.start
    )
    if not missed:
        return None
    number = max(one.number for one in missed)
    manner = _decided(decisions, number) or phase.on_missed
    if manner is OnMissed.APPEND:
        return None
    since = tuple(one for one in kept if one.start > missed[0].start)
    return Interruption(manner, number, since)


def _decided(decisions: Iterable[Decision], number: int) -> OnMissed | None:
    """What a prescriber decided about the missed sessions up to that number."""
    about = [one for one in decisions if one.about == DecisionAbout.MISSED and one.number >= number]
    return OnMissed(max(about, key=lambda one: one.number).verdict) if about else None
