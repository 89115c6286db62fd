"""Texts that go out: one a day, with all that is to be said that day, and never at night."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection

from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.models import Patient
from notifications.channels import NotSent
from notifications.commands import say, send
from notifications.commands.react import react
from notifications.kinds import Basis, Channel, Kind, Status
from notifications.models import Choices, ClinicVoice, Message
from notifications.second_look import ANOTHER_TEXT, AT_NIGHT
from tests.cast import NOW, new_york
from tests.notifications.both_ways import agree_to_texts, go, texts_of
from tests.notifications.telling_scenes import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("texts_set_up")]
#: The day before the first visit, when Ada is reminded by text.
SUNDAY = new_york("2026-04-05 10:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(cast, series) -> Patient:
    """Ada agreed to texts, and the workers have reacted to her booking."""
    agree_to_texts(cast.ada)
    react(now=NOW)
    return cast.ada


def only(**which) -> Message:
    return Message.objects.get(channel=Channel.TEXT, **which)


def at_noon_before(series, number: int):
    visit = session(series, number)
    return visit, visit.start - timedelta(hours=22)


def test_a_reminder_goes_by_text_at_its_hour(ada, series):
    go(SUNDAY - MINUTE)

    ((kind, words),) = go(SUNDAY)

    sent = only(session=session(series, 1), kind=Kind.REMINDER)
    assert (kind, sent.status, sent.sent_at) == (Kind.REMINDER, Status.SENT, SUNDAY)
    assert "Mon Apr 6, 10:00 AM" in words


def test_a_text_may_wait_at_the_carrier_until_the_evening_and_no_longer(ada, series):
    go(SUNDAY - MINUTE)

    (taken,) = [one for one in send.take_due(now=SUNDAY) if one.channel == Channel.TEXT]

    assert taken.letter.valid_for == 11 * 3600


def test_a_text_that_is_soon_of_no_use_waits_no_longer_than_that(ada, series):
    late = new_york("2026-04-06 07:59")  # it lay until the end of the night
    go(SUNDAY - MINUTE)
    Message.objects.filter(due_at__lte=late, status=Status.PLANNED).update(
        due_at=late + MINUTE, expires_at=late + 11 * MINUTE
    )

    taken = [one for one in send.take_due(now=late + MINUTE) if one.channel == Channel.TEXT]

    assert [one.letter.valid_for for one in taken] == [600]


def test_a_change_and_a_reminder_of_one_day_are_one_text(cast, ada, series):
    """On Sunday at nine the clinic moves Thursday's visit; the reminder for Monday is due at ten."""
    go(SUNDAY - 2 * timedelta(hours=1))
    nine = SUNDAY - timedelta(hours=1)
    move_session(session(series, 2), start=new_york("2026-04-08 09:00"), actor=cast.as_desk, now=nine)
    react(now=nine)

    ((_, words),) = go(nine)

    change, reminder = only(kind=Kind.CHANGE), only(session=session(series, 1), kind=Kind.REMINDER)
    assert (reminder.status, reminder.carried_by, reminder.sent_at) == (Status.SENT, change, nine)
    assert (change.status, change.carried_by) == (Status.SENT, None)
    assert [word for word in ("Mon Apr 6, 10:00 AM", "Wed Apr 8, 9:00 AM") if word not in words] == []
    assert len(words) <= 160
    assert go(SUNDAY) == []


def test_what_is_due_tomorrow_is_not_said_today(cast, ada, series):
    noon = new_york("2026-04-04 12:00")  # Saturday: nothing by text today, and Monday is reminded of tomorrow
    go(noon - MINUTE)
    cancel_session(session(series, 1), actor=cast.as_desk, now=noon)
    react(now=noon)

    ((_, words),) = go(noon)

    assert "Mon Apr 6" in words
    assert Message.objects.filter(carried_by__isnull=False).count() == 0


