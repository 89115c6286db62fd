"""Managers let other systems listen, and see what those were told."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.book import book_series
from bookings.commands.move import move_session
from notifications.commands.react import react
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.outgoing import deliveries
from notifications.outgoing.endpoints import add_endpoint
from notifications.outgoing.retries import Answer
from tests.api.conftest import caller_for
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"clinic": "north", "url": "https://ehr.example/hooks", "events": ["session.moved", "series.booked"]}


@pytest.fixture
def listening(cast):
    return add_endpoint(cast.north, url="https://ehr.example/hooks", actor=cast.as_manager, now=NOW)


@pytest.fixture
def told(listening, cast):
    """A booking, delivered at the second try, and a move that waits."""
    series = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )
    react(now=NOW)
    booked = WebhookDelivery.objects.get()
    for status, minutes in ((500, 0), (204, 1)):
        at = NOW + timedelta(minutes=minutes)
        deliveries.settle(deliveries.take(booked.id, now=at), Answer(status), now=at)
    first = series.sessions.get(number=1)
    move_session(first, start=first.start + timedelta(hours=1), actor=cast.as_desk, now=NOW)
    react(now=NOW)
    return booked


def test_a_secret_is_shown_when_it_is_made_and_never_again(manager, cast):
    made = manager.post("webhooks/", BODY)

    assert made.status_code == 201
    said = made.json()
    row = WebhookEndpoint.objects.get()
    assert said == {
        "id": str(row.id),
        "clinic": str(cast.north.id),
        "url": "https://ehr.example/hooks",
        "description": "",
        "events": ["series.booked", "session.moved"],
        "enabled": True,
        "why_disabled": "",
        "failures": 0,
        "resting_until": None,
        "old_secret_until": None,
        "created_at": "2026-04-01T08:00:00-04:00",
        "secret": row.secret,
    }
    del said["secret"]
    assert manager.get(f"webhooks/{row.id}/").json() == said
    assert manager.get("webhooks/").json()["results"] == [said]


def test_the_secret_rotates_and_the_one_before_signs_for_a_day_unless_told(manager, listening):
    rotated = manager.post(f"webhooks/{listening.id}/rotate/").json()
    assert rotated["secret"] != listening.secret
    assert rotated["old_secret_until"] == "2026-04-02T08:00:00-04:00"

    at_once = manager.post(f"webhooks/{listening.id}/rotate/", {"overlap_hours": 0}).json()
    assert at_once["old_secret_until"] is None

    assert manager.post(f"webhooks/{listening.id}/rotate/", {"overlap_hours": 168}).status_code == 200
    assert manager.post(f"webhooks/{listening.id}/rotate/", {"overlap_hours": 169}).status_code == 400


def test_a_webhook_is_changed_by_whoever_has_seen_it_and_removed(manager, listening):
    tag = manager.get(f"webhooks/{listening.id}/")["ETag"]
    changed = manager.patch(f"webhooks/{listening.id}/", {"enabled": False}, If_Match=tag)

    assert (changed.status_code, changed.json()["why_disabled"]) == (200, "by a manager")
    stale = manager.patch(f"webhooks/{listening.id}/", {"enabled": True}, If_Match=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert manager.delete(f"webhooks/{listening.id}/").status_code == 204
    for response in (
        manager.get(f"webhooks/{listening.id}/"),
        manager.patch(f"webhooks/{listening.id}/", {}),
        manager.delete(f"webhooks/{listening.id}/"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert manager.get("webhooks/").json()["results"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://ehr.example/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://ehr.example/" + "x" * 481}, "url"),
        ({"events": ["session.deleted"]}, "events.0"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(manager, wrong, field):
    refused = manager.post("webhooks/", {**BODY, **wrong})

    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert not WebhookEndpoint.objects.exists()


def test_the_log_tells_each_try_and_why(manager, listening, told):
    moved, booked = manager.get(f"webhooks/{listening.id}/deliveries/").json()["results"]

    assert (moved["type"], moved["status"], moved["tries"]) == ("session.moved", "planned", [])
    assert json.loads(booked.pop("body"))["type"] == "series.booked"
    assert booked == {
        "id": str(told.id),
        "type": "series.booked",
        "status": "delivered",
        "reason": "",
        "due_at": "2026-04-01T08:01:00-04:00",
        "created_at": "2026-04-01T08:00:00-04:00",
        "delivered_at": "2026-04-01T08:01:00-04:00",
        "tries": [
            {
                "number": 1,
                "began_at": "2026-04-01T08:00:00-04:00",
                "ended_at": "2026-04-01T08:00:00-04:00",
                "answer": 500,
                "detail": "it answered 500",
            },
            {
                "number": 2,
                "began_at": "2026-04-01T08:01:00-04:00",
                "ended_at": "2026-04-01T08:01:00-04:00",
                "answer": 204,
                "detail": "it answered 204",
            },
        ],
    }
    planned = manager.get(f"webhooks/{listening.id}/deliveries/", status="planned").json()["results"]
    assert [one["id"] for one in planned] == [moved["id"]]


def test_a_delivery_is_replayed_and_waits_again(manager, listening, told):
    address = f"webhooks/{listening.id}/deliveries/{told.id}/replay/"

    again = manager.post(address)

    assert (again.status_code, again.json()["status"]) == (202, "planned")
    assert again.json()["id"] == str(told.id)
    assert manager.post(address).json() == again.json()
    manager.patch(f"webhooks/{listening.id}/", {"enabled": False})
    refused = manager.post(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")


def test_another_clinics_webhooks_are_not_there(cast, clock, listening, told):
    stranger = caller_for(make_staff("manager@west.example", "Wes", "Lane", "manager", cast.west))
    add_endpoint(cast.west, url="https://west.example/", actor=cast.as_manager, now=NOW)

    assert [one["url"] for one in stranger.get("webhooks/").json()["results"]] == ["https://west.example/"]
    for response in (
        stranger.get(f"webhooks/{listening.id}/"),
        stranger.patch(f"webhooks/{listening.id}/", {"enabled": False}),
        stranger.delete(f"webhooks/{listening.id}/"),
        stranger.post(f"webhooks/{listening.id}/rotate/"),
        stranger.get(f"webhooks/{listening.id}/deliveries/"),
        stranger.post(f"webhooks/{listening.id}/deliveries/{told.id}/replay/"),
        stranger.post("webhooks/", BODY),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_a_delivery_is_replayed_at_its_own_webhook_alone(manager, cast, listening, told):
    other = add_endpoint(cast.north, url="https://other.example/", actor=cast.as_manager, now=NOW)

    for webhook, delivery in ((other.id, told.id), (listening.id, uuid4())):
        assert manager.post(f"webhooks/{webhook}/deliveries/{delivery}/replay/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_number_of_queries_for_one_row_and_for_three(
    manager, cast, told, listening, rows
):
    for number in range(1, rows):
        add_endpoint(cast.north, url=f"https://{number}.example/", actor=cast.as_manager, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        page = manager.get("webhooks/").json()["results"]
    assert (len(page), len(asked)) == (rows, QUERIES_OF_WEBHOOKS)

    first = WebhookDelivery.objects.order_by("id")[0].entry.series.sessions.get(number=1)
    for step in range(1, rows):
        moved = type(first).objects.get(id=first.id)
        start = moved.start + timedelta(hours=1 if step % 2 else -1)
        move_session(moved, start=start, actor=cast.as_desk, now=NOW)
    react(now=NOW)
    with CaptureQueriesContext(connection) as asked:
        page = manager.get(f"webhooks/{listening.id}/deliveries/").json()["results"]
    assert (len(page), len(asked)) == (rows + 1, QUERIES_OF_DELIVERIES)


QUERIES_OF_WEBHOOKS = 2
QUERIES_OF_DELIVERIES = 4
