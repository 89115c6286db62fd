"""A clinic's dates as bit sets, kept per roster."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.bits import positions
from scheduler.spans import Span
from scheduler.supply import Closure, StartStagger
from tests.scheduler.harbor import NORTH, at

TUESDAY = date(2026, 4, 14)


def clock(window, bits):
    return [window.start + minute for minute in positions(bits)]


def test_a_window_holds_the_date_and_the_longest_visit_that_starts_on_it():
    window = NORTH.window(TUESDAY, 150)
    assert (window.start, window.end) == (at("2026-04-14 00:00"), at("2026-04-15 00:00"))
    assert window.reach >= 150
    assert clock(window, window.open) == list(range(at("2026-04-14 08:00"), at("2026-04-14 17:00")))
    assert [len(clock(window, level)) for level in window.nurses] == [
        540,
        510,
    ]  # two nurses until 16:30, then Ben


def test_a_visit_longer_than_a_day_finds_its_window_long_enough():
    assert NORTH.window(TUESDAY, 3000).length >= 24 * 60 + 3000


def test_a_closure_shuts_the_clinic_or_one_chair():
    shut, out = (
        Span(at("2026-04-14 12:00"), at("2026-04-14 13:00")),
        Span(at("2026-04-14 09:00"), at("2026-04-14 09:30")),
    )
    window = replace(NORTH, closures=(Closure(shut), Closure(out, chair="n2"))).window(TUESDAY, 150)
    assert clock(window, window.hours & ~window.open) == list(range(shut.start, shut.end))
    assert {chair: clock(window, bits) for chair, bits in window.out.items()} == {
        "n2": list(range(out.start, out.end))
    }


def test_windows_are_kept_and_never_shared_with_another_roster():
    window = NORTH.window(TUESDAY, 150)
    assert NORTH.window(TUESDAY, 150) is window
    elsewhere = replace(NORTH, shifts=())
    assert elsewhere.window(TUESDAY, 150).nurses == ()
    assert NORTH.window(TUESDAY, 150) is window


def test_a_reader_of_far_off_dates_does_not_fill_the_memory():
    supply = replace(NORTH, hours=())
    for days in range(2_100):
        supply.window(TUESDAY + timedelta(days=days), 150)
    assert len(supply._days) <= 2_000


def test_a_stagger_of_no_starts_is_refused():
    with pytest.raises(ValueError, match="closure"):
        StartStagger(0, 15)
