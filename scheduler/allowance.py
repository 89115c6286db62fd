"""What a patient's own rules allow, for every start of a date at once.

The same judgement as lead time, horizon and the series rules over one session and what is booked, turned
round into starts that are barred. Where a rule looks only at dates, the rule itself is asked, once a date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

from scheduler.bits import between, positions
from scheduler.case import Case, Place
from scheduler.hours import day_start
from scheduler.rules import SERIES_RULES
from scheduler.spans import Minute, Span, Spans, crowded
from scheduler.supply import Window
from scheduler.violations import Rule

_DAY = 24 * 60
#: Rules whose answer is the same for all starts of a date on which the patient has nothing yet.
_DATE_RULES = (Rule.MAX_GAP, Rule.COMPLETE_WITHIN, Rule.WASHOUT, Rule.CLEARANCE)


class Allowance:
    """One patient's side of a case, made once and asked for each date."""

    def __init__(self, case: Case, *, number: int) -> None:
        self._case, self._number = case, number
        self._barred = Spans(_barred(case))
        self._last_date = _last_date(case)
        self._earliest = case.now + (case.protocol.lead_time_hours * 60 if case.by_patient else 0)

    def starts(self, window: Window) -> int:
        """The minutes of the date, on the grid or off it, that nothing about the patient bars."""
        wish = self._case.wish
        if self._last_date and window.date > self._last_date:
            return 0
        if wish.weekdays and window.date.isoweekday() not in wish.weekdays:
            return 0
        length = window.end - window.start
        allowed = between(self._earliest - window.start, length, length=length)
        for span in self._barred:
            if span.start < window.end and span.end > window.start:
                allowed &= ~between(span.start - window.start, span.end - window.start, length=length)
        if wish.not_before or wish.not_after:
            allowed &= self._wished(window)
        return allowed

    def keeps_dates(self, window: Window, starts: int) -> int:
        """Those of the starts that keep the rules about dates as well."""
        if not self._case.history and not self._case.clearance:
            return starts
        if not any(window.start <= visit.start < window.end for visit in self._case.history):
            first = window.start + next(positions(starts))
            return starts if self._keeps(first, _DATE_RULES) else 0
        # The order of two sessions on one date decides what follows what, so each start is judged alone.
        kept = 0
        for at in positions(starts):
            if self._keeps(window.start + at, tuple(SERIES_RULES)):
                kept |= 1 << at
        return kept

    def _keeps(self, start: Minute, rules: tuple[Rule, ...]) -> bool:
        timeline = self._case.timeline([Place(self._number, start)])
        return not any(True for rule in rules for _ in SERIES_RULES[rule](self._case, timeline))

    def _wished(self, window: Window) -> int:
        """The minutes of the date at which the clock shows a time that the patient asked for."""
        not_before, not_after = self._case.wish.not_before, self._case.wish.not_after
        soonest = -(-_seconds(not_before) // 60) if not_before else 0
        latest = _seconds(not_after) // 60 if not_after else _DAY
        found = 0
        for part in window.stretches:
            shift = part.start - part.clock  # the minute at which this clock would show midnight
            start, end = max(part.start, shift + soonest), min(part.end, shift + latest + 1)
            found |= between(start - window.start, end - window.start, length=window.end - window.start)
        return found


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _last_date(case: Case) -> date | None:
    if not case.by_patient:
        return None
    return case.supply.date_of(case.now) + timedelta(days=case.protocol.horizon_days)


def _barred(case: Case) -> Iterator[Span]:
    """Where one more session may not start because of the sessions that the patient has."""
    spacing, visit_minutes = case.phase.spacing, case.protocol.visit_minutes
    zone, group = case.supply.time_zone, case.protocol.spacing_group
    for visit in case.history:
        yield Span(visit.start - visit_minutes + 1, visit.end)  # patient_overlap
    same = [visit for visit in case.history if visit.group == group]
    for visit in same:  # min_gap, one_per_day
        minutes = max(spacing.min_gap_minutes, visit.spacing.min_gap_minutes)
        yield Span(visit.start - minutes + 1, visit.start + minutes)
        if days := max(spacing.min_gap_days, visit.spacing.min_gap_days):
            first, after = visit.date - timedelta(days=days - 1), visit.date + timedelta(days=days)
            yield Span(day_start(first, zone), day_start(after, zone))
    if limit := spacing.rolling_limit:
        starts = [visit.start for visit in same]
        yield from crowded(starts, limit=limit.sessions, within=limit.days * _DAY)
