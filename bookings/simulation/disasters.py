"""What happens to the clinic: days on which it cannot open, a nurse who is ill, a chair that breaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from bookings.commands.cancel import cancel_session
from bookings.commands.replan import apply_replan
from bookings.commands.roster import close, remove_shift
from bookings.displacement import Displaced, displaced
from bookings.errors import Refused
from bookings.lifecycle import MOVABLE
from bookings.models import Chair, Session, Shift
from bookings.simulation.stage import Stage

#: How long a call takes.
CALL = timedelta(minutes=4)
BROKEN_DAYS = 2


class Disasters:
    """Everything that will go wrong, and the calls that follow. Whoever changes the roster is told at once
    whom that concerns, with the watch or without it.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def expect(self) -> None:
        """All of it will happen on its day."""
        stage, world = self._stage, self._stage.world
        now_at, luck = stage.premises.now_at, stage.chance
        for day in luck.days(world.closed_days_per_year, "closed"):
            stage.put(now_at(day, time(6)), self._closed)
        for nurse in range(world.nurses):
            for day in luck.days(world.sick_days_per_nurse, "nurse", nurse):
                stage.put(now_at(day, time(6, 30)), partial(self._ill, nurse))
        for chair in range(world.chairs):
            for day in luck.days(world.chair_failures_per_chair, "chair", chair):
                stage.put(now_at(day, time(16)), partial(self._broken, chair))

    def _closed(self, now: datetime) -> None:
        _, concerned = self._close(self._day(now), self._day(now), reason="Closed", chair=None, now=now)
        self._ring(concerned, now)

    def _ill(self, nurse: int, now: datetime) -> None:
        midnight = self._stage.premises.now_at(self._day(now), time())
        shifts = Shift.objects.filter(
            clinic=self._stage.premises.clinic,
            nurse__email=f"nurse{nurse + 1}@simulated.example",
            starts__gte=midnight,
            starts__lt=midnight + timedelta(days=1),
        )
        for shift in shifts:
            shift.clinic = self._stage.premises.clinic
            actor = self._stage.premises.actors["manager"]
            self._ring(remove_shift(shift, actor=actor, now=now), now)

    def _broken(self, chair: int, now: datetime) -> None:
        row = Chair.objects.filter(clinic=self._stage.premises.clinic).order_by("name")[chair]
        first = self._day(now) + timedelta(days=1)
        last = first + timedelta(days=BROKEN_DAYS - 1)
        _, concerned = self._close(first, last, reason="Chair broken", chair=row, now=now)
        self._ring(concerned, now)

    def _close(
        self, first: date, last: date, *, reason: str, chair: Chair | None, now: datetime
    ) -> tuple[object, Sequence[Displaced]]:
        premises = self._stage.premises
        starts = premises.now_at(first, time())
        ends = premises.now_at(last + timedelta(days=1), time())
        actor = premises.actors["manager"]
        return close(
            premises.clinic, starts=starts, ends=ends, reason=reason, chair=chair, actor=actor, now=now
        )

    def _ring(self, concerned: Sequence[Displaced], now: datetime) -> None:
        for place, one in enumerate(concerned, start=1):
            self._stage.put(now + CALL * place, partial(self._another_time, one.session))

    def _another_time(self, session: Session, now: datetime) -> None:
        """On the telephone: the least change after which all that is left of the series keeps its rules; a
        visit for which there is none is cancelled.
        """
        premises = self._stage.premises
        session.refresh_from_db()
        rows = premises.clinic.sessions.filter(id=session.id, status__in=MOVABLE, start__gt=now)
        if not displaced(premises.clinic, rows, now=now):
            return  # those who were rung before have made room
        desk = premises.actors["front_desk"]
        self._stage.ring("displaced")
        try:
            apply_replan(session.series, actor=desk, now=now)
        except Refused:
            self._cancel(session, now)
            return
        if displaced(premises.clinic, rows.all(), now=now):
            self._cancel(session, now)

    def _cancel(self, session: Session, now: datetime) -> None:
        desk = self._stage.premises.actors["front_desk"]
        cancel_session(session, reason="The clinic cannot have them", actor=desk, now=now)

    def _day(self, now: datetime) -> date:
        return self._stage.premises.day_of(now)
