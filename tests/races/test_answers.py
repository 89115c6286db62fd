"""The same answer twice at once: one of them counts, and the other is told so."""

from datetime import timedelta

import pytest

from bookings.actors import patient_actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.consents import give_consent
from bookings.commands.links import issue_link, use_link
from bookings.commands.move import move_session
from bookings.commands.proposals import accept_proposal, decline_proposal, propose_moves, tidy_proposals
from bookings.commands.waiting import join_waiting_list
from bookings.errors import WrongCredentials, WrongState
from bookings.models import (
    AccessToken,
    Claim,
    Consent,
    JournalEntry,
    Proposal,
    Session,
    WaitingEntry,
)
from bookings.proof import Excuse, prove
from tests.cast import BOOSTER, NOW, make_patient, make_protocol, new_york
from tests.races.arena import at_once, make_arena

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 10
MONDAY, TUESDAY = new_york("2026-04-13 10:00"), new_york("2026-04-14 10:00")


class Scene:
    """A clinic with two chairs and nurses, and a patient with one visit."""

    def __init__(self):
        self.clinic, desk = make_arena(chairs=2, nurses=2)
        self.desk = staff_actor(desk)
        self.patient = make_patient("One", "Example", number=51)
        self.me = patient_actor(self.patient)
        self.protocol = make_protocol(BOOSTER, self.clinic, signed_by=desk)

    def book(self, start):
        return book_series(
            self.patient,
            clinic=self.clinic,
            protocol=self.protocol,
            starts=[start],
            actor=self.desk,
            now=NOW,
        )

    def propose(self, series, start):
        return propose_moves(series, moves={1: start}, actor=self.desk, now=NOW)


@pytest.fixture
def scene():
    return Scene()


def broken():
    return [one for one in prove(now=NOW) if one.excuse is Excuse.NONE]


def weeks(number):
    return timedelta(days=7 * number)


def pairs(scene, answer):
    """Proposals for a visit of its own each, and what two equal answers at once come to."""
    for number in range(3):
        series = scene.book(MONDAY + weeks(number))
        proposal = scene.propose(series, TUESDAY + weeks(number))
        yield proposal, at_once(*[lambda: answer(proposal)] * 2)  # noqa: B023  called at once


def test_of_two_accepts_at_once_one_moves_the_visit(scene):
    for proposal, answers in pairs(scene, lambda it: accept_proposal(it, actor=scene.me, now=NOW)):
        assert sorted(isinstance(one, WrongState) for one in answers) == [False, True]
        assert Proposal.objects.get(id=proposal.id).status == "accepted"
        assert JournalEntry.objects.filter(series=proposal.series, verb="session_moved").count() == 1
    assert Claim.objects.count() == 3
    assert broken() == []


def test_of_accept_and_decline_at_once_one_counts(scene):
    for number in range(3):
        series = scene.book(MONDAY + weeks(number))
        proposal = scene.propose(series, TUESDAY + weeks(number))
        answers = at_once(
            lambda: accept_proposal(proposal, actor=scene.me, now=NOW),  # noqa: B023  called at once
            lambda: decline_proposal(proposal, actor=scene.me, now=NOW),  # noqa: B023
        )
        status = Proposal.objects.get(id=proposal.id).status
        assert [isinstance(one, WrongState) for one in answers] == [
            status == "declined",
            status == "accepted",
        ]
        start = TUESDAY if status == "accepted" else MONDAY
        assert series.sessions.get().start == start + weeks(number)
    assert Claim.objects.filter(hold__isnull=False).count() == 0
    assert broken() == []


def test_accepting_moving_and_tidying_at_once_leave_one_place(scene):
    wednesday = new_york("2026-04-15 10:00")
    for number in range(3):
        series = scene.book(MONDAY + weeks(number))
        proposal = scene.propose(series, TUESDAY + weeks(number))
        answers = at_once(
            lambda: accept_proposal(proposal, actor=scene.me, now=NOW),  # noqa: B023  called at once
            lambda: move_session(
                series.sessions.get(),  # noqa: B023
                start=wednesday + weeks(number),  # noqa: B023
                actor=scene.me,
                now=NOW,
            ),
            lambda: tidy_proposals(now=NOW),
        )
        assert isinstance(answers[2], int)
        tidy_proposals(now=NOW)
        assert Proposal.objects.get(id=proposal.id).status in ("accepted", "superseded")
        assert Claim.objects.filter(session__series=series).count() == 1
        assert Claim.objects.filter(hold__isnull=False).count() == 0
    assert broken() == []


def test_of_two_proposals_at_once_one_stays_open(scene):
    for number in range(3):
        series = scene.book(MONDAY + weeks(number))
        at_once(
            lambda: scene.propose(series, TUESDAY + weeks(number)),  # noqa: B023  called at once
            lambda: scene.propose(series, TUESDAY + weeks(number) + timedelta(hours=4)),  # noqa: B023
        )
        statuses = Proposal.objects.filter(series=series).order_by("status").values_list("status", flat=True)
        assert list(statuses) == ["open", "superseded"]
        assert Claim.objects.filter(hold__proposal__series=series).count() == 1
    assert broken() == []


def test_a_link_used_twice_at_once_signs_in_once(scene):
    for number in range(ROUNDS):
        plain = issue_link(scene.patient, purpose="sign_in", now=NOW)
        answers = at_once(*[lambda: use_link(plain, now=NOW)] * 4)  # noqa: B023  called at once
        assert sum(isinstance(one, WrongCredentials) for one in answers) == 3
        assert AccessToken.objects.count() == number + 1


def test_consent_and_waiting_list_pressed_twice_at_once_are_one(scene):
    def consent(wording):
        return lambda: give_consent(
            scene.patient,
            purpose="texts",
            wording=wording,
            language="en",
            source="page",
            actor=scene.me,
            now=NOW,
        )

    def join():
        return join_waiting_list(
            scene.patient, clinic=scene.clinic, protocol=scene.protocol, actor=scene.me, now=NOW
        )

    for number in range(ROUNDS):
        assert [one for one in at_once(*[consent(str(number))] * 2) if isinstance(one, Exception)] == []
        assert [one for one in at_once(join, join) if isinstance(one, Exception)] == []

    assert Consent.objects.count() == ROUNDS
    assert WaitingEntry.objects.count() == 1
    assert Session.objects.count() == 0
