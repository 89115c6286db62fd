"""What patients do about a visit: confirm, come or not, cancel, move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from bookings.actors import Actor, patient_actor
from bookings.commands.attend import (
    check_in_session,
    complete_session,
    confirm_session,
    recover_session,
    start_session,
)
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.lifecycle import MOVABLE
from bookings.models import Series, Session
from bookings.queries.openings import Offer
from bookings.simulation.chance import Visit
from bookings.simulation.stage import Course, Stage
from scheduler.openings import nearest
from scheduler.spans import instant, minute


class Visits:
    """Every visit that is booked, and what its patient makes of it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._starts: dict[UUID, datetime] = {}  # where each session is; a deed about another start is void
        self._done: set[tuple[UUID, str]] = set()  # nobody cancels or moves the same visit twice

    def booked(self, session: Session, now: datetime) -> None:
        """A visit has come to be, or is at another time: what its patient will do about it."""
        if session.status not in MOVABLE:
            return
        course, fate = self._stage.course_of(session.series_id), self._fate(session)
        self._starts[session.id] = session.start
        if fate.confirms is not None and (session.id, "cancels") not in self._done:
            self._at(session, max(session.start - fate.confirms, now + timedelta(minutes=20)), self._confirm)
        for name, notice, deed in (
            ("cancels", fate.cancels, self._cancel),
            ("moves", fate.moves, self._move),
        ):
            if notice is not None and (session.id, name) not in self._done:
                when = max(session.start - notice, now + timedelta(hours=1))
                if when < session.start:
                    self._at(session, when, deed)
        if fate.comes:
            self._visit(session, course, late=fate.late)

    def gone(self, session: Session) -> None:
        """A visit was cancelled or missed."""
        self._starts.pop(session.id, None)

    def comes(self, session: Session) -> bool:
        """Whether somebody who is not here yet will come."""
        return self._fate(session).comes

    def late_until(self, session: Session) -> datetime:
        """When they will be here, if they come."""
        return session.start + self._fate(session).late

    def _fate(self, session: Session) -> Visit:
        course = self._stage.course_of(session.series_id)
        return self._stage.chance.visit(course.person.number, course=course.order, number=session.number)

    def _at(self, session: Session, when: datetime, deed: Callable[[Session, datetime], object]) -> None:
        start = session.start

        def unless_gone(then: datetime) -> None:
            if self._starts.get(session.id) == start:
                deed(session, then)

        self._stage.put(when, unless_gone)

    def _visit(self, session: Session, course: Course, *, late: timedelta) -> None:
        """The usual day: arrived, infusing once prepared, recovering before the end, gone."""
        rules = self._stage.premises.rules(course.person.protocol)
        desk, nurse = (self._stage.premises.actors[role] for role in ("front_desk", "nurse"))
        present = [timed for timed in rules.timed_steps if timed.step.patient]
        late = max(late, timedelta())
        arrives, leaves = session.start + late, session.end + late
        begins = session.start + late + timedelta(minutes=present[0].ends + 2)
        rests = max(
            session.start + late + timedelta(minutes=present[-1].starts), begins + timedelta(minutes=2)
        )
        self._at(session, arrives, lambda one, at: check_in_session(one, actor=desk, now=at))
        self._at(session, begins, lambda one, at: start_session(one, actor=nurse, now=at))
        self._at(session, rests, lambda one, at: recover_session(one, actor=nurse, now=at))
        self._at(session, leaves, lambda one, at: self._leave(one, escort=rules.needs_escort, now=at))

    def _leave(self, session: Session, *, escort: bool, now: datetime) -> None:
        nurse = self._stage.premises.actors["nurse"]
        complete_session(session, escort=escort, actor=nurse, now=now)

    def _confirm(self, session: Session, now: datetime) -> None:
        course = self._stage.course_of(session.series_id)
        confirm_session(session, actor=patient_actor(course.patient), now=now)

    def _cancel(self, session: Session, now: datetime) -> None:
        self._done.add((session.id, "cancels"))
        cancel_session(session, reason="Cannot come", actor=self._mover(session, now), now=now)

    def _move(self, session: Session, now: datetime) -> None:
        """By telephone, to the nearest time that keeps every rule; where there is none they keep this one."""
        self._done.add((session.id, "moves"))
        premises, course = self._stage.premises, self._stage.course_of(session.series_id)
        series = Series.objects.get(id=session.series_id)
        asked = Offer(
            clinic=premises.clinic,
            version=premises.versions[course.person.protocol],
            phase=premises.rules(course.person.protocol).phase(course.phase),
            actor=premises.actors["front_desk"],
            now=now,
            patient_id=course.patient.id,
            series=series,
            leaving=(session,),
        )
        day = premises.day_of(session.start)
        case = asked.case(max(premises.day_of(now), day - timedelta(days=3)), day + timedelta(days=5))
        found = nearest(case, minute(session.start), limit=4, number=session.number)
        others = [one.start for one in found if one.start != minute(session.start)]
        if others:
            desk = premises.actors["front_desk"]
            move_session(session, start=instant(others[-1]), actor=desk, now=now)

    def _mover(self, session: Session, now: datetime) -> Actor:
        """Patients change a visit themselves until the day before; then they ring."""
        course = self._stage.course_of(session.series_id)
        if course.person.online and session.start - now > timedelta(hours=24):
            return patient_actor(course.patient)
        return self._stage.premises.actors["front_desk"]
