"""One session of a series where its patient would rather have it, and the others around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bookings.actors import Actor
from bookings.attendance import refuse_late_change, step
from bookings.carrying_out import question_about
from bookings.models import Session
from bookings.replanning import left_of, under_clearance
from bookings.settling import one_request
from scheduler.case import Case, Place, Wish
from scheduler.diary import Claim, PatientSession
from scheduler.hours import local
from scheduler.openings import Opening, openings
from scheduler.rules import check
from scheduler.series import Effort, Move, Remaining, Replan, Unsettled, least_change
from scheduler.spans import Minute, instant, minute
from scheduler.violations import Violation

#: How far around its old date another place for a session is looked for, and how much farther for later ones.
AROUND = timedelta(days=28)
_DATES_TRIED = 12  # each costs the engine some milliseconds
_EACH = 4  # the part of the effort left that one question may use up


@dataclass(frozen=True)
class Rearranging:
    """A session that is to be elsewhere, in the diary as it is now. Everything was read when it was made.

    `alone`: every other session stays where it is. `onward`: those with later numbers could give way, as far
    as the patient may still move them.
    """

    session: Session
    later: tuple[Session, ...]
    first: date
    last: date
    alone: Case
    onward: Case

    def openings(self) -> dict[date, tuple[Opening, ...]]:
        """Where the session could be while every other one stays, by clinic-local date; not where it is."""
        return self._elsewhere(self.alone)

    def keeps_the_others(self, start: Minute) -> bool:
        """Whether the session could be there while every other one stays."""
        return not self.refusals(start)

    def refusals(self, start: Minute) -> tuple[Violation, ...]:
        """What stands in the way there while every other one stays."""
        return check(self.alone, [Place(self.session.number, start)])

    def with_the_later(self, *, limit: int) -> list[tuple[Move, ...]]:
        """On the nearest of the dates for which later sessions must give way: what moves, this one first.

        On each date the start nearest to the hour of now; no date before an earlier session of the series.
        """
        alone, here = self.openings(), self.alone.supply.date_of(self._now)
        before = max((one.date for one in self.onward.booked if self._is_earlier(one)), default=date.min)
        further = {
            day: ones
            for day, ones in self._elsewhere(self.onward).items()
            if ones and not alone[day] and day > before
        }
        found: list[tuple[Move, ...]] = []
        effort = one_request()
        for day in sorted(further, key=lambda day: (abs(day - here), day))[:_DATES_TRIED]:
            nearest = min(further[day], key=self._hours_off)
            if moves := self._around(nearest.start, effort):
                found.append(moves)
            if len(found) == limit:
                break
        return found

    def around(self, start: Minute) -> tuple[Move, ...] | None:
        """The session at that start, and the fewest moves of later ones, none to before it, that keep the
        series whole; None where there are none.
        """
        return self._around(start, one_request())

    def _around(self, start: Minute, effort: Effort) -> tuple[Move, ...] | None:
        number = self.session.number
        if check(self.onward, [Place(number, start)]):
            return None
        itself = Move(number, self._now, start)
        case = _with(self.onward, self.session, start)
        remaining = [Remaining(one.number, minute(one.start)) for one in self.later]
        if not remaining:
            return (itself,)
        earliest, latest = case.supply.date_of(start), self._latest(case)
        way = _fewest_moves(case, remaining, earliest=earliest, latest=latest, effort=effort)
        return None if way is None else (itself, *way.moves)

    def _is_earlier(self, one: PatientSession) -> bool:
        return one.series == self.onward.series and one.number < self.session.number

    @property
    def _now(self) -> Minute:
        return minute(self.session.start)

    def _hours_off(self, opening: Opening) -> int:
        """By how many minutes the clock differs from that of now."""
        zone = self.session.clinic.zone
        return abs(
            _clock(instant(opening.start).astimezone(zone)) - _clock(self.session.start.astimezone(zone))
        )

    def _latest(self, case: Case) -> date:
        """How far to look for the later ones: no farther than the course may take."""
        within = case.phase.spacing.complete_within_days
        own = [one.date for one in case.booked if one.series == case.series]
        return self.last + AROUND if within is None else min(own) + timedelta(days=within)

    def _elsewhere(self, case: Case) -> dict[date, tuple[Opening, ...]]:
        found = openings(case, first=self.first, last=self.last, number=self.session.number)
        return {day: tuple(one for one in ones if one.start != self._now) for day, ones in found.items()}


def rearranging(session: Session, *, actor: Actor, now: datetime) -> Rearranging:
    """Where the session could go. Four queries when the clinic's roster is known, however long the series.

    Refuses as moving it would: a state in which it cannot be moved, a patient who is too late, a course that
    waits for re-evaluation.
    """
    step("move", session, if_version=None)
    refuse_late_change(session, actor=actor, now=now)
    session.series.clinic = session.clinic  # who is at hand need not be asked for
    left = left_of(session.series, session.number, None, actor=actor, now=now)
    later = tuple(one for one in left.sessions if one.number > session.number)
    zone = session.clinic.zone
    today, old = now.astimezone(zone).date(), session.start.astimezone(zone).date()
    first, last = max(today, old - AROUND), old + AROUND
    question = question_about(left, [Place(one.number, minute(one.start)) for one in left.sessions])
    ends = [one.start.astimezone(zone).date() for one in later]
    case = question.look_around(session.clinic, first, max([last, *ends]) + AROUND)
    onward = under_clearance(case, question, session.series)
    alone = onward
    for one in later:
        alone = _with(alone, one, minute(one.start), chair=str(one.chair_id))
    return Rearranging(session, later, first, last, alone, onward)


def _with(case: Case, session: Session, start: Minute, *, chair: str | None = None) -> Case:
    """The case as if that session were booked there. Without a chair nothing is taken from others: sessions
    of one patient are never at the same time.
    """
    protocol = case.protocol
    booked = PatientSession(
        id=str(session.id),
        series=str(session.series_id),
        number=session.number,
        spacing_group=protocol.spacing_group,
        phase=case.phase.name,
        start=start,
        end=start + protocol.visit_minutes,
        date=case.supply.date_of(start),
        protocol=protocol,
    )
    diary = case.diary
    if chair is not None:
        diary = diary.with_claims([Claim(str(session.id), chair, start, protocol.timed_steps)])
    timeline: Sequence[PatientSession] = sorted((*case.booked, booked), key=lambda one: one.start)
    return replace(case, booked=tuple(timeline), diary=diary)


def _clock(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _fewest_moves(
    case: Case, remaining: Sequence[Remaining], *, earliest: date, latest: date, effort: Effort
) -> Replan | None:
    """The best way for those that remain, at their usual hour where that costs no further move."""
    hours = {local(one.start, case.supply.time_zone).time() for one in remaining if one.start is not None}
    if len(hours) != 1:
        return _best(case, remaining, earliest=earliest, latest=latest, effort=effort)
    (hour,) = hours
    asked = replace(case, wish=Wish(not_before=hour, not_after=hour))
    alike = _best(asked, remaining, earliest=earliest, latest=latest, effort=effort)
    # One hour of the day is searched ten times as fast as all, and mostly its answer cannot be beaten.
    if alike is not None and len(alike.moves) <= _fewest_imaginable(case, remaining):
        return alike
    best = _best(case, remaining, earliest=earliest, latest=latest, effort=effort)
    same = alike is not None and best is not None and len(alike.moves) == len(best.moves)
    return alike if same else best


def _fewest_imaginable(case: Case, remaining: Sequence[Remaining]) -> int:
    """No move at all where everything can stay as it is, else one."""
    stay = [Place(one.number, one.start) for one in remaining if one.start is not None]
    return 1 if check(case, stay) else 0


def _best(
    case: Case, remaining: Sequence[Remaining], *, earliest: date, latest: date, effort: Effort
) -> Replan | None:
    try:
        return least_change(
            case, remaining=remaining, earliest=earliest, latest=latest, effort=effort.part(_EACH)
        )
    except Unsettled:
        return None
