"""What becomes of a session: most patients come, some move it, some cancel, a few stay away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from bookings import snapshot
from bookings.actors import patient_actor
from bookings.commands.attend import (
    check_in_session,
    complete_session,
    confirm_session,
    miss_session,
    recover_session,
    start_session,
)
from bookings.commands.cancel import cancel_session
from bookings.commands.deciding import assess_series
from bookings.commands.move import move_session
from bookings.commands.replan import apply_replan
from bookings.demo.agenda import Agenda
from bookings.demo.building import Stage
from bookings.demo.courses import Course, next_course
from bookings.models import Clinic, Patient, Series, SeriesStatus, Session, SessionStatus
from scheduler.case import Case
from scheduler.openings import nearest
from scheduler.protocol import Phase, Protocol
from scheduler.spans import instant, minute

#: Of a hundred sessions that are booked.
MISSED, CANCELLED, MOVED, CONFIRMED = 4, 6, 5, 70
MADE_UP = 60  # of a hundred missed or cancelled ones
WHY_CANCELLED = ("Has a cold", "Has to work", "No driver that day", "Travelling", "A child is ill")


@dataclass(frozen=True)
class Attendance:
    """One patient in one course at one clinic, under one version of its protocol."""

    patient: Patient
    clinic: Clinic
    course: Course
    rules: Protocol

    @property
    def phase(self) -> Phase:
        return self.rules.phase(self.course.phase)


def question(
    coming: Attendance, at: datetime, *, first: date, last: date, without: Iterable[UUID] = ()
) -> Case:
    """The patient's question to the clinic about those days. As patients ask it: with notice and horizon."""
    gone = [str(session) for session in without]
    return Case(
        supply=snapshot.supply_of(coming.clinic),
        diary=snapshot.load_diary(coming.clinic, first, last, now=at).without(gone),
        protocol=coming.rules,
        phase=coming.phase,
        now=minute(at),
        booked=snapshot.load_patient(coming.patient.id, without_sessions=gone),
    )


