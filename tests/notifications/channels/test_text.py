"""The carrier's answers to Twilio's own client: handed over, not now, never."""

import logging
import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from config.carrier import Conduct
from notifications.channels import Letter, NotSent, text
from tests.phone import NUMBER, phone_network

LETTER = {
    "id": "01920000-0000-7000-8000-000000000001",
    "recipient": "+12025550101",
    "subject": "",
    "text": "Your appointment: Monday 10:00.\n",
}


@pytest.fixture
def network(tmp_path, settings):
    """A carrier that reports to nobody."""
    with phone_network(tmp_path, settings) as network:
        network.conduct = Conduct(reports=[])
        yield network


def send(**other) -> str:
    return text.send(Letter(**{**LETTER, **other}))


def refused(**other) -> tuple[str, bool, str]:
    with pytest.raises(NotSent) as refusal:
        send(**other)
    return refusal.value.detail, refusal.value.for_ever, refusal.value.code


def test_a_text_is_handed_over_from_our_number(network):
    sid = send()

    (kept,) = network.find()
    assert (kept.sid, kept.to, kept.sender) == (sid, "+12025550101", NUMBER)
    assert kept.body == "Your appointment: Monday 10:00."
    assert kept.valid_for == 36_000


def test_a_messaging_service_sends_in_place_of_a_number(network, settings):
    settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE_SID = "", "MG1"
    send()

    assert len(network.find()) == 1


@pytest.mark.parametrize(
    ("wanted", "asked"), [(0, 1), (1, 1), (600, 600), (36_000, 36_000), (40_000, 36_000)]
)
def test_the_carrier_is_told_for_how_long_a_text_is_of_use(network, wanted, asked):
    send(valid_for=wanted)

    assert network.find()[0].valid_for == asked


@pytest.mark.parametrize(
    ("recipient", "refusal"),
    [
        ("+15005550001", ("this is not a telephone number (21211)", True, "21211")),
        ("+15005550002", ("no text goes from our number to this one (21612)", True, "21612")),
        ("+15005550004", ("the recipient has told the carrier to stop (21610)", True, "21610")),
        ("+15005550009", ("this is not a mobile telephone (21614)", True, "21614")),
        ("nonsense", ("this is not a telephone number (21211)", True, "21211")),
    ],
)
def test_a_number_that_takes_no_texts_is_refused_for_ever(network, recipient, refusal):
    assert refused(recipient=recipient) == refusal
    assert network.find() == []


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ("429", ("the carrier asks to wait (20429)", False, "20429")),
        ("500", ("the carrier said 500 (500)", False, "500")),
        ("503", ("the carrier said 503 (503)", False, "503")),
        ("400", ("the carrier said 400 (400)", True, "400")),
    ],
)
def test_what_may_pass_is_for_now_and_what_is_wrong_with_the_text_for_ever(network, answer, refusal):
    network.conduct.answers = [answer]

    assert refused() == refusal
    assert send() == network.find()[0].sid  # the next one is fine


def test_a_wrong_token_is_for_now_since_people_can_mend_it(network, settings):
    settings.TWILIO_AUTH_TOKEN = "another"

    assert refused() == ("the carrier does not accept us (20003)", False, "20003")


def test_a_text_that_is_too_long_is_refused_for_ever(network):
    assert refused(text="a" * 1601) == ("the carrier said 400 (21617)", True, "21617")


def test_a_carrier_that_is_away_is_for_now(network, settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.TWILIO_BASE_URL = f"http://127.0.0.1:{unused.getsockname()[1]}"

        assert refused() == ("the carrier did not answer: ConnectionError", False, "")


def test_a_text_that_was_accepted_without_an_answer_is_not_handed_over_twice(network):
    began = timezone.now()
    network.conduct.answers = ["lost"]
    assert refused() == ("the carrier did not answer: ConnectionError", False, "")

    assert send(tried_since=began) == network.find()[0].sid
    assert len(network.find()) == 1


def test_a_worker_whose_clock_was_ahead_hands_nothing_over_twice(network):
    began = timezone.now() + timedelta(seconds=90)
    network.conduct.answers = ["lost"]
    refused()

    assert send(tried_since=began) == network.find()[0].sid
    assert len(network.find()) == 1


@pytest.mark.parametrize(
    "earlier",
    [
        {"text": "Your appointment: Tuesday 10:00."},  # another one
        {"recipient": "+12025550102"},  # to somebody else
    ],
)
def test_another_text_is_not_taken_for_an_earlier_try(network, earlier):
    began = timezone.now()
    send(**earlier)
    send(tried_since=began)

    assert len(network.find()) == 2


def test_the_same_text_of_an_hour_ago_is_not_taken_for_an_earlier_try(network):
    send()
    send(tried_since=timezone.now() + timedelta(hours=1))

    assert len(network.find()) == 2


def test_an_installation_without_an_account_sends_no_texts(settings):
    settings.TWILIO_ACCOUNT_SID = ""

    assert text.is_set_up() is False
    assert refused() == ("this installation sends no texts", True, "")


def test_no_log_has_the_number_or_the_words(network, caplog):
    with caplog.at_level(logging.DEBUG):  # of the root; the settings hold those that tell too much
        send(tried_since=timezone.now())
        refused(recipient="+15005550004")

    assert "12025550101" not in caplog.text
    assert "15005550004" not in caplog.text
    assert "Monday" not in caplog.text
