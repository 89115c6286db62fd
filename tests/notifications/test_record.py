"""What is kept about somebody's messages is theirs to see, without the keys that messages carry."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.kinds import Channel, Kind, Meaning, Status
from notifications.models import Choices, InboundText, Message, OptOut
from notifications.record import kept_about
from tests.api.conftest import clock
from tests.cast import NOW
from tests.patient.conftest import signed_in, words

__all__ = ["clock"]

pytestmark = pytest.mark.django_db(transaction=True)


def message(patient, **fields):
    given = {
        "key": f"{Message.objects.count()}",
        "kind": Kind.REMINDER,
        "channel": Channel.EMAIL,
        "recipient": patient.email,
        "language": "en",
        "due_at": NOW,
        "expires_at": NOW + timedelta(days=1),
        "created_at": NOW,
        "status": Status.SENT,
        "sent_at": NOW,
        "subject": "Your visit",
        "body": "See http://127.0.0.1:8000/v/abcDEF123456/ for it.",
    }
    return Message.objects.create(patient=patient, **{**given, **fields})


def downloaded(patient):
    return json.loads(signed_in(patient).get("/my/data/download/").content)


def test_the_page_shows_what_was_sent_the_latest_first(cast, clock):
    message(cast.ada, sent_at=NOW - timedelta(hours=1))
    message(cast.ada, channel=Channel.TEXT, recipient=cast.ada.phone, subject="")
    message(cast.ada, status=Status.WITHDRAWN, sent_at=None, reason="moved", subject="Not sent")

    said = words(signed_in(cast.ada).get("/my/data/"))

    assert (
        "Messages to you April 1, 2026, 8 a.m., by text to +12025550101: a text "
        "April 1, 2026, 7 a.m., by email to ada@mail.example: Your visit"
    ) in said
    assert "Not sent" not in said


def test_the_file_has_all_of_it_and_none_of_anybody_else(cast, clock):
    message(cast.ada)
    message(cast.ada, status=Status.WITHDRAWN, sent_at=None, reason="moved")
    message(cast.bea)
    text = {"receiver": "+12025550199", "body": "Yes", "received_at": NOW, "meaning": Meaning.CONFIRM}
    InboundText.objects.create(sid="one", sender=cast.ada.phone, patient=cast.ada, **text)
    InboundText.objects.create(sid="two", sender=cast.bea.phone, patient=cast.bea, **text)
    Choices.objects.create(patient=cast.ada, channels={"reminder": ["text"]})
    for patient in (cast.ada, cast.bea):
        OptOut.objects.create(channel=Channel.EMAIL, address=patient.email, why="stop", at=NOW)

    kept = downloaded(cast.ada)

    assert [(one["status"], one["reason"]) for one in kept["messages"]] == [
        ("withdrawn", "moved"),
        ("sent", ""),
    ]
    assert [(one["sender"], one["body"]) for one in kept["texts_of_mine"]] == [(cast.ada.phone, "Yes")]
    assert [one["channels"] for one in kept["message_choices"]] == [{"reminder": ["text"]}]
    assert [one["address"] for one in kept["no_messages_to"]] == [cast.ada.email]


def test_the_keys_of_links_are_not_in_it(cast, clock):
    body = "/v/abcDEF123456/ /p/abcDEF123456/ /calendar/abcDEF123456.ics /messages/stop/abcDEF123456/"
    message(cast.ada, body=body)

    kept = downloaded(cast.ada)

    assert kept["messages"][0]["body"] == "/v/…/ /p/…/ /calendar/… /messages/stop/…/"


def test_the_same_number_of_queries_however_much_there_is(cast):
    counts = []
    for _round in range(3):
        message(cast.ada)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            kept_about(cast.ada)
        counts.append(len(asked))

    assert counts == [4, 4, 4]
