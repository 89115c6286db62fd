"""Bars as geometry, pure: from numbers to rectangles and words in the units of an SVG's viewBox.

Colours are classes of desk.css, since no style may stand in a page. A plot never stands alone: whoever
shows one puts a table with the same numbers beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

WIDTH, HEIGHT = 800, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 12, 34
_MOST_LABELS = 16
_WIDEST = 56
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, its class, and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word at a place of its axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the plot at a place of the horizontal axis, with its word."""

    x: float
    kind: str
    text: str


@dataclass(frozen=True)
class Plot:
    """A finished drawing."""

    bars: tuple[Bar, ...]
    rows: tuple[Label, ...]  # of the vertical axis
    columns: tuple[Label, ...]  # of the horizontal axis
    marks: tuple[Mark, ...]
    legend: tuple[tuple[str, str], ...]  # kind, word
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def stacked(
    labels: Sequence[str],
    parts: Sequence[tuple[str, str, Sequence[float]]],
    *,
    unit: str = "",
    marks: Sequence[tuple[int, str, str]] = (),
) -> Plot:
    """Bars side by side, each of the `parts` (kind, word, a number for each label) upon the one before.

    `marks` are (place of a label, kind, word). `unit` follows every number.
    """
    totals = [sum(values) for values in zip(*(values for _, _, values in parts), strict=True)]
    ticks = _ticks(max(totals, default=0))
    scale = (HEIGHT - _TOP - _BOTTOM) / ticks[-1]
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    width = min(_WIDEST, step * 0.8)
    bars, heights = [], [0.0] * len(labels)
    for kind, word, values in parts:
        for place, value in enumerate(values):
            if value:
                heights[place] += value * scale
                bars.append(
                    Bar(
                        x=round(_LEFT + step * (place + 0.5) - width / 2, 2),
                        y=round(HEIGHT - _BOTTOM - heights[place], 2),
                        width=round(width, 2),
                        height=round(value * scale, 2),
                        kind=kind,
                        says=f"{labels[place]}: {word} {_number(value)}{unit}",
                    )
                )
    every = -(-len(labels) // _MOST_LABELS) or 1
    return Plot(
        bars=tuple(bars),
        rows=tuple(
            Label(round(HEIGHT - _BOTTOM - tick * scale, 2), f"{_number(tick)}{unit}") for tick in ticks
        ),
        columns=tuple(
            Label(round(_LEFT + step * (place + 0.5), 2), text)
            for place, text in enumerate(labels)
            if place % every == 0
        ),
        marks=tuple(Mark(round(_LEFT + step * (place + 0.5), 2), kind, word) for place, kind, word in marks),
        legend=tuple((kind, word) for kind, word, _ in parts),
    )


def _ticks(most: float) -> list[float]:
    """From 0 in five round steps at most to the first that is no less than `most`."""
    size = 1
    while True:
        for step in _STEPS:
            if most <= 5 * step * size:
                enough = max(1, ceil(most / (step * size)))
                return [step * size * count for count in range(enough + 1)]
        size *= 10


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
