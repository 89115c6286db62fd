"""Everything that happens at a clinic and goes wrong there, at random, through the verbs that people use."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bookings.actors import patient_actor
from bookings.commands import attend, deciding, proposals, waiting
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.carry_out_repair import carry_out_repair
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.next_phase import begin_next_phase
from bookings.commands.offer_answers import accept_offer
from bookings.commands.protocols import add_protocol_version
from bookings.commands.repairs import draw_up_repair
from bookings.commands.replan import apply_replan
from bookings.commands.roster import add_shift, close, remove_shift, reopen
from bookings.lifecycle import EXPECTED
from bookings.models import (
    Offer,
    OfferStatus,
    Proposal,
    ProposalStatus,
    Protocol,
    Repair,
    RepairStatus,
    Series,
    Session,
    Task,
    TaskKind,
    Verdict,
)
from scheduler.rules import Wish
from tests.bookings.troubled_clinic import TroubledClinic

MINUTES = st.sampled_from([20, 150, 1440, 3 * 1440, 8 * 1440])
DAYS, QUARTERS = st.integers(1, 24), st.integers(0, 28)
GAPS = st.tuples(*[st.integers(2, 6)] * 3)


class Disasters(TroubledClinic):
    """What people do and what befalls them; after each, the workers do what they have to do."""

    # What people do

    @rule(data=st.data(), treatment=st.integers(0, 3), day=DAYS, quarter=QUARTERS, gaps=GAPS)
    def book(
        self, data: st.DataObject, treatment: int, day: int, quarter: int, gaps: tuple[int, ...]
    ) -> None:
        patient = self.one_of(data, self.patients)
        days = [day + sum(gaps[:number]) for number in range(4)]
        self.ask(
            "booked",
            lambda: book_series(
                patient,
                clinic=self.clinic,
                protocol=self.protocols[treatment],
                phase="course",
                starts=[self.ahead(one, quarter) for one in days],
                now=self.now,
                **self.who(data, patient),
            ),
        )

    @rule(data=st.data(), treatment=st.integers(0, 3), day=st.integers(0, 9), quarter=QUARTERS)
    def book_one(self, data: st.DataObject, treatment: int, day: int, quarter: int) -> None:
        """Also somebody who walks in today."""
        patient = self.one_of(data, self.patients)
        self.ask(
            "booked one",
            lambda: book_series(
                patient,
                clinic=self.clinic,
                protocol=self.protocols[treatment],
                phase="later",
                starts=[self.ahead(day, quarter)],
                now=self.now,
                **self.who(data, patient),
            ),
        )

    @rule(data=st.data(), day=DAYS, quarter=QUARTERS)
    def move(self, data: st.DataObject, day: int, quarter: int) -> None:
        if session := self.one_of(data, self.to_come()):
            who = self.who(data, session.patient)
            start = self.ahead(day, quarter)
            self.ask("moved", lambda: move_session(session, start=start, now=self.now, **who))

    @rule(data=st.data(), whole=st.booleans())
    def cancel(self, data: st.DataObject, whole: bool) -> None:
        if session := self.one_of(data, self.to_come()):
            actor = self.who(data, session.patient)["actor"]
            verb: Any = cancel_series if whole else cancel_session
            about = session.series if whole else session
            self.ask("cancelled", lambda: verb(about, actor=actor, now=self.now))

    @rule(data=st.data(), come=st.integers(0, 3))
    def see_to_the_day(self, data: st.DataObject, come: int) -> None:
        """Whoever was expected until now has come, or has not: a quarter of them."""
        for session in Session.objects.filter(status__in=EXPECTED, start__lte=self.now).order_by("start"):
            if come == 0:
                self.ask("missed", partial(attend.miss_session, session, actor=self.desk, now=self.now))
            else:
                self.ask("came", partial(self.treat, session))

    def treat(self, session: Session) -> None:
        """From the door to the way home; where somebody must look first, not beyond the chair."""
        who = {"actor": self.desk, "now": self.now}
        for verb in (attend.check_in_session, attend.start_session, attend.recover_session):
            verb(session, **who)
        attend.complete_session(session, escort=True, **who)

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        rows = Session.objects.exclude(status_before="").order_by("start", "id")
        if session := self.one_of(data, rows):
            self.ask("undone", lambda: attend.undo_session(session, actor=self.desk, now=self.now))

    @rule(data=st.data(), sessions=st.integers(1, 8), days=st.integers(0, 30))
    def grant(self, data: st.DataObject, sessions: int, days: int) -> None:
        patient, protocol = self.one_of(data, self.patients), self.one_of(data, self.protocols)
        expires = self.ahead(days, 0).date()
        told: dict[str, Any] = {"sessions": sessions, "expires": expires, "actor": self.prescriber}
        self.ask("cleared", lambda: grant_clearance(patient, protocol=protocol, now=self.now, **told))

    @rule(data=st.data(), verdict=st.sampled_from(Verdict.values))
    def decide(self, data: st.DataObject, verdict: str) -> None:
        if series := self.one_of(data, Series.objects.order_by("created_at", "id")):
            told: dict[str, Any] = {"actor": self.prescriber, "now": self.now}
            if verdict == Verdict.GO_ON:
                self.ask("assessed", lambda: deciding.assess_series(series, go_on=True, **told))
            else:
                self.ask(
                    "decided", lambda: deciding.decide_on_missed(series, verdict=Verdict(verdict), **told)
                )

    # What mends

    @rule(data=st.data(), at_once=st.booleans())
    def mend(self, data: st.DataObject, at_once: bool) -> None:
        """Plan again what has a task: at once, or as a proposal to the patient."""
        named = Task.objects.filter(resolved_at__isnull=True, series__isnull=False).values("series")
        if series := self.one_of(data, self.open_series().filter(id__in=named)):
            verb: Any = apply_replan if at_once else proposals.propose_moves
            self.ask(
                "replanned" if at_once else "proposed", partial(verb, series, actor=self.desk, now=self.now)
            )

    @rule()
    def ask_for_one_plan_for_all(self) -> None:
        told: dict[str, Any] = {"actor": self.desk, "now": self.now}
        self.ask("asked for one plan", lambda: draw_up_repair(self.clinic, **told))

    @rule(data=st.data(), asked=st.integers(0, 2), left=st.integers(0, 1))
    def carry_out_the_plan(self, data: st.DataObject, asked: int, left: int) -> None:
        """Some of it: a few patients are asked, one series may be left, and the others are moved."""
        rows = Repair.objects.filter(status=RepairStatus.READY).order_by("created_at", "id")
        if plan := self.one_of(data, rows):
            parts = [one for one in plan.parts.order_by("series") if one.moves and not one.outcome]
            series = [one.series_id for one in parts][left:]
            ticked = {"offer": series[:asked], "move": series[asked:]}
            who = {"actor": self.desk, "now": self.now}
            self.ask("carried out together", partial(carry_out_repair, plan, **ticked, **who))

    @rule(data=st.data(), at_once=st.booleans())
    def begin_what_follows(self, data: st.DataObject, at_once: bool) -> None:
        """The phase after one that is over, where its task says: booked, or proposed to the patient."""
        rows = Task.objects.filter(kind=TaskKind.PHASE_FINISHED, resolved_at=None, proposal__isnull=False)
        if task := self.one_of(data, rows.order_by("created_at", "id")):
            who: dict[str, Any] = {"actor": self.desk, "now": self.now}
            if at_once:
                starts = [datetime.fromisoformat(move["to"]) for move in task.proposal["moves"]]
                self.ask("began what follows", partial(begin_next_phase, task.series, starts=starts, **who))
            else:
                self.ask("proposed what follows", partial(proposals.propose_moves, task.series, **who))

    @rule(data=st.data(), yes=st.booleans())
    def answer(self, data: st.DataObject, yes: bool) -> None:
        rows = Proposal.objects.filter(status=ProposalStatus.OPEN).order_by("created_at", "id")
        if proposal := self.one_of(data, rows):
            verb: Any = proposals.accept_proposal if yes else proposals.decline_proposal
            me = patient_actor(proposal.series.patient)
            self.ask("answered", lambda: verb(proposal, actor=me, now=self.now))

    @rule(data=st.data())
    def wait_for_earlier(self, data: st.DataObject) -> None:
        if session := self.one_of(data, self.to_come()):
            self.ask(
                "waits",
                lambda: waiting.join_waiting_list(
                    session.patient,
                    clinic=self.clinic,
                    protocol=session.series.protocol_version.protocol,
                    session=session,
                    wish=Wish(),
                    actor=self.desk,
                    now=self.now,
                ),
            )

    @rule(data=st.data())
    def take_offer(self, data: st.DataObject) -> None:
        rows = Offer.objects.filter(status=OfferStatus.OPEN).order_by("created_at", "id")
        if offer := self.one_of(data, rows):
            me = patient_actor(offer.entry.patient)
            self.ask("took an offer", lambda: accept_offer(offer, actor=me, now=self.now))

    # What befalls

    @rule(data=st.data(), hours=st.sampled_from([2, 9, 60]), chair=st.booleans())
    def shut(self, data: st.DataObject, hours: int, chair: bool) -> None:
        """The clinic, or one chair of it, around a visit that is booked."""
        if session := self.one_of(data, self.to_come()):
            starts = session.start - timedelta(hours=1)
            told: dict[str, Any] = {"starts": starts, "ends": starts + timedelta(hours=hours)}
            if chair:
                told["chair"] = session.chair
            found = self.ask("shut", lambda: close(self.clinic, actor=self.desk, now=self.now, **told))
            if found:
                self.closures.append(found[0])

    @precondition(lambda self: self.closures)
    @rule()
    def open_again(self) -> None:
        self.ask("opened again", lambda: reopen(self.closures.pop(), actor=self.desk, now=self.now))

    @rule(data=st.data(), every=st.booleans())
    def call_in_sick(self, data: st.DataObject, every: bool) -> None:
        """One nurse on a day of a visit, or both."""
        if session := self.one_of(data, self.to_come()):
            shifts = self.clinic.shifts.filter(starts__lte=session.start, ends__gt=session.start)
            for one in shifts.order_by("starts", "id")[: 2 if every else 1]:
                self.ask("called in sick", partial(remove_shift, one, actor=self.desk, now=self.now))

    @rule(day=st.integers(0, 20), nurse=st.integers(0, 1))
    def stand_in(self, day: int, nurse: int) -> None:
        told: dict[str, Any] = {"starts": self.ahead(day, 0), "ends": self.ahead(day, 36)}
        who = self.nurses[nurse]
        self.ask("stood in", lambda: add_shift(self.clinic, nurse=who, actor=self.desk, now=self.now, **told))

    @rule(treatment=st.integers(0, 3), gap=st.integers(2, 4), onto=st.booleans(), data=st.data())
    def change_treatment(self, treatment: int, gap: int, onto: bool, data: st.DataObject) -> None:
        """A next version, signed at once; sometimes what is left of a series is planned by it."""
        protocol: Protocol = self.protocols[treatment]
        rules = dict(protocol.versions.latest("version").rules)
        course, later = rules["phases"]
        spacing = {**course["spacing"], "min_gap_days": gap, "target_gap_days": max(gap, 3)}
        rules["phases"] = [{**course, "spacing": spacing}, later]
        told: dict[str, Any] = {"actor": self.prescriber, "now": self.now}
        version = self.ask("new version", lambda: add_protocol_version(protocol, rules=rules, **told))
        rows = self.open_series().filter(protocol_version__protocol=protocol)
        if version and onto and (series := self.one_of(data, rows)):
            number = data.draw(st.none() | st.integers(2, 4))
            self.ask("new rules", lambda: apply_replan(series, from_number=number, onto=version, **told))

    @rule(minutes=MINUTES)
    def wait(self, minutes: int) -> None:
        if self.now < self.at(45, 0):
            self.now += timedelta(minutes=minutes)
