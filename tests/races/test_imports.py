"""Two import the same file at the same moment: first the race itself, then what prevents it."""

from __future__ import annotations

from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bookings.frontdesk.figures import importing
from bookings.models import Claim, IdempotencyKey, JournalEntry, Patient, Series, Session, StaffMember
from tests.api.conftest import clock
from tests.cast import BOOSTER, make_protocol
from tests.frontdesk.conftest import at_the_desk
from tests.frontdesk.test_import import HEAD, IMPORT
from tests.races.arena import at_once, make_arena

__all__ = ["clock"]

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS, CHANCES = 12, 60


class TwoDesks:
    """One clinic with room for everybody, and two browsers in which somebody has signed in."""

    def __init__(self) -> None:
        self.clinic, desk = make_arena(chairs=4, nurses=4)
        make_protocol(BOOSTER, self.clinic, signed_by=desk)
        StaffMember.objects.filter(id=desk.id).update(role="front_desk")
        self.browsers = [at_the_desk(desk) for _ in range(2)]

    @property
    def path(self) -> str:
        return IMPORT.replace("north", self.clinic.slug)

    def take_at_once(self, number: int) -> list[int]:
        """A file with one new patient and one visit, looked at and then taken in both browsers; what both
        are answered.
        """
        row = f"Nell{number},Vance,1991-05-06,202 555 0142,s1,booster,maintenance,2026-04-14 13:00"
        content = f"{HEAD}\n{row}\n".encode()
        seen = self.send(self.browsers[0], content, "").context["file"].digest
        answers = at_once(
            *(lambda one=one: self.send(one, content, seen).status_code for one in self.browsers)
        )
        Claim.objects.all().delete()
        Session.objects.update(status="cancelled")
        return answers

    def send(self, browser, content: bytes, digest: str):
        file = SimpleUploadedFile("visits.csv", content)
        return browser.post(self.path, {"file": file, "digest": digest})


@pytest.fixture
def desks(clock, transactional_db) -> TwoDesks:
    return TwoDesks()


def twice() -> tuple[int, int]:
    """How many patients, and how many series, there are beyond one for each file."""
    names = Patient.objects.filter(last_name="Vance").values_list("first_name", flat=True)
    return len(names) - len(set(names)), Series.objects.count() - len(set(names))


def test_without_the_lock_somebody_is_added_and_booked_twice(desks):
    with (
        mock.patch.object(importing, "begin_import", return_value=0),
        mock.patch.object(importing, "go_on_importing"),
    ):
        for number in range(CHANCES):
            desks.take_at_once(number)
            if twice() != (0, 0):
                break

    assert min(twice()) >= 1


def test_with_it_one_takes_the_file_and_the_other_is_told_or_finds_everything_there(desks):
    answers = [sorted(desks.take_at_once(number)) for number in range(ROUNDS)]

    assert twice() == (0, 0)
    assert Patient.objects.filter(last_name="Vance").count() == ROUNDS
    assert {pair[0] for pair in answers} == {200}
    assert {pair[1] for pair in answers} <= {200, 503}
    taken = sum(pair.count(200) for pair in map(list, answers))
    assert JournalEntry.objects.filter(verb="data_imported").count() == taken
    assert IdempotencyKey.objects.count() == 0
