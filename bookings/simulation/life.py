"""One simulation from its first Monday to its end: deeds in the order of time, and what follows from each.

Everything that anybody hears of, they hear from the journal, so nothing here depends on who did what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time, timedelta
from typing import Any

from bookings import signals
from bookings.actors import patient_actor
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.demo.agenda import Agenda
from bookings.models import JournalEntry, Offer, OfferStatus, Proposal, ProposalStatus, Session, Task
from bookings.nudging import silence
from bookings.simulation.asking import Asking
from bookings.simulation.chance import Chance
from bookings.simulation.desk import LAST_LOOK, Desk
from bookings.simulation.disasters import Disasters
from bookings.simulation.levelling import Levelling, any_hour_alike
from bookings.simulation.premises import build
from bookings.simulation.stage import Stage
from bookings.simulation.visits import Visits
from bookings.simulation.workers import Messages, Workers
from bookings.simulation.world import Arm, World


class Life:
    """A clinic, its people and its workers, under way."""

    def __init__(
        self, world: World, arm: Arm, *, messages: Messages, on_week: Callable[[date, int], None]
    ) -> None:
        with silence():
            premises = build(world)
        agenda = Agenda(now=premises.now_at(world.ends, time()), on_week=on_week)
        self.stage = Stage(world, arm, premises, Chance(world), agenda, self._settle)
        self.asking, self.visits = Asking(self.stage), Visits(self.stage)
        self.desk = Desk(self.stage, self.asking, self.visits)
        self.workers = Workers(self.stage, messages)
        self._ids: list[int] = []
        self._verbs: set[str] = set()
        self._tasks: set[object] = set()  # that somebody knows of
        self._hears: dict[str, Callable[[JournalEntry], None]] = {
            "series_booked": self._series_booked,
            "session_booked": self._session_placed,
            "session_moved": self._session_placed,
            "session_cancelled": self._session_gone,
            "session_no_show": self._session_gone,
            "session_completed": self._session_completed,
            "series_completed": self._series_completed,
            "task_opened": self._task_opened,
            "moves_proposed": self._moves_proposed,
            "proposal_declined": self._proposal_over,
            "proposal_expired": self._proposal_over,
            "proposal_superseded": self._proposal_over,
            "offer_made": self._offer_made,
        }

    def run(self) -> None:
        """From the first Monday to the end. The workers of an installation are not nudged: they have another
        clock, and another database.
        """
        self.workers.expect()
        Disasters(self.stage).expect()
        if self.stage.arm.template:
            Levelling(self.stage).expect()
        for person in self.stage.chance.people():
            self.asking.expect(person)
        levelled = nullcontext() if self.stage.arm.levelling else any_hour_alike()
        with silence(), self._listening(), levelled:
            self.stage.agenda.run()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        signals.journal_written.connect(self._written, dispatch_uid="simulation")
        try:
            yield
        finally:
            signals.journal_written.disconnect(dispatch_uid="simulation")

    def _written(self, sender: object, *, ids: Sequence[int], verbs: Set[str], **_: Any) -> None:
        self._ids += ids
        self._verbs |= verbs

    def _settle(self, now: datetime) -> None:
        while self._ids:
            ids, verbs = self._ids, self._verbs
            self._ids, self._verbs = [], set()
            self.workers.after(ids, verbs, now)
            if not verbs.isdisjoint(self._hears):
                rows = JournalEntry.objects.filter(id__in=ids, verb__in=self._hears)
                for row in rows.select_related("session__series", "series").order_by("id"):
                    self._hears[row.verb](row)

    def _series_booked(self, row: JournalEntry) -> None:
        assert row.series is not None
        self.asking.has_course(row.series)
        for session in row.series.sessions.order_by("number"):
            self._placed(session, row.at)

    def _session_placed(self, row: JournalEntry) -> None:
        assert row.session is not None
        self._placed(row.session, row.at)

    def _placed(self, session: Session, now: datetime) -> None:
        self.visits.booked(session, now)
        grace = timedelta(minutes=self.stage.premises.clinic.no_show_after_minutes)
        comes = self.visits.comes(session)
        if self.stage.arm.watch:
            if not comes or self.visits.late_until(session) > session.start + grace:
                self.workers.not_arrived(session.start, grace)
        elif not comes:
            premises = self.stage.premises
            evening = premises.now_at(premises.day_of(session.start), self.stage.world.closes) - LAST_LOOK
            self.stage.put(max(evening, session.start + grace), lambda then: self.desk.missing(session, then))

    def _session_gone(self, row: JournalEntry) -> None:
        assert row.session is not None
        self.visits.gone(row.session)
        self.desk.lost(row.session, row.at)

    def _session_completed(self, row: JournalEntry) -> None:
        assert row.session is not None
        self.desk.treated(row.session, row.at)

    def _series_completed(self, row: JournalEntry) -> None:
        assert row.series is not None
        self.desk.ended(row.series, row.at)

    def _task_opened(self, row: JournalEntry) -> None:
        tasks = Task.objects.filter(series=row.series, kind=row.after["kind"], resolved_at__isnull=True)
        for task in tasks.select_related("series", "session").order_by("created_at", "session__number"):
            if task.id not in self._tasks:
                self._tasks.add(task.id)
                self.desk.task(task, row.at)

    def _moves_proposed(self, row: JournalEntry) -> None:
        proposal = Proposal.objects.select_related("series").get(id=row.after["proposal"])
        if proposal.status == ProposalStatus.OPEN:
            self.desk.proposed(proposal, row.at)

    def _proposal_over(self, row: JournalEntry) -> None:
        assert row.series is not None
        self.desk.unanswered(row.series, row.at)

    def _offer_made(self, row: JournalEntry) -> None:
        offer = Offer.objects.select_related("entry").get(id=row.after["offer"])
        if offer.status != OfferStatus.OPEN:
            return
        self.workers.next_in_turn(offer.expires_at)
        course = self.asking.waiting_for(offer.entry)
        fate = self.stage.chance.answer(course.person.number, offer.start)
        if fate.after is not None and row.at + fate.after < offer.expires_at:
            actor = patient_actor(course.patient)
            answer = accept_offer if fate.accepts else decline_offer
            self.stage.put(row.at + fate.after, lambda then: answer(offer, actor=actor, now=then))
