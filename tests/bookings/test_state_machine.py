"""Commands at random against a model of what they promise, and the whole diary proved again after each."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bookings.actors import patient_actor, staff_actor
from bookings.commands import attend, cancel
from bookings.commands.book import book_series
from bookings.commands.holds import hold_places, release_hold, tidy_holds
from bookings.commands.move import move_session
from bookings.commands.proposals import (
    accept_proposal,
    decline_proposal,
    propose_moves,
    tidy_proposals,
)
from bookings.commands.replan import apply_replan
from bookings.commands.roster import close, reopen
from bookings.errors import Refused, WrongState
from bookings.lifecycle import GONE, allowed
from bookings.models import Claim, Clinic, Session
from bookings.proof import Excuse, prove
from tests.cast import KET6, NOW, make_cast, make_patient, make_protocol, new_york

_SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("bounded", max_examples=8, stateful_step_count=50, derandomize=True, **_SETTINGS)
settings.register_profile("storm", max_examples=40, stateful_step_count=50, derandomize=True, **_SETTINGS)
settings.register_profile("thorough", max_examples=200, stateful_step_count=60, **_SETTINGS)

#: Three sessions, so that a short run meets first, middle and last; a long gap makes the course lapse.
THREE = {
    **KET6,
    "slug": "three",
    "phases": [
        {
            "name": "induction",
            "sessions": 3,
            "spacing": {
                "min_gap_minutes": 44 * 60,
                "min_gap_days": 2,
                "max_gap_days": 6,
                "complete_within_days": 12,
            },
        }
    ],
}
QUARTERS = st.integers(0, 35)  # of an hour, from 8:00
GAPS = st.integers(1, 7)
VERBS: dict[str, Callable[..., Any]] = {
    "confirm": attend.confirm_session,
    "check-in": attend.check_in_session,
    "start": attend.start_session,
    "recover": attend.recover_session,
    "complete": attend.complete_session,
    "no-show": attend.miss_session,
    "cancel": cancel.cancel_session,
    "undo": attend.undo_session,
}


class Diary(RuleBasedStateMachine):
    """A clinic with three chairs and two nurses, three patients, and a clock that goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[Any, tuple[str, Any]] = {}  # session → status and start
        self.holds: list[Any] = []
        self.closures: list[Any] = []
        self.proposals: list[Any] = []
        self.now = NOW

    @initialize()
    def open(self) -> None:
        self.rollback = transaction.atomic()
        self.rollback._from_testcase = True  # as in a TestCase: commands may have their outermost block in it
        self.rollback.__enter__()
        cast = make_cast()
        self.clinic, self.actor = cast.north, staff_actor(cast.desk)
        self.single = cast.booster
        self.three = make_protocol(THREE, cast.north, signed_by=cast.prescriber)
        self.patients = [cast.ada, cast.bea, cast.carl, make_patient("Dan", "Usher", number=4)]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    def at(self, day: int, quarter: int) -> Any:
        return new_york(f"{date(2026, 4, 2) + timedelta(days=day)} 08:00") + timedelta(minutes=15 * quarter)

    def ask(self, call: Callable[[], Any]) -> Any:
        """What the call answers; None where it refuses, and then nothing may have changed."""
        try:
            return call()
        except Refused:
            return None

    def remember(self, *sessions: Session) -> None:
        for session in sessions:
            self.expected[session.id] = (session.status, session.start)

    def known(self, data: st.DataObject) -> Session:
        known = list(self.expected)  # in the order in which they came; their ids differ from run to run
        return Session.objects.get(id=known[data.draw(st.integers(0, len(known) - 1))])

    @rule(patient=st.integers(0, 3), day=st.integers(0, 20), quarter=QUARTERS, gaps=st.tuples(GAPS, GAPS))
    def book_three(self, patient: int, day: int, quarter: int, gaps: tuple[int, int]) -> None:
        days = [day, day + gaps[0], day + sum(gaps)]
        series = self.ask(
            lambda: book_series(
                self.patients[patient],
                clinic=self.clinic,
                protocol=self.three,
                starts=[self.at(one, quarter) for one in days],
                actor=self.actor,
                now=self.now,
            )
        )
        if series:
            assert series.sessions.count() == 3
            self.remember(*series.sessions.all())

    @rule(patient=st.integers(0, 3), day=st.integers(0, 20), quarter=QUARTERS)
    def book_one(self, patient: int, day: int, quarter: int) -> None:
        series = self.ask(
            lambda: book_series(
                self.patients[patient],
                clinic=self.clinic,
                protocol=self.single,
                starts=[self.at(day, quarter)],
                actor=self.actor,
                now=self.now,
            )
        )
        if series:
            self.remember(*series.sessions.all())

    @rule(patient=st.none() | st.integers(0, 3), day=st.integers(0, 20), quarter=QUARTERS)
    def hold(self, patient: int | None, day: int, quarter: int) -> None:
        hold = self.ask(
            lambda: hold_places(
                self.clinic,
                protocol=self.single,
                starts=[self.at(day, quarter)],
                patient=None if patient is None else self.patients[patient],
                actor=self.actor,
                now=self.now,
            )
        )
        if hold:
            self.holds.append(hold)

    @precondition(lambda self: self.holds)
    @rule(patient=st.integers(0, 3), book=st.booleans())
    def use_hold(self, patient: int, book: bool) -> None:
        hold = self.holds.pop()
        if not book:
            self.ask(lambda: release_hold(hold, actor=self.actor, now=self.now))
            assert hold.expires_at <= self.now or not hold.claims.exists()
            return
        series = self.ask(
            lambda: book_series(
                self.patients[patient],
                clinic=self.clinic,
                protocol=self.single,
                hold=hold,
                actor=self.actor,
                now=self.now,
            )
        )
        if series:
            assert hold.expires_at > self.now
            assert not hold.claims.exists()
            self.remember(*series.sessions.all())

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), day=st.integers(0, 20), quarter=QUARTERS)
    def move(self, data: st.DataObject, day: int, quarter: int) -> None:
        session = self.known(data)
        moved = self.ask(
            lambda: move_session(session, start=self.at(day, quarter), actor=self.actor, now=self.now)
        )
        if moved:
            assert moved.start == self.at(day, quarter)
            assert moved.version == session.version + 1
            self.remember(moved)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), verb=st.sampled_from(sorted(VERBS)))
    def attend(self, data: st.DataObject, verb: str) -> None:
        """A verb is refused as the wrong state exactly where the table does not allow it."""
        session = self.known(data)
        may = verb in allowed(session.status, status_before=session.status_before)
        extra = {"escort": True} if verb == "complete" else {}
        try:
            after = VERBS[verb](session, actor=self.actor, now=self.now, **extra)
        except WrongState:
            assert not may or verb == "no-show"
        except Refused:
            assert may
            assert verb == "undo"
        else:
            assert may
            self.remember(after)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), how=st.sampled_from(["propose", "cancel", "replan"]), later=st.integers(1, 9))
    def change_series(self, data: st.DataObject, how: str, later: int) -> None:
        session = self.known(data)
        series, who = session.series, {"actor": self.actor, "now": self.now}
        if how == "propose":
            moves = {session.number: session.start + timedelta(hours=12 * later)} if later < 9 else None
            proposal = self.ask(lambda: propose_moves(series, moves=moves, **who))
            if proposal:
                assert proposal.hold.claims.count() == len(proposal.moves)
                self.proposals.append(proposal)
            return
        verb = cancel.cancel_series if how == "cancel" else apply_replan
        if self.ask(lambda: verb(series, **who)):
            self.remember(*series.sessions.all())

    @precondition(lambda self: self.proposals)
    @rule(verb=st.sampled_from([accept_proposal, decline_proposal]))
    def answer(self, verb: Callable[..., Any]) -> None:
        proposal = self.proposals.pop()
        if self.ask(lambda: verb(proposal, actor=patient_actor(proposal.series.patient), now=self.now)):
            assert proposal.expires_at > self.now
            assert not proposal.hold.claims.exists()
            self.remember(*proposal.series.sessions.all())

    @rule(day=st.integers(0, 20), quarter=QUARTERS, chair=st.none() | st.integers(0, 2))
    def close(self, day: int, quarter: int, chair: int | None) -> None:
        starts = self.at(day, quarter)
        chairs = list(self.clinic.chairs.all())
        closure, _ = close(
            self.clinic,
            starts=starts,
            ends=starts + timedelta(hours=3),
            chair=None if chair is None else chairs[chair],
            actor=self.actor,
            now=self.now,
        )
        self.closures.append(closure)

    @precondition(lambda self: self.closures)
    @rule()
    def reopen(self) -> None:
        reopen(self.closures.pop(), actor=self.actor, now=self.now)
        self.clinic = Clinic.objects.get(id=self.clinic.id)

    @rule(minutes=st.sampled_from([5, 30, 600, 2880]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        tidy_proposals(now=self.now)
        tidy_holds(now=self.now)
        assert not Claim.objects.filter(hold__expires_at__lte=self.now).exists()

    @invariant()
    def the_diary_is_as_expected_and_breaks_no_rule(self) -> None:
        if not hasattr(self, "rollback"):
            return
        rows = Session.objects.values_list("id", "status", "start")
        assert {one: (status, start) for one, status, start in rows} == self.expected
        with_claim = set(Claim.objects.filter(session__isnull=False).values_list("session", flat=True))
        assert with_claim == {one for one, (status, _) in self.expected.items() if status not in GONE}
        broken = [one for one in prove(self.clinic, now=self.now) if one.excuse is Excuse.NONE]
        assert broken == []


@pytest.mark.django_db
@pytest.mark.timeout(0)
@pytest.mark.parametrize("profile", ["bounded", pytest.param("storm", marks=pytest.mark.race)])
def test_commands_at_random_keep_every_rule(profile):
    profile = os.environ.get("HYPOTHESIS_PROFILE", profile)
    run_state_machine_as_test(Diary, settings=settings.get_profile(profile))
