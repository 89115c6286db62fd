"""What is counted in each state of a visit, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.commands import attend
from tests.bookings.scenes import book_ket6, session
from tests.frontdesk.conftest import HTMX, at_the_desk

pytestmark = pytest.mark.django_db(transaction=True)

AT_TEN = datetime(2026, 4, 6, 14, 0, tzinfo=UTC)
LATE = timedelta(minutes=25)


def timer(cast) -> tuple[str, timedelta | None]:
    """As somebody sees it who signs in just now; the time counted from ten o'clock."""
    (row,) = at_the_desk(cast.desk).get("/desk/north/day.json?date=2026-04-06").json()["visits"]
    return row["timer_kind"], datetime.fromisoformat(row["timer"]) - AT_TEN if row["timer"] else None


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def test_each_state_counts_from_when_it_really_began(cast, clock):
    """KET6: check-in 15, set-up 15, infusion 40, recovery 60. Somebody who comes 25 minutes late is observed
    for all of the hour.
    """
    visit = session(book_ket6(cast), 1)
    clock.set(AT_TEN - minutes(20))
    seen = [timer(cast)]
    for wait, command in (
        (LATE, attend.check_in_session),
        (minutes(30), attend.start_session),
        (minutes(45), attend.recover_session),
    ):
        clock.set(clock.now + wait)
        command(visit, actor=cast.as_nurse, now=clock.now)
        seen.append(timer(cast))
    clock.set(clock.now + minutes(60))
    attend.complete_session(visit, escort=True, actor=cast.as_nurse, now=clock.now)
    seen.append(timer(cast))

    assert seen == [
        ("start", minutes(0)),
        ("wait", minutes(30)),
        ("infusion", minutes(35 + 40)),
        ("recovery", minutes(80 + 60)),
        ("", None),
    ]


def test_a_step_taken_back_counts_from_the_first_time(cast, clock):
    visit = session(book_ket6(cast), 1)
    clock.set(AT_TEN)
    for command in (
        attend.check_in_session,
        attend.start_session,
        attend.recover_session,
        attend.undo_session,
    ):
        command(visit, actor=cast.as_nurse, now=clock.now)
        clock.forward(minutes=10)

    assert timer(cast) == ("infusion", minutes(10 + 40))


def test_the_panel_says_from_when_on_nobody_is_waited_for(cast, desk, clock):
    visit = session(book_ket6(cast), 1)
    path = f"/desk/north/visits/{visit.id}/"
    clock.set(AT_TEN)

    assert "from 10:15 on, if nobody comes" in desk.get(path, headers=HTMX).content.decode()
    clock.forward(minutes=14, seconds=59)
    assert desk.post(f"{path}no-show/").status_code == 409
    clock.forward(seconds=1)
    assert desk.post(f"{path}no-show/").status_code == 302
