"""Who listens: what they are told and how it is signed, and what becomes of it when they want no more."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from bookings.commands.cancel import cancel_series
from bookings.commands.move import move_session
from bookings.errors import Invalid, NotFound, Stale, WrongState
from bookings.models import JournalEntry, Session
from notifications.commands.react import react
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.outgoing import deliveries, endpoints, queries
from notifications.outgoing.posting import post
from notifications.outgoing.retries import Answer
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_patient
from tests.notifications.outgoing.scenes import HOUR, MINUTE, book, many_events, states, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_receiver_verifies_with_the_secret_that_it_was_shown(cast, endpoint, listener, real_now):
    series = book(cast)
    react(now=real_now)
    work(real_now)

    (got,) = listener.got
    said = Webhook(endpoint.secret).verify(got.body, got.headers)
    assert said["data"]["series"] == str(series.id)
    assert got.headers["webhook-id"] == str(WebhookDelivery.objects.get().id)


@pytest.fixture
def real_now():
    """Receivers compare the time of a signature with their own clock."""
    from django.utils import timezone

    return timezone.now()


def test_for_the_time_of_overlap_both_secrets_sign_and_then_the_new_one_alone(
    cast, endpoint, listener, real_now
):
    endpoints.rotate_secret(endpoint, overlap=HOUR, actor=cast.as_manager, now=real_now - HOUR + MINUTE)
    new = WebhookEndpoint.objects.get()
    book(cast)
    react(now=real_now)
    work(real_now)
    deliveries.replay(WebhookDelivery.objects.get(), now=real_now + MINUTE)
    work(real_now + MINUTE)

    signatures = [got.headers["webhook-signature"].split(" ") for got in listener.got]
    assert [len(each) for each in signatures] == [2, 1]
    for got, secrets in zip(listener.got, [(endpoint.secret, new.secret), (new.secret,)], strict=True):
        for secret in secrets:
            Webhook(secret).verify(got.body, got.headers)
    deliveries.forget_old(now=real_now + MINUTE)
    assert WebhookEndpoint.objects.get().old_secret == ""


def test_a_secret_replaced_at_once_signs_no_more(cast, endpoint):
    rotated = endpoints.rotate_secret(endpoint, overlap=timedelta(), actor=cast.as_manager, now=NOW)

    assert (rotated.old_secret, rotated.old_secret_until) == ("", None)
    assert rotated.secret != endpoint.secret


def test_whoever_wants_only_some_events_or_another_clinic_gets_nothing_else(cast, endpoint, listener):
    endpoints.change_endpoint(endpoint, events=["session.moved"], actor=cast.as_manager, now=NOW)
    endpoints.add_endpoint(cast.west, url=listener.url, actor=cast.as_manager, now=NOW)
    book(cast)
    first = Session.objects.order_by("number")[0]
    move_session(first, start=first.start + HOUR, actor=cast.as_desk, now=NOW)
    react(now=NOW)

    assert states("type", "endpoint") == [("planned", "session.moved", endpoint.id)]


def test_nobody_is_told_of_what_was_before_they_listened_or_while_they_were_off(cast, endpoint):
    endpoints.change_endpoint(endpoint, enabled=False, actor=cast.as_manager, now=NOW)
    book(cast)
    react(now=NOW)
    endpoints.change_endpoint(endpoint, enabled=True, actor=cast.as_manager, now=NOW)
    react(now=NOW)

    assert states() == []


def test_410_turns_the_webhook_off_and_withdraws_what_waits(cast, endpoint, listener):
    listener.says(410)
    many_events(cast, 3)
    work()

    row = WebhookEndpoint.objects.get()
    why = "it answered 410: it wants nothing any more"
    assert (row.enabled, row.why_disabled, row.version) == (False, why, 2)
    assert states("reason") == [("failed", why), ("withdrawn", why), ("withdrawn", why)]
    assert len(listener.got) == 1


def test_what_waits_is_withdrawn_when_the_endpoint_goes(cast, endpoint, listener):
    many_events(cast, 2)
    endpoints.remove_endpoint(endpoint, actor=cast.as_manager, now=NOW)

    assert work() == 0
    assert states("reason") == [("withdrawn", "the endpoint was removed")] * 2
    row = WebhookEndpoint.objects.get()
    assert (row.removed_at, row.secret, row.enabled) == (NOW, "", False)
    with pytest.raises(NotFound):
        endpoints.remove_endpoint(endpoint, actor=cast.as_manager, now=NOW)
    with pytest.raises(NotFound):
        deliveries.replay(WebhookDelivery.objects.first(), now=NOW)


def test_a_delivery_taken_before_the_endpoint_went_is_settled_as_it_ended(cast, endpoint):
    many_events(cast, 2)
    first, second = (deliveries.take(one, now=NOW) for one in queries.due(now=NOW, limit=9))
    endpoints.change_endpoint(endpoint, enabled=False, actor=cast.as_manager, now=NOW)

    deliveries.settle(first, Answer(204), now=NOW)
    deliveries.settle(second, Answer(500), now=NOW)

    assert states("reason") == [("delivered", ""), ("withdrawn", "by a manager")]


def test_nothing_is_replayed_to_one_that_is_off(cast, endpoint):
    many_events(cast, 1)
    endpoints.change_endpoint(endpoint, enabled=False, actor=cast.as_manager, now=NOW)

    with pytest.raises(WrongState):
        deliveries.replay(WebhookDelivery.objects.get(), now=NOW)


def test_an_address_is_looked_at_when_it_is_given_and_again_when_it_is_used(cast, endpoint, settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = False
    for url in ("http://ehr.example/", "https://10.0.0.1/", "https://[::1]/"):
        with pytest.raises(Invalid):
            endpoints.add_endpoint(cast.north, url=url, actor=cast.as_manager, now=NOW)
        with pytest.raises(Invalid):
            endpoints.change_endpoint(endpoint, url=url, actor=cast.as_manager, now=NOW)
    local = endpoints.add_endpoint(
        cast.north, url="https://localhost:9/", actor=cast.as_manager, now=NOW
    )  # a name tells nothing
    book(cast)
    react(now=NOW)
    taken = deliveries.take(WebhookDelivery.objects.get(endpoint=local).id, now=NOW)
    answer = post(taken.url, body=taken.body, headers=taken.headers)

    assert deliveries.settle(taken, answer, now=NOW).reason == (
        "the name of the server leads into a private network"
    )


def test_nobody_overwrites_a_webhook_that_has_changed(cast, endpoint):
    changed = endpoints.change_endpoint(
        endpoint, description="a", if_version=1, actor=cast.as_manager, now=NOW
    )

    assert changed.version == 2
    with pytest.raises(Stale):
        endpoints.change_endpoint(endpoint, description="b", if_version=1, actor=cast.as_manager, now=NOW)


def test_the_journal_knows_who_let_whom_listen_but_neither_secret_nor_path(cast, endpoint):
    endpoints.change_endpoint(endpoint, events=["session.moved"], actor=cast.as_manager, now=NOW)
    endpoints.rotate_secret(endpoint, overlap=HOUR, actor=cast.as_manager, now=NOW)
    endpoints.remove_endpoint(endpoint, actor=cast.as_manager, now=NOW)

    rows = JournalEntry.objects.filter(verb__startswith="webhook").order_by("id")
    assert [(row.verb, row.actor_id, row.clinic_id) for row in rows] == [
        (verb, cast.manager.id, cast.north.id)
        for verb in ("webhook_added", "webhook_changed", "webhook_secret_rotated", "webhook_removed")
    ]
    assert rows[0].after == {
        "endpoint": str(endpoint.id),
        "host": "127.0.0.1",
        "events": [],
        "enabled": True,
    }
    kept = str([(row.before, row.after, row.reason) for row in rows])
    assert [word for word in ("whsec_", "key=kept", "/hooks") if word in kept] == []


def test_no_name_no_contact_and_no_treatment_is_in_what_leaves(cast, endpoint, listener):
    series = book(cast, make_patient("Zoraya", "Quillfeather", number=77))
    first = Session.objects.order_by("number")[0]
    move_session(first, start=MONDAYS_AND_THURSDAYS[0] + HOUR, actor=cast.as_desk, now=NOW)
    cancel_series(series, reason="the infusion made her ill", actor=cast.as_desk, now=NOW)
    react(now=NOW)
    work()

    for got in listener.got:
        got.headers.pop("webhook-signature")  # letters at random, which now and then make a word
    left = b" ".join(got.body + str(got.headers).encode() for got in listener.got).decode().lower()
    assert len(listener.got) == 9
    words = ("zoraya", "quillfeather", "mail.example", "+1202", "ket", "infusion", "induction", "ill")
    assert [word for word in words if word in left] == []