def test_a_second_text_on_a_day_waits_for_the_next_morning(cast, ada, series):
    go(SUNDAY)
    eleven = SUNDAY + timedelta(hours=1)
    move_session(session(series, 2), start=new_york("2026-04-08 09:00"), actor=cast.as_desk, now=eleven)
    react(now=eleven)

    assert go(eleven) == []

    waiting = only(kind=Kind.CHANGE)
    assert (waiting.status, waiting.reason) == (Status.PLANNED, ANOTHER_TEXT)
    assert waiting.due_at == new_york("2026-04-06 08:00")
    assert [kind for kind, _ in go(new_york("2026-04-06 08:00"))] == [Kind.CHANGE]


def test_a_second_text_that_would_come_too_late_is_an_email_and_nobody_rings_for_it(cast, ada, series):
    """Late on Sunday the clinic gives Monday's visit another hour; the day's text is gone, and an email of
    the change is written anyway.
    """
    go(SUNDAY)
    eleven = SUNDAY + timedelta(hours=1)
    move_session(session(series, 1), start=new_york("2026-04-06 09:00"), actor=cast.as_desk, now=eleven)
    react(now=eleven)
    go(eleven)

    reminder = only(kind=Kind.REMINDER, session=session(series, 1), status=Status.LAPSED)
    assert reminder.due_at == new_york("2026-04-05 09:00")
    assert series.tasks.count() == 0


def test_without_another_way_somebody_rings(cast, ada, series):
    Patient.objects.filter(id=ada.id).update(email="")
    go(SUNDAY)
    Message.objects.filter(kind=Kind.REMINDER, session=session(series, 2), channel=Channel.TEXT).update(
        due_at=SUNDAY, expires_at=SUNDAY + timedelta(hours=20)
    )

    go(SUNDAY + MINUTE)

    held = only(kind=Kind.REMINDER, session=session(series, 2))
    assert (held.status, held.reason) == (
        Status.SUPPRESSED,
        f"{ANOTHER_TEXT}, which would be too late to be of use",
    )
    (task,) = series.tasks.all()
    assert task.detail == f"A reminder could not be sent: {held.reason}"


def test_a_text_that_is_held_back_for_too_long_goes_by_email_where_none_was_meant(cast, ada, series):
    Choices.objects.create(patient=ada, channels={"reminder": ["text"]})
    go(SUNDAY)
    held = only(kind=Kind.REMINDER, session=session(series, 2))
    Message.objects.filter(id=held.id).update(due_at=SUNDAY, expires_at=SUNDAY + timedelta(hours=20))
    Message.objects.filter(key=held.key.replace(":text", ":email")).delete()

    go(SUNDAY + MINUTE)

    instead = Message.objects.get(instead_of=held)
    assert (instead.channel, instead.status, instead.recipient) == (
        Channel.EMAIL,
        Status.SENT,
        "ada@mail.example",
    )
    assert series.tasks.count() == 0


def test_nobody_gets_a_text_at_night(cast, ada, series):
    Patient.objects.filter(id=ada.id).update(time_zone="America/Los_Angeles")
    go(SUNDAY - MINUTE)

    assert go(SUNDAY) == []  # seven in the morning there

    waiting = only(kind=Kind.REMINDER, session=session(series, 1))
    assert (waiting.status, waiting.reason, waiting.due_at) == (
        Status.PLANNED,
        AT_NIGHT,
        new_york("2026-04-05 11:00"),
    )


@pytest.mark.parametrize(("clinic", "patient", "goes"), [("20:00", None, False), ("21:00", "19:00", False)])
def test_quiet_hours_are_the_clinics_made_longer_by_the_patient(cast, ada, series, clinic, patient, goes):
    ClinicVoice.objects.create(clinic=cast.north, quiet_begins=clinic)
    if patient:
        Choices.objects.create(patient=ada, quiet_begins=patient)
    evening = new_york("2026-04-05 20:15")
    go(SUNDAY - MINUTE)

    assert go(evening) == []
    assert go(new_york("2026-04-06 07:59")) == []


