"""What a patient hears of their course, and when: by mail and by text, on their own wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bookings.commands.attend import miss_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.models import Patient, Task
from notifications.commands import send
from notifications.commands.hear import hear
from notifications.commands.react import react
from notifications.kinds import Channel, Kind, Status
from notifications.models import ClinicVoice, InboundText, Message
from notifications.ways import NOT_AGREED
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, Cast, make_protocol, new_york
from tests.notifications.both_ways import agree_to_texts, go
from tests.notifications.conftest import texts_set_up

__all__ = ["texts_set_up"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("texts_set_up")]
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def six(cast: Cast):
    series = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )
    react(now=NOW)
    return series


def one(cast: Cast, start: datetime):
    booked = book_series(
        cast.ada, clinic=cast.north, protocol=cast.booster, starts=[start], actor=cast.as_desk, now=NOW
    )
    react(now=NOW)
    return booked.sessions.get()


def test_a_course_of_six_is_one_confirmation_twelve_reminders_and_six_calendar_entries(cast):
    series = six(cast)

    rows = Message.objects.filter(channel=Channel.EMAIL).values_list("kind", flat=True)
    assert sorted(rows) == [Kind.CONFIRMATION] + [Kind.REMINDER] * 12
    others = set(Message.objects.exclude(channel=Channel.EMAIL).values_list("status", "reason"))
    assert others == {(Status.SUPPRESSED, NOT_AGREED)}
    (confirmation,) = send.take_due(now=NOW)
    entries = [invitation.content.decode() for invitation in confirmation.letter.calendar]
    assert [entry.count("SEQUENCE:0\r\n") for entry in entries] == [1] * 6
    uids = {line for entry in entries for line in entry.split("\r\n") if line.startswith("UID:")}
    assert {uid.removeprefix("UID:").partition("@")[0] for uid in uids} == {
        str(session.id) for session in series.sessions.all()
    }


def test_a_missed_visit_is_reminded_of_no_more_and_the_others_are(cast):
    agree_to_texts(cast.ada)
    series = six(cast)
    now = new_york("2026-04-13 10:15")
    go(new_york("2026-04-12 10:00"))

    third = miss_session(series.sessions.get(number=3), actor=cast.as_desk, now=now)
    react(now=now)

    def waiting(**which) -> int:
        return Message.objects.filter(status=Status.PLANNED, kind=Kind.REMINDER, **which).count()

    assert waiting(session=third) == 0
    assert [waiting(session__number=number) for number in (4, 5, 6)] == [3, 3, 3]


def test_an_answer_to_a_visit_that_is_off_changes_nothing_and_says_so_once(cast):
    """Staff cancel at nine; at five past, the patient's C comes in twice under one id."""
    agree_to_texts(cast.ada)
    series = six(cast)
    go(new_york("2026-04-05 10:00"))
    cancelled = cancel_session(
        series.sessions.get(number=1), actor=cast.as_desk, now=new_york("2026-04-06 09:00")
    )
    react(now=new_york("2026-04-06 09:00"))
    before = list(series.sessions.order_by("number").values_list("status", "version"))
    now = new_york("2026-04-06 09:05")

    for _ in range(2):
        hear(sid="SM1", sender=cast.ada.phone, receiver="+14105550100", body="C", now=now)

    assert InboundText.objects.count() == 1
    assert list(series.sessions.order_by("number").values_list("status", "version")) == before
    answers = [words for kind, words in go(now) if kind == Kind.REPLY]
    assert len(answers) == 1
    assert "cancelled" in answers[0]
    cancelled.refresh_from_db()
    assert cancelled.status == "cancelled"


def test_cancel_by_text_ends_texts_and_asks_the_desk_what_was_meant(cast):
    agree_to_texts(cast.ada)
    series = six(cast)
    go(new_york("2026-04-05 10:00"))
    now = new_york("2026-04-05 11:00")

    hear(sid="SM2", sender=cast.ada.phone, receiver="+14105550100", body="CANCEL", now=now)
    react(now=now)

    assert {session.status for session in series.sessions.all()} == {"booked"}
    assert [task.kind for task in Task.objects.filter(resolved_at__isnull=True)] == ["maybe_cancel"]
    assert not Message.objects.filter(channel=Channel.TEXT, status=Status.PLANNED).exists()
    assert [kind for kind, _ in go(new_york("2026-04-08 10:00"))] == []


def test_a_patient_out_west_is_reminded_when_the_sun_is_up_there(cast):
    Patient.objects.filter(id=cast.ada.id).update(time_zone="America/Los_Angeles")
    cast.ada.refresh_from_db()
    agree_to_texts(cast.ada)
    visit = one(cast, new_york("2026-04-14 10:00"))

    text = Message.objects.get(session=visit, channel=Channel.TEXT, days_before=1)

    assert text.due_at == datetime(2026, 4, 13, 8, tzinfo=LOS_ANGELES)
    go(text.due_at - timedelta(minutes=1))
    (taken,) = [taken for taken in send.take_due(now=text.due_at) if taken.channel == Channel.TEXT]
    ends = text.due_at + timedelta(seconds=taken.letter.valid_for)
    assert ends <= datetime(2026, 4, 13, 21, tzinfo=LOS_ANGELES).astimezone(UTC)


def late_course(cast: Cast, visit: str):
    """A treatment whose only reminder is due at 20:30 on the evening before, at a clinic that is silent from
    eight.
    """
    from notifications.commands.choose import set_policy

    rule = {"kind": "reminder", "channels": ["email", "text"], "days_before": 1, "at": "20:30"}
    ClinicVoice.objects.create(clinic=cast.north, quiet_begins="20:00")
    set_policy(cast.north, rules=[rule], actor=cast.as_manager, now=NOW)
    agree_to_texts(cast.ada)
    return Message.objects.get(session=one(cast, new_york(visit)), channel=Channel.TEXT)


def test_where_evenings_end_at_eight_a_reminder_of_half_past_comes_in_the_morning(cast):
    assert late_course(cast, "2026-04-14 10:00").due_at == new_york("2026-04-14 08:00")


def test_and_on_the_evening_before_where_the_morning_would_be_too_late(cast):
    text = late_course(cast, "2026-04-14 09:00")

    assert text.due_at == new_york("2026-04-13 19:59")
    go(text.due_at - timedelta(minutes=1))
    (taken,) = [taken for taken in send.take_due(now=text.due_at) if taken.channel == Channel.TEXT]
    assert taken.letter.valid_for == 60


def test_how_to_prepare_is_told_with_the_hours_of_that_visit(cast):
    rules = {**KET6, "slug": "fasting", "preparation": {"solids_hours": 6, "clear_fluids_hours": 2}}
    fasting = make_protocol(rules, cast.north, signed_by=cast.prescriber)
    agree_to_texts(cast.ada)
    book_series(
        cast.ada,
        clinic=cast.north,
        protocol=fasting,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )
    react(now=NOW)
    nine = new_york("2026-04-05 09:00")
    go(nine - timedelta(minutes=1))

    (mail,) = send.take_due(now=nine)
    ((_, text),) = go(new_york("2026-04-05 10:00"))

    assert "Monday, April 6, 2026, 4:00 a.m. EDT" in mail.letter.text
    assert "Monday, April 6, 2026, 8:00 a.m. EDT" in mail.letter.text
    assert "How to prepare:" in text
    assert "4:00" not in text
