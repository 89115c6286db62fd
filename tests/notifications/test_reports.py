"""What the carrier reports about a text: by rank, in any order, as often as it likes."""

import logging
from datetime import timedelta
from itertools import permutations

import pytest

from bookings.models import Task
from notifications.commands.reports import note_report
from notifications.kinds import Kind, Status
from notifications.models import Message, OptOut, StatusReport
from tests.cast import NOW
from tests.notifications.telling_scenes import session
from tests.notifications.text_scenes import ADA, sent_text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def text(series, cast):
    """A reminder by text, sent at NOW, with twelve hours left."""
    return sent_text(cast.ada, session(series, 1))


def report(text, *said: str, error: str = "", provider_id: str = "", after: int = 60) -> Message:
    for word in said:
        note_report(
            text.id,
            provider_id=provider_id or text.provider_id,
            said=word,
            error=error,
            now=NOW + timedelta(seconds=after),
        )
    return Message.objects.get(id=text.id)


def reports(text) -> list[str]:
    return list(StatusReport.objects.filter(message=text).order_by("id").values_list("said", flat=True))


def tasks() -> list[str]:
    return list(Task.objects.filter(resolved_at=None).values_list("detail", flat=True))


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_in_whatever_order_reports_come_a_delivered_text_stays_delivered(text, order):
    row = report(text, *order)

    assert (row.status, row.delivered_at) == (Status.DELIVERED, NOW + timedelta(minutes=1))
    assert reports(text) == list(order)


def test_a_report_that_comes_twice_is_kept_once_and_changes_nothing(text):
    first = report(text, "delivered")
    again = report(text, "delivered", after=3600)

    assert reports(text) == ["delivered"]
    assert again.delivered_at == first.delivered_at


def test_a_text_can_be_found_by_the_carriers_id_alone(text):
    note_report(None, provider_id=text.provider_id, said="delivered", now=NOW)

    assert Message.objects.get(id=text.id).status == Status.DELIVERED


def test_a_report_about_no_text_of_ours_is_nothing(text):
    assert note_report(None, provider_id="SM-of-somebody-else", said="delivered", now=NOW) is None
    assert reports(text) == []


@pytest.mark.parametrize(
    ("error", "detail", "stopped"),
    [
        ("30005", "nobody has this number (30005)", True),
        ("30006", "this is a landline, or its network takes no texts (30006)", True),
        ("30007", "the carrier took it for spam (30007)", False),
        ("30034", "our number is not registered for texts to this country (30034)", False),
        ("30036", "it waited at the carrier for too long (30036)", False),
        ("21610", "the recipient has told the carrier to stop (21610)", True),
        ("39999", "the carrier gave no reason that we know (39999)", False),
        ("", "the carrier gave no reason that we know (undelivered)", False),
    ],
)
def test_a_text_that_never_arrives_fails_and_says_why(text, error, detail, stopped):
    row = report(text, "sent", "undelivered", error=error)

    assert (row.status, row.reason) == (Status.FAILED, detail)
    numbers = OptOut.objects.filter(lifted_at=None).values_list("channel", "address", "why")
    assert list(numbers) == ([("text", ADA, "carrier")] if stopped else [])


@pytest.mark.parametrize(("error", "alarm"), [("30007", True), ("30034", True), ("30005", False)])
def test_what_is_wrong_with_our_account_is_logged_without_a_number(text, caplog, error, alarm):
    with caplog.at_level(logging.ERROR, "notifications.delivery"):
        report(text, "undelivered", error=error)

    assert [error in record.getMessage() for record in caplog.records] == ([True] if alarm else [])
    assert ADA not in caplog.text


def test_a_telephone_that_was_off_is_tried_again_later(text):
    row = report(text, "sent", "undelivered", error="30003")

    assert (row.status, row.due_at) == (Status.PLANNED, NOW + timedelta(minutes=2))
    assert (row.sent_at, row.provider_id) == (None, "")
    assert tasks() == []


def test_but_not_when_the_text_would_be_of_no_use_then(text):
    Message.objects.filter(id=text.id).update(expires_at=NOW + timedelta(minutes=2))

    assert report(text, "undelivered", error="30003").status == Status.FAILED


@pytest.mark.parametrize(("tries", "status"), [(1, Status.PLANNED), (2, Status.FAILED)])
def test_a_text_that_was_lost_for_an_unknown_reason_is_tried_once_more(text, tries, status):
    Message.objects.filter(id=text.id).update(attempts=tries)

    assert report(text, "undelivered", error="30008").status == status


def test_reports_about_the_first_try_do_not_touch_the_second(text):
    report(text, "undelivered", error="30003")
    Message.objects.filter(id=text.id).update(
        status=Status.SENT, sent_at=NOW, provider_id="SM-second", attempts=2
    )

    assert report(text, "undelivered", error="30003").status == Status.SENT
    assert report(text, "failed", error="30005").status == Status.SENT
    late = report(text, "undelivered", error="30005", provider_id="SM-second")
    assert (late.status, late.reason) == (Status.FAILED, "nobody has this number (30005)")


def test_a_late_sent_of_a_try_that_failed_does_not_count_as_the_next_one(text):
    report(text, "undelivered", error="30003")

    assert report(text, "sent", error="").status == Status.PLANNED


def test_a_text_that_arrives_after_all_is_delivered(text):
    report(text, "undelivered", error="30005")

    assert report(text, "delivered").status == Status.DELIVERED


def test_what_was_said_in_the_same_text_shares_its_fate(text, series, cast):
    carried = sent_text(cast.ada, session(series, 2), carried_by=text, provider_id="")

    report(text, "delivered")
    carried.refresh_from_db()
    assert (carried.status, carried.delivered_at) == (Status.DELIVERED, NOW + timedelta(minutes=1))


def test_what_was_carried_waits_for_the_other_try_too(text, series, cast):
    carried = sent_text(cast.ada, session(series, 2), carried_by=text, provider_id="")

    report(text, "undelivered", error="30003")
    carried.refresh_from_db()
    assert (carried.status, carried.carried_by, carried.sent_at) == (Status.PLANNED, text, None)


def test_while_a_worker_has_a_text_its_report_waits(text):
    Message.objects.filter(id=text.id).update(status=Status.SENDING, sent_at=None, provider_id="")

    assert report(text, "delivered", provider_id="SM9").status == Status.SENDING
    assert reports(text) == ["delivered"]


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.LAPSED])
def test_a_text_that_was_given_up_and_arrived_nevertheless_is_delivered(text, status):
    Message.objects.filter(id=text.id).update(status=status, reason="why", sent_at=None, provider_id="")

    row = report(text, "sent", "delivered", provider_id="SM9")
    assert (row.status, row.reason, row.provider_id) == (Status.DELIVERED, "", "SM9")


def test_a_code_is_not_tried_again_since_it_is_not_kept(text):
    Message.objects.filter(id=text.id).update(kind=Kind.LOGIN_CODE, body="(erased)")

    assert report(text, "undelivered", error="30003").status == Status.FAILED
