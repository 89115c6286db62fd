"""Prints each figure as it comes and keeps the table of docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.installation import FOLDER
from bench.timing import Line

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGINS, ENDS = "<!-- figures: written by make bench -->", "<!-- end of figures -->"
KEPT = FOLDER / "figures.json"
MARKS = {None: "", True: "met", False: "**missed**"}


def show(line: Line) -> None:
    """One line for whoever waits."""
    verdict = f"   [{line.target}: {'met' if line.met else 'MISSED'}]" if line.target else ""
    print(f"{line.part:8} {line.what}: {line.figure}{verdict}", flush=True)


def publish(lines: Sequence[Line], *, parts: Sequence[str]) -> None:
    """Put these figures in place of the former ones of their parts, here and on the page."""
    kept = [Line(**one) for one in json.loads(KEPT.read_text())] if KEPT.exists() else []
    kept = [line for line in kept if line.part not in parts] + list(lines)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps([asdict(line) for line in kept], indent=1))
    page = PAGE.read_text()
    before, rest = page.split(BEGINS)
    _, after = rest.split(ENDS)
    PAGE.write_text(f"{before}{BEGINS}\n{_table(kept)}\n{ENDS}{after}")


def _table(lines: Sequence[Line]) -> str:
    rows = [f"| {one.part} | {one.what} | {one.figure} | {one.target} | {MARKS[one.met]} |" for one in lines]
    made = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {os.cpu_count()} cores and "
        f"Python {platform.python_version()}; "
        "servers, clients and PostgreSQL all on the same machine."
    )
    return "\n".join([made, "", "| part | what | figure | target | |", "|---|---|---|---|---|", *rows])
