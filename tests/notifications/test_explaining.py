"""Why did this patient get no text?"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.cancel import cancel_session
from bookings.models import Session
from notifications import explaining, queries
from notifications.commands.react import react
from notifications.kinds import Channel, Kind, Status
from notifications.models import OptOut, Policy
from notifications.ways import NOT_AGREED, STOPPED
from tests.cast import NOW, new_york
from tests.notifications.both_ways import agree_to_texts, go
from tests.notifications.telling_scenes import LATER, session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("texts_set_up")]
EMAIL, TEXT = Channel.EMAIL, Channel.TEXT
WAITS = "it waits for its hour"


def why(series, kind: Kind, *, number: int = 1) -> list[tuple]:
    one = Session.objects.select_related("patient", "clinic", "series").get(series=series, number=number)
    return [
        (line.channel, line.days_before, line.status, line.reason) for line in queries.explanation(one, kind)
    ]


def test_who_never_agreed_to_texts(series):
    react(now=NOW)

    assert why(series, Kind.REMINDER) == [
        (EMAIL, 3, Status.PLANNED, WAITS),
        (EMAIL, 1, Status.PLANNED, WAITS),
        (TEXT, 1, Status.SUPPRESSED, NOT_AGREED),
        (TEXT, 3, "none", "the clinic's policy does not send this by text"),
    ]


def test_who_has_stopped_them(cast, series):
    agree_to_texts(cast.ada)
    OptOut.objects.create(channel=TEXT, address=cast.ada.phone, why="stop", at=NOW)
    react(now=NOW)

    assert (TEXT, 1, Status.SUPPRESSED, STOPPED[TEXT]) in why(series, Kind.REMINDER)


def test_whose_reminder_arrived(cast, series):
    react(now=NOW)
    go(new_york("2026-04-03 10:00"))

    assert why(series, Kind.REMINDER)[0] == (EMAIL, 3, Status.SENT, "the provider has it")


def test_a_session_that_is_off(cast, series):
    react(now=NOW)
    cancel_session(session(series, 1), actor=cast.as_desk, now=LATER)
    react(now=LATER)

    assert why(series, Kind.REMINDER)[0] == (EMAIL, 3, Status.WITHDRAWN, "the session is cancelled")
    assert why(series, Kind.CANCELLATION) == [
        (EMAIL, None, Status.PLANNED, WAITS),
        (TEXT, None, "none", NOT_AGREED),
    ]


def test_what_nobody_asked_for_and_what_did_not_happen(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)

    assert why(series, Kind.CHANGE) == [
        (EMAIL, None, "none", explaining.NOTHING_HAPPENED),
        (TEXT, None, "none", explaining.ONLY_NEAR.format(days=3)),
    ]
    assert why(series, Kind.PREPARATION)[0] == (EMAIL, 1, "none", explaining.NOTHING_TO_PREPARE)
    Policy.objects.create(clinic=cast.north, rules=[], changed_at=NOW)
    assert why(series, Kind.CHANGE) == [
        (EMAIL, None, "none", explaining.NOT_ASKED_FOR),
        (TEXT, None, "none", explaining.NOT_ASKED_FOR),
    ]


def test_what_the_workers_have_not_come_to_yet(series):
    assert why(series, Kind.REMINDER)[0] == (EMAIL, 3, "none", explaining.NOT_YET)


def test_what_was_said_of_the_whole_series_counts_for_each_session(series):
    react(now=NOW)

    assert why(series, Kind.CONFIRMATION, number=6)[0] == (EMAIL, None, Status.PLANNED, WAITS)


def test_it_takes_the_same_queries_however_much_was_said(cast, series):
    react(now=NOW)
    one = Session.objects.select_related("patient", "clinic", "series").get(series=series, number=1)
    with CaptureQueriesContext(connection) as asked:
        queries.explanation(one, Kind.REMINDER)
    assert len(asked) == 2

    go(one.start - timedelta(days=1))
    with CaptureQueriesContext(connection) as asked:
        queries.explanation(one, Kind.REMINDER)
    assert len(asked) == 2
