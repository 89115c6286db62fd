"""The picture of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.timing import Timing

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "performance" / "ledger.svg"


def ledger(found: Mapping[int, Timing]) -> None:
    """How long a round takes to find what is due, by the size of the ledger."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "cadence"  # the same figures make the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.2), layout="constrained")
    sizes = sorted(found)
    for name, mark in (("p50", "o-"), ("p95", "s--")):
        axes.plot(sizes, [getattr(found[size], name) * 1000 for size in sizes], mark, label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("messages in the ledger")
    axes.set_ylabel("a round, ms")
    axes.grid(alpha=0.3)
    axes.legend()
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})
