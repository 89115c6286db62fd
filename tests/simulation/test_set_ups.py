"""Patients who wait for a nurse, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.simulation.set_ups import SetUp, waits


def at(minute: int, *, takes: int = 15) -> SetUp:
    return SetUp(datetime(2026, 4, 6, 12, tzinfo=UTC) + timedelta(minutes=minute), timedelta(minutes=takes))


def minutes(set_ups: list[SetUp], nurses: int) -> list[float]:
    return [wait.total_seconds() / 60 for wait in waits(set_ups, nurses=nurses)]


@pytest.mark.parametrize(
    ("set_ups", "nurses", "expected"),
    [
        ([at(0), at(15)], 1, [0, 0]),
        ([at(0), at(14)], 1, [0, 1]),
        ([at(0, takes=40), at(15), at(30)], 1, [0, 25, 25]),
        ([at(0, takes=40), at(15), at(30)], 2, [0, 0, 0]),
        ([at(0), at(0), at(0)], 2, [0, 0, 15]),
        ([at(30), at(0)], 1, [0, 0]),
        ([], 1, []),
    ],
    ids=[
        "one after another",
        "a minute too near",
        "one that takes long delays all that follow",
        "unless there is another nurse",
        "three at once for two nurses",
        "whoever is ready first is first",
        "a day without visits",
    ],
)
def test_whoever_is_ready_waits_until_a_nurse_is_free(set_ups, nurses, expected):
    assert minutes(set_ups, nurses) == expected
