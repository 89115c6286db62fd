"""Reports: figures about a period of a clinic."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.commands.attend import check_in_session, miss_session
from bookings.models import Clinic
from notifications.models import Message
from tests.api.counting import statements
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_patient, new_york

APRIL = {"clinic": "north", "from": "2026-04-01", "to": "2026-04-30"}
MONDAY = {"clinic": "north", "from": "2026-04-06", "to": "2026-04-06"}
REPORTS = ("utilisation", "starts", "no-shows", "gaps", "levelling", "messages")


def test_utilisation_by_date_and_in_all(manager, cast):
    book_one(cast, new_york("2026-04-06 10:00"))

    used = {
        "chairs_open": 1620,
        "chairs_used": 150,
        "chairs_beyond": 0,
        "chairs_share": 150 / 1620,
        "nurses_on_duty": 1050,
        "nurses_needed": 115,
        "nurses_share": 115 / 1050,
        "short": 0,
    }
    assert manager.get("reports/utilisation/", **MONDAY).json() == {
        "total": used,
        "days": [{"date": "2026-04-06", **used}],
    }


def test_starts_by_quarter(desk, cast):
    book_ket6(cast)

    assert desk.get("reports/starts/", **APRIL).json() == {
        "days": 6,
        "visits": 6,
        "quarters": [{"begins": "10:00", "visits": 6, "most": 1}],
    }


def test_levelling_without_a_template(desk, cast):
    book_one(cast, new_york("2026-04-06 10:00"))

    answer = desk.get("reports/levelling/", **MONDAY).json()

    assert (answer["template"], answer["mean_set_ups"]) == (None, 1.0)
    assert answer["days"] == [{"date": "2026-04-06", "visits": 1, "set_ups": 1, "chairs": 1}]
    first = {"begins": "10:00", "visits": 1, "opened": None, "beyond": None, "chairs": 1.0}
    assert [answer["quarters"][0], len(answer["quarters"])] == [first, 10]


def test_no_shows_by_lead(desk, cast):
    series = book_ket6(cast)
    check_in_session(session(series, 1), actor=cast.as_desk, now=MONDAYS_AND_THURSDAYS[0])
    miss_session(session(series, 2), actor=cast.as_desk, now=MONDAYS_AND_THURSDAYS[1] + timedelta(minutes=15))

    answer = desk.get("reports/no-shows/", **APRIL).json()

    total = {"from_days": 0, "to_days": None, "came": 1, "missed": 1, "share": 0.5}
    assert answer["total"] == total
    assert [
        (one["from_days"], one["came"], one["missed"]) for one in answer["leads"] if one["share"] is not None
    ] == [
        (4, 1, 0),
        (8, 0, 1),
    ]


def test_gaps_by_phase(desk, cast):
    book_ket6(cast)

    assert desk.get("reports/gaps/", **APRIL).json()["phases"] == [
        {
            "protocol": "ket6",
            "phase": "induction",
            "target_gap_days": 3,
            "soft_max_gap_days": 7,
            "max_gap_days": 14,
            "count": 5,
            "on_target": 3,
            "past_soft": 0,
            "past_hard": 0,
            "mean": 3.4,
            "median": 3,
            "by_days": [{"days": 3, "count": 3}, {"days": 4, "count": 2}],
        }
    ]


def message(series, key, **more):
    facts = {"kind": "reminder", "channel": "email", "due_at": NOW, "status": "planned", **more}
    return Message.objects.create(
        key=key, series=series, expires_at=NOW + timedelta(days=1), created_at=NOW, **facts
    )


def test_messages_by_what_became_of_them(desk, cast):
    series, elsewhere = (
        book_ket6(cast),
        book_one(cast, new_york("2026-04-06 13:00"), clinic=cast.west, patient=cast.bea),
    )
    message(series, "a", status="sent", sent_at=NOW)
    message(series, "b", status="delivered", sent_at=NOW)
    message(series, "c", status="failed", channel="text", reason="no such number")
    message(series, "d", due_at=new_york("2026-04-30 23:59"))
    message(series, "e", due_at=new_york("2026-05-01 00:00"))
    message(elsewhere.series, "f")

    assert desk.get("reports/messages/", **APRIL).json() == {
        "results": [
            {
                "kind": "reminder",
                "channel": "email",
                "count": 3,
                "went_out": 2,
                "by_status": {"sent": 1, "delivered": 1, "planned": 1},
            },
            {"kind": "reminder", "channel": "text", "count": 1, "went_out": 0, "by_status": {"failed": 1}},
        ],
        "reasons": [{"channel": "text", "status": "failed", "reason": "no such number", "count": 1}],
    }


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_takes_as_many_statements_for_three_series_as_for_one(desk, cast, report):
    book_ket6(cast)
    desk.get(f"reports/{report}/", **APRIL)
    one = statements(lambda: desk.get(f"reports/{report}/", **APRIL))
    for name, hours in (("Dora", 1), ("Eli", 2)):
        starts = [start + timedelta(hours=hours) for start in MONDAYS_AND_THURSDAYS]
        book_ket6(cast, patient=make_patient(name, "Vale", number=10 + hours), starts=starts)

    assert statements(lambda: desk.get(f"reports/{report}/", **APRIL)) == one


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"from": "2026-05-01"}, "to"),
        ({"from": "2025-04-29"}, "to"),
        ({"to": "tomorrow"}, "to"),
        ({"clinic": ""}, "clinic"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(desk, report, changed, field):
    answer = desk.get(f"reports/{report}/", **{**APRIL, **changed})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("report", REPORTS)
def test_a_year_is_fine_and_another_clinic_is_not_there(desk, cast, report):
    Clinic.objects.create(slug="east", name="East", time_zone="America/New_York")

    assert desk.get(f"reports/{report}/", **{**APRIL, "from": "2025-04-30"}).status_code == 200
    assert desk.get(f"reports/{report}/", **{**APRIL, "clinic": "east"}).status_code == 404
