"""What tests of the watch have in common: a series, its visits, and the tasks that are open for it."""

from datetime import datetime, timedelta

from bookings.commands.attend import (
    check_in_session,
    complete_session,
    miss_session,
    recover_session,
    start_session,
)
from bookings.commands.book import book_series
from bookings.commands.watching import watch_series
from bookings.models import Series, Session
from bookings.watchlist import watched
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, Cast, new_york


def book(cast: Cast, *, protocol=None, patient=None, starts=None) -> Series:
    return book_series(
        patient or cast.ada,
        clinic=cast.north,
        protocol=protocol or cast.ket6,
        starts=starts or MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )


def watch_all(*, now: datetime) -> None:
    """Have everything looked at that is ever looked at."""
    watch_series(watched(now=now).values_list("id", flat=True).distinct(), now=now)


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    return new_york(f"2026-04-{day:02} {hour:02}:{minute:02}")


def attend(cast: Cast, session: Session) -> None:
    """The whole visit, from check-in to the way home."""
    for verb, minutes in ((check_in_session, 0), (start_session, 30), (recover_session, 70)):
        verb(session, actor=cast.as_nurse, now=session.start + timedelta(minutes=minutes))
    complete_session(session, escort=True, actor=cast.as_nurse, now=session.start + timedelta(minutes=130))


def miss(cast: Cast, session: Session) -> None:
    miss_session(session, actor=cast.as_desk, now=session.start + timedelta(minutes=15))


def miss_the_third(cast: Cast, series: Series) -> None:
    """The patient comes twice, and then not."""
    for number in (1, 2):
        attend(cast, session(series, number))
    miss(cast, session(series, 3))


def session(series: Series, number: int) -> Session:
    return series.sessions.get(number=number)


def open_tasks(series: Series) -> list[tuple[str, int | None, str]]:
    tasks = (
        series.tasks.filter(resolved_at=None).select_related("session").order_by("session__number", "kind")
    )
    return [(task.kind, task.session and task.session.number, task.detail) for task in tasks]
