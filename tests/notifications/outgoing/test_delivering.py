"""From a change to another system: told once, tried for a day, never to one that does not listen."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.attend import check_in_session
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.move import move_session
from bookings.models import Session
from notifications.commands.react import react
from notifications.models import Reaction, WebhookDelivery, WebhookEndpoint, WebhookTry
from notifications.outgoing import deliveries, endpoints, queries
from notifications.outgoing.retries import KEEPS, Answer
from tests.cast import NOW
from tests.notifications.outgoing.scenes import DAY, HOUR, MINUTE, book, many_events, states, types, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_booking_a_move_a_check_in_and_a_cancellation_are_heard_of_in_that_order(cast, endpoint, listener):
    book(cast)
    first, second, *_ = Session.objects.order_by("number")
    move_session(first, start=first.start + HOUR, actor=cast.as_desk, now=NOW + MINUTE)
    cancel_session(second, actor=cast.as_desk, now=NOW + 2 * MINUTE)
    arrived = first.start + HOUR
    check_in_session(Session.objects.get(id=first.id), actor=cast.as_desk, now=arrived)
    react(now=NOW + 3 * MINUTE)
    work(NOW + 3 * MINUTE)

    assert types(listener) == [
        "series.booked",
        "session.moved",
        "session.cancelled",
        "session.status_changed",
    ]
    moved = json.loads(listener.got[1].body)["data"]
    assert (moved["before"]["start"], moved["start"], moved["number"]) == (
        "2026-04-06T10:00:00-04:00",
        "2026-04-06T11:00:00-04:00",
        1,
    )
    assert states("reason", "attempts") == [("delivered", "", 1)] * 4


def test_reacting_again_tells_nothing_twice(cast, endpoint):
    book(cast)
    react(now=NOW)
    Reaction.objects.all().delete()  # as if it had never been remembered

    assert react(now=NOW) > 0
    assert WebhookDelivery.objects.count() == 1


def test_a_receiver_that_fails_is_tried_again_and_says_why(cast, endpoint, listener):
    listener.says(500, 302, 204)
    book(cast)
    react(now=NOW)

    assert work() == 1
    assert states("reason", "due_at") == [("planned", "it answered 500", NOW + MINUTE)]
    assert work(NOW + MINUTE - timedelta(seconds=1)) == 0
    assert work(NOW + MINUTE) == 1
    assert states("reason", "due_at") == [("planned", "redirects are not followed", NOW + 6 * MINUTE)]
    assert work(NOW + 6 * MINUTE) == 1
    assert states("reason", "delivered_at") == [("delivered", "", NOW + 6 * MINUTE)]
    tries = WebhookTry.objects.order_by("number").values_list("number", "answer", "detail")
    assert list(tries) == [
        (1, 500, "it answered 500"),
        (2, 302, "redirects are not followed"),
        (3, 204, "it answered 204"),
    ]
    assert len({got.headers["webhook-id"] for got in listener.got}) == 1
    assert len({got.body for got in listener.got}) == 1


def test_a_receiver_in_trouble_is_left_in_peace_and_then_asked_by_one_delivery(cast, endpoint, listener):
    listener.says(503)
    many_events(cast)

    assert work() == 1  # the other four find it resting
    assert work(NOW + MINUTE - timedelta(seconds=1)) == 0
    assert work(NOW + MINUTE) == 1
    assert work(NOW + 2 * MINUTE) == 0  # two minutes now
    listener.says(204)
    assert work(NOW + 3 * MINUTE) == 1
    assert work(NOW + 3 * MINUTE) == 4  # it lives: whatever is due
    assert states() == [("delivered",)] * 5
    assert WebhookEndpoint.objects.get().failures == 0


def test_one_that_fails_holds_up_no_other(cast, endpoint, listener):
    dead = endpoints.add_endpoint(cast.north, url="http://127.0.0.1:1/", actor=cast.as_manager, now=NOW)
    many_events(cast, 3)
    # 3 to each; of the dead one's the first alone is tried.
    work()

    assert len(listener.got) == 3
    of_dead = WebhookDelivery.objects.filter(endpoint=dead).order_by("id")
    assert [one.attempts for one in of_dead] == [1, 0, 0]


def test_an_event_that_a_receiver_does_not_want_is_no_trouble_of_the_receiver(cast, endpoint, listener):
    listener.says(422)
    many_events(cast, 3)

    assert work() == 3
    assert WebhookEndpoint.objects.get().failures == 0


def test_after_a_day_without_an_answer_everything_has_failed_and_says_so(cast, endpoint, listener):
    listener.says(500)
    many_events(cast, 26)
    for hours in range(24):
        work(NOW + hours * HOUR)
    assert WebhookDelivery.objects.filter(status="planned").exists()
    work(NOW + KEEPS)

    assert set(states("reason")) == {("failed", "the receiver took nothing for a day")}
    assert len(listener.got) == 24  # one an hour, of all that wait


def test_many_workers_at_once_send_each_once(cast, endpoint, listener):
    many_events(cast, 6)
    start = threading.Barrier(6)

    def worker():
        start.wait()
        try:
            work()
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _ in range(6)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert len(listener.got) == 6
    assert states("attempts") == [("delivered", 1)] * 6


def test_what_a_dead_worker_had_in_hand_goes_out_again_under_the_same_id(cast, endpoint, listener):
    many_events(cast, 1)
    (due,) = queries.due(now=NOW, limit=9)
    lost = deliveries.take(due, now=NOW)

    assert work(NOW + deliveries.LOST_AFTER - timedelta(seconds=1)) == 0
    assert work(NOW + deliveries.LOST_AFTER) == 1
    deliveries.settle(lost, Answer(500), now=NOW + DAY)  # it was only slow

    assert states("attempts") == [("delivered", 2)]
    assert listener.got[0].headers["webhook-id"] == str(lost.delivery)
    details = WebhookTry.objects.order_by("number").values_list("number", "detail")
    assert list(details) == [(1, "it answered 500"), (2, "it answered 204")]


def test_a_replay_sends_the_same_bytes_under_the_same_id_for_another_day(cast, endpoint, listener):
    many_events(cast, 1)
    work()
    listener.says(500, 204)

    row = deliveries.replay(WebhookDelivery.objects.get(), now=NOW + 2 * DAY)
    assert (row.status, row.expires_at) == ("planned", NOW + 3 * DAY)
    assert deliveries.replay(row, now=NOW + 3 * DAY).expires_at == NOW + 3 * DAY  # it is on its way
    work(NOW + 2 * DAY)
    work(NOW + 2 * DAY + MINUTE)

    assert states("attempts") == [("delivered", 3)]
    assert len({(got.body, got.headers["webhook-id"]) for got in listener.got}) == 1


def test_the_log_is_kept_for_thirty_days(cast, endpoint, listener):
    many_events(cast, 2)
    work()
    deliveries.replay(WebhookDelivery.objects.first(), now=NOW)  # waits, however old it is

    assert deliveries.forget_old(now=NOW + deliveries.LOG_KEEPS) == 0
    assert deliveries.forget_old(now=NOW + deliveries.LOG_KEEPS + MINUTE) == 1


@pytest.mark.parametrize("patients", [1, 3])
def test_announcing_costs_the_same_number_of_queries_for_one_change_and_for_three(cast, endpoint, patients):
    others = [cast.ada, cast.bea, cast.carl][:patients]
    for number, patient in enumerate(others):
        book(cast, patient, hours_later=number)
    with CaptureQueriesContext(connection) as asked:
        react(now=NOW)

    about_webhooks = [query["sql"] for query in asked if "webhook" in query["sql"]]
    assert WebhookDelivery.objects.count() == patients
    assert len(about_webhooks) == 3  # whether anybody listens, and who; the deliveries


def test_a_whole_series_given_up_is_heard_of_with_each_visit(cast, endpoint, listener):
    cancel_series(book(cast), actor=cast.as_desk, now=NOW)
    react(now=NOW)
    work()

    assert types(listener) == ["series.booked", "series.status_changed", *["session.cancelled"] * 6]
