"""What a patient would notice, written down a second time."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.case import Case
from scheduler.preferences import several_a_day, usual_days
from tests.scheduler.oracle.judge import on, shown


def differs(case: Case, plan: Sequence[int], other: Sequence[int]) -> bool:
    """Whether a plan avoids the other's usual hour or one of its usual weekdays, or ends a week sooner."""
    dates, theirs = [on(case, at) for at in plan], [on(case, at) for at in other]
    if (max(theirs) - max(dates)).days >= 7:
        return True
    spacing = case.phase.spacing
    if several_a_day(spacing):
        return (min(dates) - min(theirs)).days >= 7
    clocks = sorted(shown(case, at).hour * 60 + shown(case, at).minute for at in other)
    usual = clocks[(len(clocks) - 1) // 2]
    if all(abs(shown(case, at).hour * 60 + shown(case, at).minute - usual) >= 60 for at in plan):
        return True
    if usual_days(spacing) == 7:
        return False
    weekdays = [day.isoweekday() for day in theirs]
    ranked = sorted(set(weekdays), key=lambda weekday: (-weekdays.count(weekday), weekday))
    return any(
        weekday not in {day.isoweekday() for day in dates} for weekday in ranked[: usual_days(spacing)]
    )