class Fates:
    """Puts onto the agenda what will become of each session that is booked."""

    def __init__(
        self,
        stage: Stage,
        agenda: Agenda,
        *,
        random: Random,
        ask: Callable[[Patient, Clinic, Course, datetime], None],
    ) -> None:
        self._stage, self._agenda, self._random, self._ask = stage, agenda, random, ask
        # Where each session is now. A deed is dropped when its session has been moved away, or is gone.
        self._starts: dict[UUID, datetime] = {}

    def foresee(self, session: Session, coming: Attendance, booked_at: datetime) -> None:
        """Decide by chance what the patient will do about a session that was just booked."""
        chance = self._random.random() * 100
        self._starts[session.id] = session.start
        if chance < MISSED:
            at = session.start + timedelta(minutes=self._random.randrange(16, 40))
            self._put(at, session, lambda then: self._miss(session, coming, then))
            return
        if chance < MISSED + CANCELLED + MOVED:
            notice = timedelta(hours=self._random.randrange(26, 120))
            change = self._cancel if chance < MISSED + CANCELLED else self._move
            at = max(session.start - notice, booked_at + timedelta(hours=1))
            self._put(at, session, lambda then: change(session, coming, then))
        if self._happens(CONFIRMED):
            notice = timedelta(hours=self._random.randrange(22, 71))
            at = max(session.start - notice, booked_at + timedelta(minutes=30))
            patient = patient_actor(coming.patient)
            self._put(at, session, lambda then: confirm_session(session, actor=patient, now=then))
        self._visit(session, coming)

    def _put(self, at: datetime, session: Session, deed: Callable[[datetime], object]) -> None:
        start = session.start

        def unless_gone(then: datetime) -> None:
            if self._starts.get(session.id) == start:
                deed(then)

        self._agenda.put(at, unless_gone)

    def _visit(self, session: Session, coming: Attendance) -> None:
        """The usual day: arrived, infusing once prepared, recovering before the end, gone."""
        desk, nurse = self._stage.actors["front_desk"], self._stage.actors["nurse"]
        present = [timed for timed in coming.rules.timed_steps if timed.step.patient]
        arrives = session.start + self._about(-3)
        begins = session.start + self._about(present[0].ends + 3)
        leaves = session.end + self._about(1)
        rest = present[-1] if present[-1].step.name in ("recovery", "observation") else None
        rests = session.start + timedelta(minutes=rest.starts) if rest else leaves - timedelta(minutes=4)
        self._put(arrives, session, lambda at: check_in_session(session, actor=desk, now=at))
        self._put(begins, session, lambda at: start_session(session, actor=nurse, now=at))
        rests = max(rests, begins + timedelta(minutes=2))
        self._put(rests, session, lambda at: recover_session(session, actor=nurse, now=at))
        self._put(leaves, session, lambda at: self._complete(session, coming, at))

    def _complete(self, session: Session, coming: Attendance, at: datetime) -> None:
        escort = coming.rules.needs_escort
        done = complete_session(session, escort=escort, actor=self._stage.actors["nurse"], now=at)
        given = done.series.sessions.filter(status=SessionStatus.COMPLETED).count()
        if given in coming.phase.assess_after:
            prescriber = self._stage.actors["prescriber"]
            self._agenda.put(
                at + timedelta(hours=1),
                lambda then: assess_series(done.series, go_on=True, actor=prescriber, now=then),
            )
        if done.series.status != SeriesStatus.COMPLETED:
            return
        following = next_course(coming.course, ended=at.astimezone(coming.clinic.zone), random=self._random)
        if following:
            self._agenda.put(
                following.books_at, lambda then: self._ask(coming.patient, coming.clinic, following, then)
            )

    def _miss(self, session: Session, coming: Attendance, at: datetime) -> None:
        miss_session(session, actor=self._stage.actors["front_desk"], now=at)
        self._gone(session, coming, at)

    def _cancel(self, session: Session, coming: Attendance, at: datetime) -> None:
        by_patient = self._happens(50)
        actor = patient_actor(coming.patient) if by_patient else self._stage.actors["front_desk"]
        cancel_session(session, reason=self._random.choice(WHY_CANCELLED), actor=actor, now=at)
        self._gone(session, coming, at)

    def _gone(self, session: Session, coming: Attendance, at: datetime) -> None:
        del self._starts[session.id]
        if self._happens(MADE_UP):
            calls_back = at + timedelta(hours=self._random.randrange(2, 26))
            self._agenda.put(calls_back, lambda then: self._make_up(session.series, coming, then))

    def _make_up(self, series: Series, coming: Attendance, at: datetime) -> None:
        apply_replan(series, actor=self._stage.actors["front_desk"], now=at)
        for session in series.sessions.filter(start__gt=at):
            if session.status in ("requested", "booked") and self._starts.get(session.id) != session.start:
                self._starts[session.id] = session.start
                self._visit(session, coming)

    def _move(self, session: Session, coming: Attendance, at: datetime) -> None:
        """To another hour near the old one, at which every rule is kept."""
        day = session.start.astimezone(coming.clinic.zone).date()
        first, last = day - timedelta(days=3), day + timedelta(days=5)
        case = question(coming, at, first=first, last=last, without=[session.id])
        found = [instant(opening.start) for opening in nearest(case, minute(session.start), limit=6)]
        others = [start for start in found if start != session.start]
        if others:
            start = self._random.choice(others)
            moved = move_session(session, start=start, actor=self._stage.actors["front_desk"], now=at)
            self._starts[session.id] = moved.start
            self._visit(moved, coming)

    def _about(self, minutes: int) -> timedelta:
        return timedelta(minutes=minutes + self._random.randrange(-4, 5))

    def _happens(self, in_a_hundred: float) -> bool:
        return self._random.random() * 100 < in_a_hundred
