"""What tests of webhooks have in common: a worker's round, and what there is to tell."""

import json
from datetime import timedelta

from bookings.commands.move import move_session
from bookings.models import Session
from notifications.commands.react import react
from notifications.models import WebhookDelivery
from notifications.outgoing import deliveries, queries
from notifications.outgoing.posting import post
from tests.cast import NOW
from tests.notifications.telling_scenes import book_six

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def work(now=NOW):
    """As the worker does; how many went out."""
    for one in queries.lost(now=now, after=deliveries.LOST_AFTER):
        deliveries.recover(one, now=now)
    deliveries.give_up_expired(now=now)
    sent = 0
    for one in queries.due(now=now, limit=1000):
        taken = deliveries.take(one, now=now)
        if taken is not None:
            answer = post(taken.url, body=taken.body, headers=taken.headers, allow_private=True, seconds=2)
            deliveries.settle(taken, answer, now=now)
            sent += 1
    return sent


def book(cast, patient=None, *, hours_later=0):
    return book_six(cast, patient or cast.ada, hours_later=hours_later)


def types(listener):
    return [json.loads(got.body)["type"] for got in listener.got]


def states(*fields):
    return list(WebhookDelivery.objects.order_by("id").values_list("status", *fields))


def many_events(cast, count=5):
    book(cast)
    first = Session.objects.order_by("number")[0]
    for step in range(1, count):
        session = Session.objects.get(id=first.id)
        minutes = timedelta(minutes=15 * (1 if step % 2 else -1))
        move_session(session, start=session.start + minutes, actor=cast.as_desk, now=NOW)
    react(now=NOW)
    assert WebhookDelivery.objects.filter(endpoint__url__contains="hooks").count() == count
