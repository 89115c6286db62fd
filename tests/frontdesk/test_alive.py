"""The desk says when the workers are silent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.commands.pulse import take_tick
from tests.frontdesk.conftest import at_the_desk

pytestmark = pytest.mark.django_db


def said(cast, **headers) -> str:
    return at_the_desk(cast.desk).get("/desk/north/alive/", headers=headers).content.decode().strip()


def heard_of(ago: timedelta) -> None:
    at = timezone.now() - ago
    take_tick(sent_at=at, now=at)


def test_nothing_is_said_of_workers_that_never_were_there(cast):
    assert said(cast) == ""


def test_two_ticks_may_be_late(cast):
    heard_of(timedelta(minutes=2, seconds=55))
    assert said(cast) == ""


def test_who_misses_three_ticks_is_missed_on_the_clinics_wall(cast):
    heard_of(timedelta(minutes=3, seconds=5))
    at = (timezone.now() - timedelta(minutes=3, seconds=5)).astimezone(cast.north.zone)
    told = said(cast)
    assert f"The workers have been silent since {at:%H:%M}" in told
    assert "emails, texts and reminders wait" in told


def test_in_spanish(cast):
    heard_of(timedelta(minutes=10))
    assert "sin dar señales" in said(cast, **{"Accept-Language": "es"})


def test_each_page_of_the_desk_asks_by_itself(cast):
    page = at_the_desk(cast.desk).get("/desk/north/tasks/").content.decode()
    assert 'hx-get="/desk/north/alive/" hx-trigger="load, every 60s"' in page


def test_whoever_only_asks_by_itself_is_not_kept_awake(cast):
    client = at_the_desk(cast.desk)
    client.get("/desk/north/tasks/")
    before = dict(client.session)
    client.get("/desk/north/alive/", headers={"X-By-Itself": "1"})
    assert dict(client.session) == before
