"""Writes the figures and pictures of docs/simulation.md from the files of `make simulate`.

    python -m bench.simulation [WEEKS [FOLDER]]

Nothing is simulated here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from bookings.simulation.comparing import BASE, MEASURES, Measure, Run, difference, rows

CHECKOUT = Path(__file__).resolve().parent.parent
BEGINS, ENDS = "<!-- figures of {}: written by make simulate -->", "<!-- end of figures -->"
#: The figures of the pictures.
SHOWN = (
    "first courses given whole",
    "chair time used",
    "days to the first visit",
    "went elsewhere",
    "freed places used again",
    "gaps past the soft bound",
)
#: Those of clinics about which something else is asked.
SHOWN_OF = {
    "rush": (
        "minutes waited for a nurse",
        "kept waiting for more than 10 minutes",
        "starts in the busiest quarter, by day",
        "days to the first visit",
        "visits given",
        "chair time used",
    ),
}
COLOURS = ("#2f6f9f", "#d97b4f", "#6b9e5b", "#8a6fb0")


def publish(files: Sequence[Path], *, name: str, page: Path, pictures: Path) -> None:
    """Put the runs of those files onto the page, at the place of that name, and into pictures of it. Ends the
    program where the page has no such place.
    """
    kept = [json.loads(file.read_text()) for file in files]
    kept.sort(key=lambda one: (one["arm"] != BASE, one["arm"], one["seed"]))
    runs = [Run(one["arm"], one["seed"], one["found"]) for one in kept]
    seconds = fmean(one["seconds"] for one in kept)
    counts = ", ".join(f"{sum(one.arm == arm for one in runs)} {arm}" for arm in _arms(runs))
    said = f"Runs: {counts}. Each took {seconds:.0f} s of processor time on average."
    begins = BEGINS.format(name)
    before, found, rest = page.read_text().partition(begins)
    if not found:
        raise SystemExit(f"{page} has no place for these figures: {begins}")
    after = rest.partition(ENDS)[2]
    page.write_text(f"{before}{begins}\n{said}\n\n{_table(runs)}\n{ENDS}{after}")
    _draw(runs, name, pictures)


def _arms(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(one.arm for one in runs))


def _table(runs: Sequence[Run]) -> str:
    head, *body = rows(runs)
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _draw(runs: Sequence[Run], name: str, pictures: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "cadence"  # the same figures make the same file
    shown = [one for one in MEASURES if one.name in SHOWN_OF.get(name, SHOWN)]
    pictures.mkdir(exist_ok=True)
    _runs(runs, shown, pictures / f"{name}-runs.svg")
    _differences(runs, shown, pictures / f"{name}-worth.svg")


def _runs(runs: Sequence[Run], measures: Sequence[Measure], file: Path) -> None:
    """Every run as a dot, one panel for each figure: how far years differ, and arms within a year."""
    from matplotlib import pyplot

    arms = _arms(runs)
    figure, panels = pyplot.subplots(2, 3, figsize=(9, 5), layout="constrained")
    for axes, measure in zip(panels.flat, measures, strict=True):
        for seed in sorted({one.seed for one in runs}):
            mine = {one.arm: measure.of(one.found) for one in runs if one.seed == seed}
            places = [place for place, arm in enumerate(arms) if arm in mine]
            axes.plot(places, [mine[arms[place]] for place in places], color="#bbbbbb", zorder=1)
            for place in places:
                axes.plot(place, mine[arms[place]], "o", color=COLOURS[place % len(COLOURS)], zorder=2)
        axes.set_title(measure.name, fontsize=9)
        axes.set_xticks(range(len(arms)), [arm.replace("-", "\n", 1) for arm in arms], fontsize=8)
        axes.set_ylabel(measure.unit.strip() or None, fontsize=8)
        axes.grid(axis="y", alpha=0.3)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def _differences(runs: Sequence[Run], measures: Sequence[Measure], file: Path) -> None:
    """What each arm without something differs by, with its 95 % interval."""
    from matplotlib import pyplot

    arms = [arm for arm in _arms(runs) if arm != BASE]
    figure, panels = pyplot.subplots(2, 3, figsize=(9, 4), layout="constrained")
    for axes, measure in zip(panels.flat, measures, strict=True):
        for place, arm in enumerate(arms):
            apart = difference(runs, measure, arm=arm)
            if apart is not None:
                colour = COLOURS[(place + 1) % len(COLOURS)]
                axes.errorbar(apart.mean, place, xerr=apart.margin or 0, fmt="o", color=colour, capsize=4)
        axes.axvline(0, color="#888888", linewidth=0.8)
        axes.set_yticks(range(len(arms)), arms, fontsize=8)
        axes.set_ylim(len(arms) - 0.5, -0.5)
        axes.set_title(f"{measure.name}{',' + measure.unit if measure.unit else ''}", fontsize=9)
        axes.grid(axis="x", alpha=0.3)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    weeks = sys.argv[1] if len(sys.argv) > 1 else "52"
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else CHECKOUT / ".simulation"
    docs = CHECKOUT / "docs"
    publish(
        sorted(folder.glob(f"*-{weeks}-weeks-*.json")),
        name=folder.name.strip("."),
        page=docs / "simulation.md",
        pictures=docs / "simulation",
    )
