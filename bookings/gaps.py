"""Gaps of a series that are longer than their bound, and which of them a prescriber has accepted: pure.

Whoever judges gaps after booking asks here, so that the verb that makes a series lapse, the watch that opens
tasks and the proof of the diary never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from scheduler.diary import PatientSession
from scheduler.protocol import Spacing


@dataclass(frozen=True, slots=True)
class LongGap:
    """More calendar days between two sessions than the bound of the later one allows."""

    session: str  # the later one, by id
    days: int
    allowed: int
    overridden: bool  # a prescriber decided so, and it is kept with one of the two sessions
    cleared: (
        bool  # a prescriber looked at the patient within the gap or since, and it is short enough from there
    )

    @property
    def accepted(self) -> bool:
        """Whether a prescriber knows of it."""
        return self.overridden or self.cleared


def hard_bound(spacing: Spacing) -> int | None:
    """The calendar days past which a series lapses."""
    return spacing.max_gap_days


def soft_bound(spacing: Spacing) -> int | None:
    """The calendar days past which a clinician should look."""
    return spacing.soft_max_gap_days


def long_gaps(
    timeline: Sequence[PatientSession],
    *,
    series: str,
    decided: Collection[str],
    cleared_on: date | None,
    begun: bool = False,
    bound: Callable[[Spacing], int | None] = hard_bound,
) -> Iterator[LongGap]:
    """The gaps into the sessions of the series that are longer than their bound, in order of time.

    Each is counted from the latest session of the spacing group, whatever its series; the gap into the first
    session only where the course has `begun` before. `decided` are the sessions with an override of
    `max_gap`. `cleared_on` is the clinic-local date on which a prescriber last cleared the series.
    """
    group = {one.spacing_group for one in timeline if one.series == series}
    sessions = sorted((one for one in timeline if one.spacing_group in group), key=lambda one: one.start)
    long_before = False
    for before, after in pairwise(sessions):
        begun = begun or before.series == series
        allowed, days = _allowed(after, bound), (after.date - before.date).days
        is_long = begun and after.series == series and allowed is not None and days > allowed
        if is_long:
            assert allowed is not None
            yield LongGap(
                session=after.id,
                days=days,
                allowed=allowed,
                # A session that was moved away from the next one keeps the override of the gap behind it.
                overridden=after.id in decided or (before.id in decided and not long_before),
                cleared=cleared_on is not None
                and cleared_on > before.date
                and (after.date - cleared_on).days <= allowed,
            )
        long_before = is_long


def _allowed(session: PatientSession, bound: Callable[[Spacing], int | None]) -> int | None:
    return bound(session.protocol.phase(session.phase).spacing) if session.protocol else None
