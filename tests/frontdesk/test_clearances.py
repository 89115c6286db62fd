"""Clearances at the desk: seen by all staff, granted by a prescriber."""

from __future__ import annotations

import pytest

from bookings.models import Clearance, SeriesStatus
from tests.bookings.scenes import book_ket6
from tests.frontdesk.conftest import said, words

pytestmark = pytest.mark.django_db(transaction=True)


def page_of(patient) -> str:
    return f"/desk/north/patients/{patient.id}/clearances/"


def six(cast, **changes: str) -> dict[str, str]:
    return {"protocol": str(cast.ket6.id), "sessions": "6", "expires": "2026-06-30", **changes}


def test_a_clearance_sets_a_waiting_series_going(cast, prescriber):
    series = book_ket6(cast)
    series.status = SeriesStatus.REQUESTED
    series.save()

    shown = prescriber.get(page_of(cast.ada))
    answer = prescriber.post(f"{page_of(cast.ada)}grant/", six(cast))

    assert shown.context["form"].initial == {"protocol": str(cast.ket6.id), "sessions": 6}
    assert said(answer) == ["Cleared. 1 series goes on under it."]
    series.refresh_from_db()
    assert series.status == SeriesStatus.ACTIVE
    assert Clearance.objects.get().granted_by == cast.prescriber


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"sessions": "0"}, "sessions"),
        ({"sessions": "1001"}, "sessions"),
        ({"expires": "2026-03-31"}, "expires"),
        ({"expires": "soon"}, "expires"),
        ({"protocol": "nothing"}, "protocol"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_marked_and_nothing_is_granted(cast, prescriber, change, at):
    answer = prescriber.post(f"{page_of(cast.ada)}grant/", six(cast, **change))

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [at])
    assert Clearance.objects.count() == 0


@pytest.mark.parametrize("day", ["2026-04-01", "2026-04-02"])
def test_it_may_expire_today_or_later(cast, prescriber, day):
    assert prescriber.post(f"{page_of(cast.ada)}grant/", six(cast, expires=day)).status_code == 302


def test_the_front_desk_reads_and_does_not_grant(cast, desk):
    page = desk.get(page_of(cast.ada))

    assert "Only a prescriber grants a clearance." in words(page)
    assert desk.post(f"{page_of(cast.ada)}grant/", six(cast)).status_code == 403
