"""Runs side by side: what each figure is in each arm, and how far that is from the arm with everything on.

Every arm has lived the same luck, so differences are taken seed by seed, or person by person, before they are
averaged: what one year or person differs from another by does not blur them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from bookings.simulation.world import BASE

#: Two-sided 95 % quantiles of Student's t by degrees of freedom.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145)
_T_OF_MANY = 2.13  # of fifteen degrees; wider than need be for more


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation: its arm, its seed, and what it found, as in the files of `simulate`."""

    arm: str
    seed: int
    found: Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """One figure of a run: how to find it, and how it is written.

    What is known of each person, by the name `each`, is compared person by person, and else run by run. Where
    a run has not counted that, or what the figure `needs`, the figure is left out.
    """

    name: str
    of: Callable[[Mapping[str, Any]], float]
    unit: str = ""
    digits: int = 1
    each: str = ""
    needs: str = ""

    def write(self, value: float) -> str:
        """The value with its unit."""
        return f"{value:,.{self.digits}f}{self.unit}"


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of differences pair by pair, and half the width of its 95 % interval (None for one pair)."""

    mean: float
    margin: float | None


def _share(part: str, whole: str) -> Callable[[Mapping[str, Any]], float]:
    return lambda found: 100 * found[part] / found[whole] if found[whole] else 0.0


def _count(name: str, *of: str) -> Callable[[Mapping[str, Any]], float]:
    """All that is counted under that name, or those kinds of it alone."""
    return lambda found: float(sum(n for kind, n in found[name].items() if not of or kind in of))


def _each(name: str) -> Callable[[Mapping[str, Any]], float]:
    """The mean over those of whom it is known."""
    return lambda found: fmean([one[name] for one in found["people"].values() if name in one] or [0.0])


def _messages(*statuses: str) -> Callable[[Mapping[str, Any]], float]:
    return lambda found: float(
        sum(n for of in found["messages"].values() for status, n in of.items() if status in statuses)
    )


MEASURES = (
    Measure("chair time used", lambda found: 100 * (found["fill"] or 0), " %"),
    Measure("visits given", lambda found: found["visits"], digits=0),
    Measure("first courses given whole", _each("whole"), " %", each="whole"),
    Measure("visits given of first courses", _each("given"), " %", each="given"),
    Measure("visits given, a person", _each("visits"), digits=2, each="visits"),
    Measure("days to the first visit", _each("wait"), each="wait"),
    Measure("went elsewhere", _share("elsewhere", "asked"), " %"),
    Measure("freed places used again", _share("places used again", "places freed"), " %"),
    Measure(
        "freed chair time used again",
        _share("minutes used again", "minutes freed"),
        " %",
        needs="minutes freed",
    ),
    Measure("gaps past the soft bound", _share("gaps past soft", "gaps"), " %"),
    Measure("gaps past the hard bound", lambda found: found["gaps past hard"], digits=0),
    Measure("courses marked as lapsed", lambda found: found["lapsed"], digits=0),
    Measure("broken rules", lambda found: found["broken rules"], digits=0),
    Measure("most set-ups at one time, by day", lambda found: found["set-ups at once"], digits=2),
    Measure(
        "starts in the busiest quarter, by day",
        lambda found: found["starts in the busiest quarter"],
        digits=2,
        needs="set-ups",
    ),
    Measure(
        "minutes waited for a nurse",
        lambda found: found["minutes waited for a nurse"],
        digits=2,
        needs="set-ups",
    ),
    Measure(
        "kept waiting for more than 10 minutes",
        _share("set-ups kept waiting", "set-ups"),
        " %",
        needs="set-ups",
    ),
    Measure("offers made", _count("offers"), digits=0),
    Measure("offers accepted", _count("offers", "accepted"), digits=0),
    Measure("tasks", _count("tasks"), digits=0),
    Measure("calls of the desk", _count("calls"), digits=0),
    Measure("messages sent", _messages("sent"), digits=0, needs="messages"),
)


def means(runs: Sequence[Run], measure: Measure) -> dict[str, float]:
    """The mean of a figure in each arm."""
    arms = dict.fromkeys(one.arm for one in runs)
    return {arm: fmean(measure.of(one.found) for one in runs if one.arm == arm) for arm in arms}


def difference(runs: Sequence[Run], measure: Measure, *, arm: str, base: str = BASE) -> Difference | None:
    """How far the arm is from the base, over the people or the seeds that both have; None where there are
    none.
    """
    mine, theirs = (_values(runs, measure, arm=one) for one in (arm, base))
    pairs = [mine[key] - theirs[key] for key in sorted(mine.keys() & theirs.keys())]
    if not pairs:
        return None
    if len(pairs) == 1:
        return Difference(pairs[0], None)
    degrees = len(pairs) - 1
    quantile = _T[degrees - 1] if degrees <= len(_T) else _T_OF_MANY
    return Difference(fmean(pairs), quantile * stdev(pairs) / sqrt(len(pairs)))


def _values(runs: Sequence[Run], measure: Measure, *, arm: str) -> dict[tuple[int, str], float]:
    """The figure of that arm by seed and person, or by seed."""
    found: dict[tuple[int, str], float] = {}
    for run in (one for one in runs if one.arm == arm):
        if measure.each:
            people = run.found["people"].items()
            found |= {(run.seed, who): one[measure.each] for who, one in people if measure.each in one}
        else:
            found[run.seed, ""] = measure.of(run.found)
    return found


def rows(runs: Sequence[Run]) -> list[list[str]]:
    """The table, its first row being the header: each figure with everything on, then in each other arm with
    the difference.
    """
    others = [arm for arm in dict.fromkeys(one.arm for one in runs) if arm != BASE]
    table = [["", BASE, *others]]
    for measure in MEASURES:
        if not all(_is_known(measure, one.found) for one in runs):
            continue
        found = means(runs, measure)
        row = [measure.name, measure.write(found[BASE]) if BASE in found else "–"]
        for arm in others:
            apart = difference(runs, measure, arm=arm)
            row.append(f"{measure.write(found[arm])}{_apart(measure, apart)}")
        table.append(row)
    return table


def _is_known(measure: Measure, found: Mapping[str, Any]) -> bool:
    if measure.each:
        return any(measure.each in one for one in found["people"].values())
    return not measure.needs or bool(found.get(measure.needs))


def _apart(measure: Measure, apart: Difference | None) -> str:
    if apart is None:
        return ""
    margin = "" if apart.margin is None else f" ± {apart.margin:.{measure.digits}f}"
    return f" ({apart.mean:+.{measure.digits}f}{margin})"