def test_codes_are_neither_held_back_nor_counted(cast, ada, series):
    night = new_york("2026-04-05 03:00")
    go(night)
    say.announce_code(ada.phone, code="314159", language="en", now=night)

    ((kind, words),) = go(night)

    assert kind == Kind.LOGIN_CODE
    assert "314159" in words
    assert [kind for kind, _ in go(SUNDAY)] == [Kind.REMINDER]


def test_on_the_exemption_the_text_says_who_and_how_to_end_it_in_160_signs(cast, series):
    ClinicVoice.objects.create(clinic=cast.north, basis=Basis.EXEMPTION, sender_name="Harbor")
    react(now=NOW)
    go(SUNDAY - MINUTE)

    ((_, words),) = go(SUNDAY)

    assert len(words) <= 160
    assert words.startswith("Harbor: ")
    assert "STOP" in words


def test_three_visits_a_week_are_three_texts_a_week_on_the_exemption(cast, transactional_db):
    ClinicVoice.objects.create(clinic=cast.north, basis=Basis.EXEMPTION)
    days = ("06", "08", "10", "13", "15", "17")
    starts = [new_york(f"2026-04-{day} 10:00") for day in days]
    book_series(cast.ada, clinic=cast.north, protocol=cast.ket6, starts=starts, actor=cast.as_desk, now=NOW)
    react(now=NOW)

    now = NOW
    while now < starts[-1]:
        go(now)
        now += timedelta(hours=1)

    sent = Message.objects.filter(channel=Channel.TEXT, sent_at__isnull=False).values_list(
        "sent_at", flat=True
    )
    assert len(sent) == 6
    assert texts_of(cast.ada) == [(Kind.REMINDER, Status.SENT)] * 6


def test_many_workers_at_once_send_one_text_to_one_patient(cast, ada, series):
    """Two texts are due at once; whoever comes first takes both along."""
    nine = SUNDAY - timedelta(hours=1)
    go(nine - MINUTE)
    Message.objects.filter(kind=Kind.REMINDER, channel=Channel.TEXT, session__number=2).update(due_at=SUNDAY)
    start, taken = threading.Barrier(6), []

    def worker():
        start.wait()
        try:
            taken.extend(send.take_due(now=SUNDAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    texts = [one for one in taken if one.channel == Channel.TEXT]
    assert [len(one.carries) for one in texts] == [1]


def test_a_text_that_is_tried_again_has_the_same_words_and_the_same_load(cast, ada, series):
    nine = SUNDAY - timedelta(hours=1)
    go(nine - MINUTE)
    move_session(session(series, 2), start=new_york("2026-04-08 09:00"), actor=cast.as_desk, now=nine)
    react(now=nine)
    (first,) = [one for one in send.take_due(now=nine) if one.channel == Channel.TEXT]
    send.settle(first, NotSent("the carrier did not answer", for_ever=False), now=nine)
    assert set(texts_of(ada, due_at__lte=SUNDAY)) == {
        (Kind.CHANGE, Status.PLANNED),
        (Kind.REMINDER, Status.PLANNED),
    }

    (again,) = [one for one in send.take_due(now=nine + MINUTE) if one.channel == Channel.TEXT]

    assert (again.letter.text, again.carries) == (first.letter.text, first.carries)
    assert again.letter.tried_since == nine
    send.settle(again, "SM1", now=nine + MINUTE)
    kept = only(kind=Kind.CHANGE)
    assert re.search(r"/v/[A-Za-z0-9]{12}/", first.letter.text)
    assert kept.body == re.sub(r"/v/[A-Za-z0-9]{12}/", "/v/…/", first.letter.text)


def test_what_was_put_back_untried_has_no_attempt(cast, ada, series):
    go(SUNDAY - MINUTE)
    (taken,) = [one for one in send.take_due(now=SUNDAY) if one.channel == Channel.TEXT]

    send.put_back(taken, now=SUNDAY)

    waiting = only(kind=Kind.REMINDER, session=session(series, 1))
    assert (waiting.status, waiting.attempts, waiting.tries.count()) == (Status.PLANNED, 0, 0)
    assert [kind for kind, _ in go(SUNDAY + MINUTE)] == [Kind.REMINDER]
