"""What tests of telling have in common: a booking, and what has been written about it."""

from datetime import datetime, timedelta

from bookings.commands.book import book_series
from bookings.models import Session
from notifications.kinds import Kind
from notifications.models import Message
from tests.cast import MONDAYS_AND_THURSDAYS, NOW

LATER = NOW + timedelta(hours=1)


def count(**which) -> int:
    return Message.objects.filter(**which).count()


def notices() -> list[tuple[str, str]]:
    return list(Message.objects.exclude(kind=Kind.REMINDER).order_by("id").values_list("kind", "status"))


def reminders_of(session) -> list[tuple[int, str, datetime]]:
    rows = Message.objects.filter(kind=Kind.REMINDER, session=session).order_by("due_at", "id")
    return list(rows.values_list("days_before", "status", "due_at"))


def book_six(cast, patient, *, hours_later: int):
    return book_series(
        patient,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=[start + timedelta(hours=hours_later) for start in MONDAYS_AND_THURSDAYS],
        actor=cast.as_desk,
        now=NOW,
    )


def session(series, number: int) -> Session:
    return series.sessions.get(number=number)
