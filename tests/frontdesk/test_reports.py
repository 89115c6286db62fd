"""Reports at the desk: the numbers of the API, as a plot and as a table beside it."""

from __future__ import annotations

import pytest

from bookings.commands.attend import miss_session
from tests.bookings.scenes import book_ket6, session
from tests.cast import MONDAYS_AND_THURSDAYS
from tests.frontdesk.conftest import at_the_desk, words

pytestmark = pytest.mark.django_db(transaction=True)

APRIL = {"from": "2026-04-01", "to": "2026-04-30"}
REPORTS = ("", "starts/", "levelling/", "no-shows/", "gaps/", "messages/")


def figures(answer):
    return answer.context["figures"]


def test_each_number_of_a_plot_is_in_the_table_beside_it(cast, desk):
    book_ket6(cast)

    [starts] = figures(desk.get("/desk/north/reports/starts/", APRIL))
    [gaps] = figures(desk.get("/desk/north/reports/gaps/", APRIL))

    assert [bar.says for bar in starts.plot.bars] == ["10:00: visits 6"]
    assert list(starts.rows) == [("10:00", 6, 1)]
    assert [bar.says for bar in gaps.plot.bars] == ["3: within the bounds 3", "4: within the bounds 2"]
    assert list(gaps.rows) == [(3, 3, "on target"), (4, 2, "")]


def test_chairs_and_nurses_by_date(cast, desk):
    book_ket6(cast)

    chairs, nurses = figures(desk.get("/desk/north/reports/", {"from": "2026-04-06", "to": "2026-04-06"}))

    assert list(chairs.rows) == [("Mon 6 Apr 2026", "27.0", "2.5", "9%", "0.0")]
    assert list(nurses.rows) == [("Mon 6 Apr 2026", "17.5", "1.9", "11%", 0)]
    assert chairs.says == "9% of 27.0 open chair hours were used."


def test_who_did_not_come(cast, desk):
    first = session(book_ket6(cast), 1)
    miss_session(first, actor=cast.as_desk, now=MONDAYS_AND_THURSDAYS[0].replace(hour=11))

    page = words(desk.get("/desk/north/reports/no-shows/", APRIL))

    assert "1 of 1 did not come: 100%." in page


@pytest.mark.parametrize("report", REPORTS)
def test_without_dates_it_is_the_last_four_weeks(cast, desk, report):
    period = desk.get(f"/desk/north/reports/{report}").context["period"]

    assert (period.first.isoformat(), period.last.isoformat()) == ("2026-03-05", "2026-04-01")


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    "dates",
    [
        {"from": "2026-04-02", "to": "2026-04-01"},
        {"from": "2025-01-01", "to": "2026-01-02"},
        {"from": "today"},
        {"from": "0001-01-01", "to": "0001-01-02"},
    ],
)
def test_dates_that_make_no_sense_are_told_and_the_usual_ones_shown(cast, desk, report, dates):
    answer = desk.get(f"/desk/north/reports/{report}", dates)

    assert answer.status_code == 400
    assert "These are the last four weeks." in words(answer)


@pytest.mark.parametrize("report", REPORTS)
def test_reports_are_for_those_who_run_the_clinic(cast, clock, report):
    people = (cast.desk, cast.manager, cast.ana, cast.prescriber)
    answers = [at_the_desk(one).get(f"/desk/north/reports/{report}").status_code for one in people]

    assert answers == [200, 200, 403, 403]


@pytest.mark.parametrize("report", REPORTS)
def test_no_style_stands_in_the_page(cast, desk, report):
    book_ket6(cast)

    page = desk.get(f"/desk/north/reports/{report}", APRIL).content.decode()

    assert ("style=" in page, "<style" in page) == (False, False)
