"""Texts the whole way: our worker, Twilio's client, a carrier, its signed calls to a real server, and us."""

import re
from datetime import timedelta

import pytest

from bookings.commands.signing_in import issue_code
from bookings.models import SessionStatus
from notifications import tasks
from notifications.channels import dispatch
from notifications.commands import react, send
from notifications.kinds import Channel, Kind, Status
from notifications.models import ERASED, Message, OptOut, StatusReport
from tests.api.conftest import Clock, clock  # noqa: F401  a fixture
from tests.cast import NOW, new_york
from tests.notifications.both_ways import agree_to_texts
from tests.notifications.telling_scenes import session
from tests.phone import NUMBER, phone_network

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "+12025550101"
SUNDAY = new_york("2026-04-05 10:00")  # the day before Ada's first visit, at its hour


@pytest.fixture
def network(series, cast, mailbox, live_server, tmp_path, settings, clock):  # noqa: F811
    """Ada agreed to texts, and a carrier reports to a server of ours; it is SUNDAY."""
    agree_to_texts(cast.ada)
    with phone_network(tmp_path / "phone", settings, public_url=live_server.url) as network:
        network.conduct.pause = 0
        react.react(now=NOW)
        clock.set(SUNDAY)
        yield network


def work(now) -> None:
    """What is due goes out, as a worker sends it."""
    for taken in send.take_due(now=now):
        tasks._send(taken)


def on_the_phone(network) -> list[str]:
    """What Ada has got, in order."""
    return [one.body for one in reversed(network.find(to=ADA))]


def texts(**which) -> list[tuple[str, str]]:
    rows = Message.objects.filter(channel=Channel.TEXT, **which).order_by("sent_at", "id")
    return list(rows.values_list("kind", "status"))


def answer(network, body: str, *, times: int = 1) -> None:
    network.answer(ADA, body, times=times)
    assert network.calls.settle()
    work(SUNDAY)
    assert network.calls.settle()


def test_a_reminder_arrives_and_the_ledger_knows_it(network):
    work(SUNDAY)
    assert network.calls.settle()

    (reminder,) = Message.objects.filter(channel=Channel.TEXT, status=Status.DELIVERED)
    assert (reminder.kind, reminder.recipient) == (Kind.REMINDER, ADA)
    assert reminder.provider_id == network.find(to=ADA)[0].sid
    assert network.calls.answers == [("/webhooks/twilio/status/", 204)] * 2
    (text,) = on_the_phone(network)
    assert text.startswith("North: ")
    assert "Mon Apr 6, 10:00 AM" in text


@pytest.mark.parametrize("reports", [["delivered", "sent"], ["sent", "delivered", "delivered", "sent"]])
def test_reports_in_any_order_and_number_come_to_the_same(network, reports):
    network.conduct.reports = reports
    work(SUNDAY)
    assert network.calls.settle()

    assert texts(status=Status.DELIVERED) == [("reminder", "delivered")]


def test_a_yes_confirms_and_is_answered_once_though_the_carrier_tells_it_three_times(network, series):
    work(SUNDAY)
    answer(network, "y", times=3)

    assert session(series, 1).status == SessionStatus.CONFIRMED
    assert on_the_phone(network)[1:] == [
        "North: confirmed: Mon Apr 6, 10:00 AM EDT. Thank you.",
    ]
    assert texts(kind=Kind.REPLY) == [("reply", "delivered")]


def test_a_link_to_change_reaches_the_phone_and_is_not_kept(network):
    work(SUNDAY)
    answer(network, "R")

    (secret,) = re.findall(r"/v/(\w{12})/", on_the_phone(network)[-1])
    assert Message.objects.filter(body__contains=secret).count() == 0


def test_after_stop_the_next_reminder_says_why_it_is_no_text(network, series):
    work(SUNDAY)
    answer(network, "STOP")
    work(new_york("2026-04-08 10:00"))

    (wednesday,) = Message.objects.filter(channel=Channel.TEXT, session=session(series, 2))
    assert (wednesday.status, wednesday.reason) == (Status.SUPPRESSED, "texts to this number were stopped")
    assert len(on_the_phone(network)) == 2  # the reminder, and the carrier's own answer to STOP


def test_a_number_that_the_carrier_refuses_is_not_tried_again_and_an_email_goes_instead(network, mailbox):
    network.stopped.add(ADA)
    work(SUNDAY)

    assert list(OptOut.objects.values_list("address", "why")) == [(ADA, "carrier")]
    assert texts(session__number=1) == [("reminder", "failed")]
    assert [mail["To"] for mail in mailbox.mails if "reminder" in mail["Subject"]] == ["ada@mail.example"]


def test_a_text_whose_answer_was_lost_is_sent_once(network):
    network.conduct.answers = ["lost"]
    work(SUNDAY)
    assert network.calls.settle()
    work(SUNDAY + timedelta(minutes=2))

    assert len(on_the_phone(network)) == 1
    assert texts(session__number=1) == [("reminder", "delivered")]


def test_nor_is_it_sent_twice_when_the_carrier_reports_nothing(network):
    network.conduct.answers, network.conduct.reports = ["lost"], []
    work(SUNDAY)
    assert texts(session__number=1) == [("reminder", "planned")]
    work(SUNDAY + timedelta(minutes=2))

    assert len(on_the_phone(network)) == 1
    assert texts(session__number=1) == [("reminder", "sent")]


def test_a_worker_that_died_after_handing_over_left_a_text_that_is_not_sent_again(network):
    (taken,) = [one for one in send.take_due(now=SUNDAY) if one.channel == Channel.TEXT]
    dispatch.send(taken.channel, taken.letter)
    assert network.calls.settle()
    assert texts(status=Status.SENDING) == [("reminder", "sending")]

    send.recover(taken.message, now=SUNDAY + send.LOST_AFTER)
    work(SUNDAY + timedelta(hours=1))
    assert texts(session__number=1) == [("reminder", "delivered")]
    assert len(on_the_phone(network)) == 1
    assert StatusReport.objects.filter(waits=True).count() == 0


def test_a_code_to_sign_in_comes_as_a_text_and_is_not_kept(network):
    _, code = issue_code(ADA, now=SUNDAY)
    work(SUNDAY)
    assert network.calls.settle()

    assert [code in text for text in on_the_phone(network)].count(True) == 1
    (row,) = Message.objects.filter(kind=Kind.LOGIN_CODE)
    assert (row.channel, row.status, row.body) == (Channel.TEXT, Status.DELIVERED, ERASED)


def test_whoever_does_not_know_the_token_cannot_speak_for_a_patient(network, series, settings):
    network.token = network.calls.token = "another"
    answer(network, "Y")

    assert network.calls.answers == [("/webhooks/twilio/inbound/", 403)]
    assert session(series, 1).status == SessionStatus.BOOKED
    assert NUMBER == settings.TWILIO_FROM
