"""Where the rolling limit lets a place be next, found by spans as by looking at minute after minute."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.chain import Chain
from scheduler.protocol import RollingLimit, Spacing
from scheduler.spans import instant
from tests.scheduler.worlds import NEW_YORK, ask, at, protocol, session

BEGIN = at("2026-04-06 08:00")
HOURS = st.integers(0, 9 * 24).map(lambda hours: BEGIN + 60 * hours)


def booked(number: int, start: int) -> object:
    local = instant(start).astimezone(NEW_YORK)
    return session(number, f"{local:%Y-%m-%d %H:%M}")


@given(
    st.lists(HOURS, max_size=5),
    st.lists(HOURS, max_size=3),
    HOURS,
    st.builds(RollingLimit, st.integers(1, 3), st.integers(1, 3)),
)
def test_the_next_start_under_the_rolling_limit_is_the_first_that_is_judged_to_keep_it(
    marks: list[int], places: list[int], start: int, limit: RollingLimit
) -> None:
    case = ask(
        treatment=protocol(Spacing(rolling_limit=limit)),
        booked=tuple(booked(number, mark) for number, mark in enumerate(sorted(marks), start=1)),
        series="own",
    )
    chain = Chain(case, earliest=instant(BEGIN).date() - timedelta(days=1))
    earlier = tuple(sorted(one for one in places if one < start))[-limit.sessions :]
    step = 60  # all is on whole hours, and a limit counts whole days
    found = next(one for one in range(start, start + 60 * 24 * 60, step) if chain.keeps_rolling(earlier, one))
    assert chain.clear_of_rolling(earlier, start) == found
