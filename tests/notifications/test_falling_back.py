"""When a message does not arrive: the other way, once, or a person with a telephone."""

from datetime import timedelta

import pytest

from bookings.models import Patient
from notifications.channels import NotSent
from notifications.commands import send
from notifications.commands.react import react
from notifications.commands.running_late import announce_delay
from notifications.falling_back import after_failure
from notifications.kinds import Channel, Kind, Status
from notifications.models import Message
from tests.cast import NOW, new_york
from tests.notifications.both_ways import agree_to_texts, go
from tests.notifications.telling_scenes import session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("texts_set_up")]
SUNDAY = new_york("2026-04-05 10:00")
MINUTE = timedelta(minutes=1)
NO_USER = NotSent("the mail server said 550 no such user", for_ever=True)
DEAD = NotSent("nobody has this number (30005)", for_ever=True, code="30005")


def fail(message: Message, refusal: NotSent, *, now) -> Message:
    taken = send.take(message.id, now=now)
    return send.settle(taken, refusal, now=now)


def confirmation() -> Message:
    return Message.objects.get(kind=Kind.CONFIRMATION, instead_of=None)


def test_an_email_that_nobody_takes_becomes_a_text_to_who_agreed_to_them(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)

    failed = fail(confirmation(), NO_USER, now=NOW)

    instead = Message.objects.get(instead_of=failed)
    assert (instead.channel, instead.recipient, instead.status, instead.due_at, instead.expires_at) == (
        Channel.TEXT,
        "+12025550101",
        Status.PLANNED,
        NOW,
        failed.expires_at,
    )
    assert series.tasks.count() == 0
    assert [kind for kind, _ in go(NOW)] == [Kind.CONFIRMATION]


def test_and_a_task_where_the_text_fails_as_well(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    fail(confirmation(), NO_USER, now=NOW)

    fail(Message.objects.get(instead_of__isnull=False), DEAD, now=NOW)

    assert [task.detail for task in series.tasks.all()] == [
        "A confirmation could not be sent: nobody has this number (30005)"
    ]
    assert Message.objects.filter(instead_of__isnull=False).count() == 1


def test_a_text_that_fails_needs_no_email_where_one_goes_anyway(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    text = Message.objects.get(kind=Kind.REMINDER, channel=Channel.TEXT, session=session(series, 1))

    fail(text, DEAD, now=SUNDAY)

    assert Message.objects.filter(instead_of__isnull=False).count() == 0
    assert series.tasks.count() == 0


def test_what_would_come_too_late_by_the_other_way_is_a_task(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    row = Message.objects.select_related("patient", "series").get(id=confirmation().id)

    assert after_failure(row, detail="it came back", now=row.expires_at) is None

    assert [task.detail for task in series.tasks.all()] == ["A confirmation could not be sent: it came back"]


def test_seeing_to_it_twice_writes_once(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    row = Message.objects.select_related("patient", "series").get(id=confirmation().id)

    for _ in range(2):
        after_failure(row, detail="it came back", now=NOW)

    assert Message.objects.filter(instead_of=row).count() == 1


def late(cast, series, *, now, minutes: int = 30) -> None:
    announce_delay(session(series, 1), minutes=minutes, actor=cast.as_nurse, now=now)
    react(now=now)


def test_that_the_clinic_is_late_is_a_text_and_an_email_at_once(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    go(SUNDAY)
    now = new_york("2026-04-06 09:30")

    late(cast, series, now=now)
    ((kind, words),) = go(now)

    assert kind == Kind.RUNNING_LATE
    assert "30" in words
    assert [(row.channel, row.status) for row in Message.objects.filter(kind=Kind.RUNNING_LATE)] == [
        (Channel.EMAIL, Status.SENT),
        (Channel.TEXT, Status.SENT),
    ]
    assert series.tasks.count() == 0


def test_where_the_days_text_is_spent_somebody_rings_about_being_late(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    go(SUNDAY)
    early = new_york("2026-04-06 08:30")
    late(cast, series, now=early, minutes=15)
    go(early)
    now = new_york("2026-04-06 09:30")

    late(cast, series, now=now)

    assert go(now) == []
    held = Message.objects.get(kind=Kind.RUNNING_LATE, channel=Channel.TEXT, status=Status.SUPPRESSED)
    assert [task.detail for task in series.tasks.all()] == [
        f"A running late could not be sent: {held.reason}"
    ]
    assert (
        Message.objects.filter(kind=Kind.RUNNING_LATE, channel=Channel.EMAIL, status=Status.SENT).count() == 2
    )


def test_nobody_is_told_of_a_delay_that_is_over(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    go(SUNDAY)

    late(cast, series, now=new_york("2026-04-06 09:30"))

    assert go(new_york("2026-04-06 10:30")) == []
    assert set(Message.objects.filter(kind=Kind.RUNNING_LATE).values_list("status", flat=True)) == {
        Status.LAPSED
    }


def test_a_patient_whose_number_went_hears_by_email_what_the_text_was_to_say(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    Patient.objects.filter(id=cast.ada.id).update(phone="")

    go(SUNDAY)

    rows = Message.objects.filter(kind=Kind.REMINDER, session=session(series, 1), days_before=1)
    assert set(rows.values_list("channel", "status")) == {
        (Channel.EMAIL, Status.SENT),
        (Channel.TEXT, Status.SUPPRESSED),
    }
