"""Which sessions of stricken series are open to a plan, and what stands fixed beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from operator import attrgetter

from scheduler.case import Case, Place
from scheduler.diary import Claim, Diary
from scheduler.joint.question import Course, Question, Session, beside
from scheduler.joint.values import Horizon, Stricken
from scheduler.plans import Remaining
from scheduler.rules import PLACE_RULES, SERIES_RULES, check
from scheduler.spans import Minute
from scheduler.supply import Supply
from scheduler.violations import Rule, Violation

#: A session left without a place whose deadline is the first date of the horizon counts so many points, one
#: less for each day that its deadline is later, and one without a deadline none.
URGENT = 100
_GAPS = frozenset({Rule.MAX_GAP})
#: Of more sessions than are cleared the last are named, lost or not: only those that stay are to be counted.
_COUNTED = _GAPS | {Rule.CLEARANCE}
_ALL_BUT_GAPS = frozenset(Rule) - _GAPS


def put_in_order(
    stricken: Sequence[Stricken], *, supply: Supply, diary: Diary, now: Minute, horizon: Horizon
) -> Question:
    """The question that those series ask together.

    A session that is not lost is open only on the dates of the horizon, and only where it keeps every rule
    now: where it breaks one, a person has let it, and no plan undoes that. Raises ValueError where a series
    comes twice, or a session has no number, chair or old start of its own.
    """
    ordered = sorted(stricken, key=lambda one: one.series)
    if len({one.series for one in ordered}) < len(ordered):
        raise ValueError("each series comes once")
    series = [
        _Series(one, replace(one.case, supply=supply, diary=diary, now=now, by_patient=False), horizon)
        for one in ordered
    ]
    claims = [claim for one in series for claim in one.claims(one.staying())]
    for one in series:
        one.fix_what_breaks_rules_of_the_patient(one.siblings(series))
        one.fix_what_breaks_rules_of_place(diary, claims)
    standing = diary.with_claims(claim for one in series for claim in one.claims(one.fixed))
    courses = (one.course(standing, one.siblings(series)) for one in series)
    return Question(supply, standing, horizon, tuple(one for one in courses if one.sessions))


class _Series:
    """One stricken series, while it is found out which of its sessions are fixed."""

    def __init__(self, asked: Stricken, case: Case, horizon: Horizon) -> None:
        self.series, self.patient, self.case, self.horizon = asked.series, asked.patient, case, horizon
        self._olds = sorted(one.start for one in asked.remaining if one.start is not None)
        numbers = {one.number for one in asked.remaining}
        if min(len(set(self._olds)), len(numbers)) < len(asked.remaining):
            raise ValueError("each session has a number and an old start of its own")
        ready = (self._session(one, lost=one.number in asked.lost) for one in asked.remaining)
        self.sessions = sorted(ready, key=attrgetter("start"))
        self.fixed = [one for one in self.staying() if one.start < case.now or not self._asked_about(one)]

    def siblings(self, series: Sequence[_Series]) -> list[_Series]:
        """The other series of the same patient."""
        return [one for one in series if self.patient and one is not self and one.patient == self.patient]

    def staying(self) -> list[Session]:
        """Those that are not lost."""
        return [one for one in self.sessions if not one.lost]

    def claims(self, sessions: Sequence[Session]) -> Iterator[Claim]:
        """What those sessions take of the diary in their old places."""
        steps = self.case.protocol.timed_steps
        for one in sessions:
            assert one.chair is not None, "a session that is not lost sits somewhere"
            yield Claim(f"{self.series} {one.number}", one.chair, one.start, steps)

    def fix_what_breaks_rules_of_place(self, diary: Diary, claims: Sequence[Claim]) -> None:
        """Those that break a rule of place beside the other claims, which hold their own."""
        for one, own in zip(self.staying(), self.claims(self.staying()), strict=True):
            end = one.start + self.case.protocol.chair_minutes
            reach = self.case.supply.start_stagger.minutes if self.case.supply.start_stagger else 0
            near = diary.near(one.start - reach, end + reach)
            near += [other for other in claims if other.id != own.id and other.start - reach < end]
            alone = replace(self.case, diary=Diary(tuple(near)))
            if one not in self.fixed and check(alone, [_place(one)], skip=frozenset(SERIES_RULES)):
                self.fixed.append(one)

    def course(self, diary: Diary, siblings: Sequence[_Series]) -> Course:
        """What is open of the series beside a diary that holds what is fixed."""
        case = replace(beside(self.case, self.fixed), diary=diary)
        for one in siblings:
            case = beside(case, one.fixed, of=one.case)
        open_ones = tuple(one for one in self.sessions if one not in self.fixed)
        if case.clearance is not None:  # what is fixed counts under it, and what stays was let stand under it
            staying = sum(not one.lost for one in open_ones)
            most = max(case.clearance.sessions - len(self.fixed), staying)
            case = replace(case, clearance=replace(case.clearance, sessions=most))
        return Course(self.series, case, open_ones, self.patient)

    def _session(self, one: Remaining, *, lost: bool) -> Session:
        if one.start is None or (one.chair is None and not lost):
            raise ValueError(f"session {one.number} is not lost and sits in no chair")
        return Session(one.number, one.start, one.chair, lost, self._urgency(one.start) if lost else 0)

    def _asked_about(self, one: Session) -> bool:
        return self.horizon.first <= self.case.supply.date_of(one.start) <= self.horizon.last

    def fix_what_breaks_rules_of_the_patient(self, siblings: Sequence[_Series]) -> None:
        """Those that break a rule beside one another, or beside the patient's other series.

        What a lost session takes part in may be mended with it, and a gap that is there because one is lost
        is nobody's fault.
        """
        whole, left = self.case, self.case
        for one in siblings:
            whole, left = beside(whole, one.sessions, of=one.case), beside(left, one.staying(), of=one.case)
        while True:
            free = [one for one in self.sessions if one not in self.fixed]
            stay = [one for one in free if not one.lost]
            lost = {one.number for one in free if one.lost}
            broken = [one for one in self._broken(whole, free, _ALL_BUT_GAPS) if not lost & set(one.sessions)]
            broken += [one for one in self._broken(left, free, _COUNTED) if not lost & set(one.sessions)]
            broken += self._broken(left, stay, _GAPS)
            named = {number for one in broken for number in one.sessions}
            found = [one for one in stay if one.number in named]
            if not found:
                return
            self.fixed += found

    def _broken(self, case: Case, sessions: Sequence[Session], skip: frozenset[Rule]) -> list[Violation]:
        places = [_place(one) for one in sessions]
        case = beside(case, self.fixed)
        return list(check(case, places, skip=skip | frozenset(PLACE_RULES))) if places else []

    def _urgency(self, start: Minute) -> int:
        deadline = self._deadline(start)
        return 0 if deadline is None else max(0, URGENT - max(0, (deadline - self.horizon.first).days))

    def _deadline(self, start: Minute) -> date | None:
        """The last date that the rules can allow for a session that was to start then, if they name one."""
        case, spacing = self.case, self.case.phase.spacing
        day = case.supply.date_of(start)
        own = [visit.date for visit in case.history if visit.own]
        own += [case.supply.date_of(old) for old in self._olds]
        before = [one for one in own if one < day]
        bounds = [case.clearance.expires] if case.clearance else []
        if spacing.max_gap_days is not None and before:
            bounds.append(case.gap_from(max(before)) + timedelta(days=spacing.max_gap_days))
        if spacing.complete_within_days is not None:
            bounds.append(min(own) + timedelta(days=spacing.complete_within_days))
        return min(bounds, default=None)


def _place(one: Session) -> Place:
    return Place(one.number, one.start, one.chair)
