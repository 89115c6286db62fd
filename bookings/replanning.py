"""What is left of a series, and the ways in which it could be placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import NamedTuple

from bookings import lifecycle, snapshot
from bookings.actors import Actor
from bookings.attendance import refuse_late_change
from bookings.errors import Invalid, NotOffered, UnplannableSeries, WrongState
from bookings.judging import Question, best_clearance, plan_facts, standing_of, with_clearance
from bookings.missed import Interruption, interruption
from bookings.models import Decision, ProtocolVersion, Series, SeriesStatus, Session
from bookings.settling import AHEAD, Settled, one_request, search_ends, settled
from bookings.starting import clearance_for
from scheduler.hours import local
from scheduler.protocol import OnMissed
from scheduler.rules import Case, Place, Wish, check
from scheduler.series import Effort, Move, Plan, Remaining, Replan, Unplannable, plan_series, replan
from scheduler.spans import Minute, minute

_WAYS = 3


@dataclass(frozen=True)
class Left:
    """The sessions of a series that can still be placed, and how many are to be made up."""

    series: Series
    version: ProtocolVersion  # by which they are placed
    onto: ProtocolVersion | None
    sessions: tuple[Session, ...]  # booked, not begun
    missing: tuple[int, ...]  # new numbers for those missed or cancelled and not made up
    actor: Actor
    now: datetime
    following: int = 0  # the first number that no session has
    broken_off: Interruption | None = None  # then making up at the end will not do: see `bookings.resuming`
    dropped: tuple[Session, ...] = ()  # given up for what is placed
    next_phase: str = ""  # which begins now that the series is over: see `bookings.next_phase`

    @property
    def begins_anew(self) -> bool:
        """Whether what is placed is a series of its own, after which nothing of this one is left."""
        return bool(self.next_phase) or (self.manner is OnMissed.RESTART and bool(self.missing))

    @property
    def manner(self) -> OnMissed:
        """How the series goes on after what was missed."""
        return self.broken_off.manner if self.broken_off else OnMissed.APPEND

    @property
    def given_up(self) -> list[tuple[str, Minute]]:
        """What is given up, by id and start, to be compared with what it was before."""
        return [(str(one.id), minute(one.start)) for one in self.dropped]

    @property
    def starts(self) -> dict[int, Minute]:
        """Where each session that is left is now."""
        return {session.number: minute(session.start) for session in self.sessions}

    def question(self, *, leaving: bool) -> Question:
        """The question about those sessions; with `leaving`, as if none of them were booked."""
        return Question(
            version=self.version,
            phase=self.next_phase or self.series.phase,
            places=(),
            actor=self.actor,
            now=self.now,
            patient_id=self.series.patient_id,
            series_id=None if self.begins_anew else self.series.id,
            leaving=frozenset(str(one.id) for one in (*self.dropped, *(self.sessions if leaving else ()))),
        )


def left_of(
    series: Series, from_number: int | None, onto: ProtocolVersion | None, *, actor: Actor, now: datetime
) -> Left:
    """What is left of the series from that session number on. One query, two where its phase says what
    follows a missed session; where one broke it off, nothing is made up for at the end.

    What a patient may no longer change stays as it is. Refuses a series that has ended, and a patient's own
    planning while it waits for re-evaluation.
    """
    if series.status in (SeriesStatus.COMPLETED, SeriesStatus.CANCELLED):
        raise WrongState(f"The series is {series.status}.", now=series.status, allowed=())
    every = list(series.sessions.order_by("number"))
    open_ones = [one for one in every if one.status in lifecycle.MOVABLE and one.start > now]
    if actor.is_patient:
        open_ones = [one for one in open_ones if _still_changeable(series, one, actor=actor, now=now)]
    version = onto or series.protocol_version
    expected = snapshot.protocol_of(version).phase(series.phase).sessions or 0
    broken_off = None if onto else interruption_of(series, every, now=now)
    there = sum(one.status not in lifecycle.GONE for one in every)
    following = max((one.number for one in every), default=0) + 1
    return Left(
        series=series,
        version=version,
        onto=onto,
        sessions=tuple(one for one in open_ones if one.number >= (from_number or 1)),
        missing=() if broken_off else tuple(range(following, following + max(0, expected - there))),
        actor=actor,
        now=now,
        following=following,
        broken_off=broken_off,
    )


def interruption_of(
    series: Series,
    sessions: Sequence[Session],
    *,
    now: datetime,
    decided: Iterable[Decision] | None = None,
) -> Interruption | None:
    """How a missed session broke the series off, if one did, after what was decided of it: all there is,
    unless told. At most one query, none where the phase has no rule for it.
    """
    phase, zone = snapshot.protocol_of(series.protocol_version).phase(series.phase), series.clinic.zone
    if phase.on_missed is OnMissed.APPEND:
        return None
    decisions = Decision.objects.filter(series=series) if decided is None else decided
    return interruption(phase, sessions, decisions, now=now, date_of=lambda at: at.astimezone(zone).date())


class Ways(NamedTuple):
    """Up to three ways to place what is left, best first, the case that they answer, and whether the first
    is proven best.
    """

    case: Case
    found: list[Replan]
    proven: bool


def propose(
    left: Left, *, earliest: date | None, latest: date | None = None, wish: Wish | None, gently: bool
) -> Ways:
    """How what is left could be placed.

    `gently`: if the booked ones still keep every rule and nothing else is asked for, they stay, and what
    is to be made up follows the last of them.
    """
    case, effort = _case(left, leaving=True), one_request()
    if not left.sessions and not left.missing:
        today = case.supply.date_of(minute(left.now))
        return Ways(case, [Replan(Plan((), 0, (), today), ())], True)
    asked_for = (earliest, latest, wish) != (None, None, None)
    gently = gently and not asked_for and not left.begins_anew
    if gently and left.missing and _all_keep_their_rules(left, case):
        made_up = _make_up(left, _case(left, leaving=False), effort)
        if made_up.answer:
            return Ways(case, *made_up)
    today = case.supply.date_of(minute(left.now))
    first = max(today, earliest or today)
    if latest is not None and latest < first:
        raise Invalid("latest", "This is before the first date.")
    for asked in _wishes(left, case, wish):
        answer, proven = _place_all(left, replace(case, wish=asked), first, latest, effort)
        if not isinstance(answer, Unplannable):
            return Ways(case, answer, proven)
        refused = answer
    raise _unplannable(case, refused)


def _unplannable(case: Case, answer: Unplannable) -> UnplannableSeries:
    return UnplannableSeries(
        session=answer.session,
        violations=answer.violations,
        relaxations=[
            {"rule": one.rule.value, "change": one.change, "plan": plan_facts(case, one.plan)}
            for one in answer.relaxations
        ],
    )


def under_clearance(case: Case, question: Question, series: Series) -> Case:
    """The case under the clearance of the series, if any; of the phase that follows, under the best that the
    patient has. Refuses a patient whose course has lapsed.
    """
    standing = standing_of(series.patient_id, question.version.protocol_id, without_sessions=question.leaving)
    if standing.lapsed and question.actor.is_patient:
        raise question.lapsed()
    if question.phase != series.phase:
        return with_clearance(case, clearance_for(question, case))
    if series.clearance_id is None:
        return case
    own = [one for one in standing.clearances if one.id == series.clearance_id]
    return with_clearance(case, own[0] if own else best_clearance(case, (), standing, question.now))


def _case(left: Left, *, leaving: bool) -> Case:
    """The whole diary from today on, with or without the sessions that are left."""
    zone = left.series.clinic.zone
    today = left.now.astimezone(zone).date()
    ends = [one.start.astimezone(zone).date() for one in (*left.sessions, *left.dropped)]
    question = left.question(leaving=leaving)
    case = question.look_around(left.series.clinic, today, max([today, *ends]) + AHEAD)
    return under_clearance(case, question, left.series)


def _all_keep_their_rules(left: Left, case: Case) -> bool:
    places = [Place(one.number, minute(one.start), str(one.chair_id)) for one in left.sessions]
    overridden = {one["rule"] for session in left.sessions for one in session.overrides}
    return all(one.rule in overridden for one in check(case, places)) if places else True


def _make_up(left: Left, case: Case, effort: Effort) -> Settled[list[Replan]]:
    """The missing sessions after the last that is booked, at the usual hour if that can be."""
    after_last = max((one.start for one in case.booked if one.series == case.series), default=case.now)
    earliest = case.supply.date_of(max(after_last, case.now))
    for wish in _wishes(left, case, None):
        asked, last = replace(case, wish=wish), _latest(case, earliest)
        plans, proven = _planned(asked, left.missing, earliest=earliest, latest=last, effort=effort)
        if not isinstance(plans, Unplannable):
            later = [plan for plan in plans if all(place.start > after_last for place in plan.places)]
            return Settled([Replan(plan, _moves(left, plan)) for plan in later], proven)
    return Settled([], True)


def _place_all(
    left: Left, case: Case, earliest: date, latest: date | None, effort: Effort
) -> Settled[list[Replan] | Unplannable]:
    last = _latest(case, max([earliest, *(case.supply.date_of(start) for start in left.starts.values())]))
    latest = last if latest is None else min(last, latest)
    if left.onto is not None or left.begins_anew:
        # Another treatment, or another course: its own rhythm counts, not where the old one had its sessions.
        numbers = [*left.starts, *left.missing]
        plans, proven = _planned(case, numbers, earliest=earliest, latest=latest, effort=effort)
        if isinstance(plans, Unplannable):
            return Settled(plans, proven)
        return Settled([Replan(plan, _moves(left, plan)) for plan in plans], proven)
    remaining = [Remaining(number, start) for number, start in left.starts.items()]
    remaining += [Remaining(number, None) for number in left.missing]

    def ask(until: date, effort: Effort) -> list[Replan] | Unplannable:
        ways = replan(case, remaining=remaining, earliest=earliest, latest=until, limit=_WAYS, effort=effort)
        return ways if isinstance(ways, Unplannable) else list(ways)

    return settled(ask, earliest=earliest, latest=latest, effort=effort)


def _planned(
    case: Case, numbers: Sequence[int], *, earliest: date, latest: date, effort: Effort
) -> Settled[tuple[Plan, ...] | Unplannable]:
    def ask(until: date, effort: Effort) -> tuple[Plan, ...] | Unplannable:
        return plan_series(case, numbers=numbers, earliest=earliest, latest=until, limit=_WAYS, effort=effort)

    return settled(ask, earliest=earliest, latest=latest, effort=effort)


def _latest(case: Case, known: date) -> date:
    own = [one.date for one in case.booked if one.series == case.series]
    return search_ends(case.phase, known=known, own=own)


def _wishes(left: Left, case: Case, wish: Wish | None) -> list[Wish]:
    """What to ask for, in turn: the wish itself; else, for places that are new, the usual hour of the
    series first.
    """
    if wish is not None:
        return [wish]
    hour = _usual_hour(case, str(left.series.id)) if left.missing or left.onto else None
    return [Wish(not_before=hour, not_after=hour), Wish()] if hour else [Wish()]


def _usual_hour(case: Case, series: str) -> time | None:
    clocks = Counter(
        local(one.start, case.supply.time_zone).time() for one in case.booked if one.series == series
    )
    return clocks.most_common(1)[0][0] if clocks else None


def _moves(left: Left, plan: Plan) -> tuple[Move, ...]:
    starts = left.starts
    return tuple(
        Move(place.number, starts.get(place.number), place.start)
        for place in plan.places
        if starts.get(place.number) != place.start
    )


def _still_changeable(series: Series, session: Session, *, actor: Actor, now: datetime) -> bool:
    session.series = series
    try:
        refuse_late_change(session, actor=actor, now=now)
    except NotOffered:
        return False
    return True
