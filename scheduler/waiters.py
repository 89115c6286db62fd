"""One person on the waiting list, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.case import Case
from scheduler.protocol import Spacing
from scheduler.spans import Minute

#: Fairness: each offer of the last month that was let pass counts as having joined so much later.
LATER = timedelta(days=7)

_NEVER = date.max
Turn = tuple[date, bool, Minute, str]


def overdue(spacing: Spacing, *, before: date, present: date) -> date | None:
    """The last date on which the gap after a session on `before` is no longer than it should be, where the
    next one, on `present`, is later than that; None where it is in time.
    """
    bound = spacing.soft_max_gap_days if spacing.soft_max_gap_days is not None else spacing.max_gap_days
    if bound is None or present <= (last := before + timedelta(days=bound)):
        return None
    return last


def turn(deadline: date | None, *, newcomer: bool, since: Minute, passed: int, id: str) -> Turn:  # noqa: A002
    """Whose turn it is: the least comes first.

    First whose course is interrupted for longer than it should be, by that date; then who has nothing booked,
    before who has a visit and would rather come sooner; among those alike who has waited longest, where each
    offer of the last month that was let pass counts as having joined a week later.
    """
    weeks = int(LATER.total_seconds()) // 60 * passed
    return deadline or _NEVER, not newcomer, since + weeks, id


@dataclass(frozen=True)
class Waiter:
    """One person on the waiting list, and the question whether they may come at another time.

    `case` is theirs, with their wish. The session that would move is left out of what they have booked, but
    not of the diary: it stays there until they accept. The day to which `first` and `last` point is the
    clinic's, both included.

    Who has nothing booked (`present` None) waits for a course of so many `sessions`; what is in the diary
    must then be known as far as `beginning.last_date`. `course` names its starts where it is planned already.
    """

    id: str
    person: str  # who may wait for several things, and is asked one at a time
    case: Case
    number: int  # of the session
    present: Minute | None  # where it is now
    since: Minute  # when they joined
    notice: int  # minutes before a visit by which they must have answered
    passed: int = 0  # offers of the last month that they declined or did not answer
    first: date | None = None
    last: date | None = None
    sessions: int = 1
    course: tuple[Minute, ...] = ()

    @property
    def deadline(self) -> date | None:
        """The last date on which the gap before the session is no longer than it should be; None where it is
        in time as it is.
        """
        before = [one for one in self.case.history if one.own and one.start < (self.present or 0)]
        if self.present is None or not before:
            return None
        return overdue(
            self.case.phase.spacing, before=before[-1].date, present=self.case.supply.date_of(self.present)
        )

    @property
    def turn(self) -> Turn:
        """Whose turn it is: the least comes first."""
        return turn(
            self.deadline, newcomer=self.present is None, since=self.since, passed=self.passed, id=self.id
        )
