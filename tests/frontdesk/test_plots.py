"""Bars as geometry: heights to scale, upon one another, with round steps beside them."""

from __future__ import annotations

import pytest

from bookings.frontdesk.figures.plots import Plot, stacked


def words(plot: Plot) -> list[str]:
    return [row.text for row in plot.rows]


def test_bars_stand_on_the_ground_and_their_heights_are_to_scale():
    plot = stacked(["08:00", "08:15"], [("a", "visits", [1, 4])])

    assert [bar.y + bar.height for bar in plot.bars] == [plot.bottom, plot.bottom]
    assert plot.bars[1].height == 4 * plot.bars[0].height
    assert plot.bars[1].says == "08:15: visits 4"


def test_a_part_stands_upon_the_one_before_and_nothing_is_no_bar():
    plot = stacked(["x"], [("a", "first", [3]), ("b", "none", [0]), ("bad", "last", [2])])

    first, last = plot.bars
    assert (first.kind, last.kind) == ("a", "bad")
    assert last.y + last.height == first.y


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (5, ["0", "1", "2", "3", "4", "5"]),
        (6, ["0", "2", "4", "6"]),
        (11, ["0", "5", "10", "15"]),
        (26, ["0", "10", "20", "30"]),
        (12.5, ["0", "5", "10", "15"]),
        (101, ["0", "50", "100", "150"]),
    ],
)
def test_steps_are_round_and_reach_the_highest(most, steps):
    plot = stacked(["x"], [("a", "n", [most])])

    assert words(plot) == steps
    assert all(bar.y >= plot.top for bar in plot.bars)


def test_a_unit_follows_every_number():
    plot = stacked(["x"], [("a", "used", [12.34])], unit=" %")

    assert (words(plot)[-1], plot.bars[0].says) == ("15 %", "x: used 12.3 %")


@pytest.mark.parametrize(("count", "shown"), [(16, 16), (17, 9), (366, 16)])
def test_words_below_stay_few_enough_to_be_read(count, shown):
    assert len(stacked(["d"] * count, [("a", "n", [1.0] * count)]).columns) == shown


def test_nothing_to_show_is_an_empty_frame():
    assert stacked([], [("a", "n", [])]).bars == ()


def test_a_mark_stands_in_the_middle_of_its_bar():
    plot = stacked(["2", "3"], [("a", "gaps", [1, 1])], marks=[(1, "target", "target")])

    assert plot.marks[0].x == plot.bars[1].x + plot.bars[1].width / 2
