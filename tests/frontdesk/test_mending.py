"""What would mend one series: shown with its task, and carried out with one press."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from bookings.commands.cancel import cancel_session
from bookings.commands.watching import watch_series
from bookings.models import Series
from tests.api.conftest import Clock
from tests.bookings.missing import NOW_THEN, miss_third, series_that
from tests.bookings.repair_scenes import april, close_monday, places_of, three_series
from tests.bookings.scenes import session
from tests.cast import NOW, Cast
from tests.frontdesk.conftest import said, words

pytestmark = pytest.mark.django_db(transaction=True)
TASKS = "/desk/north/tasks/"


@pytest.fixture
def ada(cast: Cast) -> Series:
    """Ada's course, the third visit of which is on a day that was closed since."""
    made, *_others = three_series(cast)
    close_monday(cast)
    watch_series([made.id], now=NOW)
    return made


def form(desk: Client) -> dict[str, str]:
    """What the one press sends."""
    page = desk.get(TASKS).content.decode()
    found = re.search(r"<form[^>]*/mend/.*?</form>", page, re.DOTALL)
    assert found is not None
    return dict(re.findall(r'name="(version|resume|to-\d+)" value="([^"]*)"', found[0]))


def test_one_press_moves_the_visits_to_where_the_task_showed_them(desk: Client, ada: Series):
    shown = form(desk)
    (to,) = (value for name, value in shown.items() if name == "to-3")

    after = desk.post(f"/desk/north/series/{ada.id}/mend/", shown)

    assert said(after) == ["The visits are at their new times."]
    assert session(ada, 3).start == type(NOW).fromisoformat(to)
    watch_series([ada.id], now=NOW)
    assert ada.tasks.filter(resolved_at=None).count() == 0
    assert "Move so" not in words(desk.get(TASKS))


def test_the_second_of_two_who_press_is_told(desk: Client, ada: Series):
    shown = form(desk)

    assert [desk.post(f"/desk/north/series/{ada.id}/mend/", shown).status_code for _ in range(2)] == [
        302,
        412,
    ]


def test_what_no_longer_keeps_the_rules_is_refused_and_everything_stays(desk: Client, ada: Series):
    before = places_of(ada)

    closed = desk.post(f"/desk/north/series/{ada.id}/mend/", {"to-3": april("13 11:00").isoformat()})
    senseless = desk.post(f"/desk/north/series/{ada.id}/mend/", {"to-3": "soon"})
    nothing = desk.post(f"/desk/north/series/{ada.id}/mend/")

    assert [one.status_code for one in (closed, senseless, nothing)] == [422, 400, 400]
    assert places_of(ada) == before


def test_one_press_begins_a_phase_anew_after_a_missed_visit(cast: Cast, desk: Client, clock: Clock):
    series = series_that(cast, "restart")
    for number in (4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=NOW)
    miss_third(cast, series)
    clock.set(NOW_THEN)

    after = desk.post(f"/desk/north/series/{series.id}/mend/", form(desk))

    assert said(after) == ["The visits are at their new times."]
    assert Series.objects.exclude(id=series.id).get().sessions.count() == 6
