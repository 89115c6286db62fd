"""Integers as sets of minutes, against sets."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.bits import between, erode, ones, positions, tally, thermometer

bits = st.integers(0, ones(60))


@given(bits, st.integers(1, 20))
def test_erode_keeps_the_minutes_that_begin_a_long_enough_run(some: int, minutes: int) -> None:
    held = set(positions(some))
    assert set(positions(erode(some, minutes))) == {at for at in held if held >= set(range(at, at + minutes))}


@given(st.lists(bits, max_size=6))
def test_a_thermometer_counts(sets: list[int]) -> None:
    levels = thermometer(sets)
    for minute in range(60):
        count = sum(held >> minute & 1 for held in sets)
        assert [level >> minute & 1 for level in levels] == [count > j for j in range(len(levels))]
    assert all(levels)


@given(
    st.lists(bits, max_size=20), bits, st.sampled_from([ones(60), sum(1 << at for at in range(0, 60, 15))])
)
def test_a_tally_counts_the_sets_on_fine_grids_and_on_coarse(sets: list[int], at: int, grid: int) -> None:
    asked = at & grid
    assert list(tally(sets, asked)) == [
        (minute, sum(held >> minute & 1 for held in sets)) for minute in positions(asked)
    ]


@given(st.integers(-10, 70), st.integers(-10, 70))
def test_between_is_cut_to_the_window(start: int, end: int) -> None:
    assert list(positions(between(start, end, length=60))) == [at for at in range(60) if start <= at < end]
