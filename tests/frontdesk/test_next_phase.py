"""What follows a phase that is over: shown with its task, and booked with one press."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from bookings.commands.watching import watch_series
from bookings.models import Series
from tests.api.conftest import Clock
from tests.bookings.commands.test_next_phase import OVER, had, shut, two_phases
from tests.bookings.watch_scenes import at
from tests.cast import Cast
from tests.frontdesk.conftest import said, words

pytestmark = pytest.mark.django_db(transaction=True)
TASKS = "/desk/north/tasks/"


@pytest.fixture
def ended(cast: Cast, clock: Clock) -> Series:
    """Ada's induction is over, and the desk looks at what there is to do."""
    clock.now = OVER
    series = had(cast, two_phases(cast))
    watch_series([series.id], now=OVER)
    return series


def form(desk: Client) -> dict[str, str]:
    """What the one press sends."""
    found = re.search(r"<form[^>]*/next-phase/.*?</form>", desk.get(TASKS).content.decode(), re.DOTALL)
    assert found is not None
    return dict(re.findall(r'name="(version|phase|to-\d+)" value="([^"]*)"', found[0]))


def test_one_press_books_what_the_task_showed(desk: Client, ended: Series):
    after = desk.post(f"/desk/north/series/{ended.id}/next-phase/", form(desk))

    assert (after.status_code, said(after)) == (302, ["The next phase is booked."])
    (following,) = Series.objects.filter(phase="maintenance")
    assert [one.start for one in following.sessions.all()] == [at(16)]
    watch_series([ended.id], now=OVER)
    assert "Book so" not in words(desk.get(TASKS))


def test_the_second_of_two_who_press_is_told(desk: Client, ended: Series):
    shown = form(desk)

    answers = [desk.post(f"/desk/north/series/{ended.id}/next-phase/", shown) for _ in range(2)]

    assert [one.status_code for one in answers] == [302, 409]
    assert "The next phase has begun already, or may not begin yet." in words(answers[1])


def test_where_it_is_no_longer_free_the_page_shows_what_is(desk: Client, cast: Cast, ended: Series):
    shown = form(desk)
    shut(cast, at(16, 0), at(16, 23))

    refused = desk.post(f"/desk/north/series/{ended.id}/next-phase/", shown)

    assert refused.status_code == 422
    assert re.findall(r'name="plan" value="([^"]+)"', refused.content.decode()) != []
    assert not Series.objects.filter(phase="maintenance").exists()


def test_a_reader_of_spanish_reads_it_in_spanish(desk: Client, ended: Series):
    page = words(desk.get(TASKS, headers={"Accept-Language": "es"}))

    assert "Qué se podría reservar" in page
    assert "Reservar así" in page
