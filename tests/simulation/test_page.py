"""The table and the pictures of docs/simulation.md, from the files of runs."""

from __future__ import annotations

import json

from bench.simulation import BEGINS, ENDS, publish

FOUND = {
    "fill": 0.75,
    "visits": 100,
    "people": {"1": {"wait": 3.0, "given": 100.0, "whole": 100.0}, "2": {"wait": 5.0}},
    "elsewhere": 1,
    "asked": 10,
    "places freed": 0,
    "places used again": 0,
    "gaps": 50,
    "gaps past soft": 2,
    "gaps past hard": 0,
    "lapsed": 0,
    "broken rules": 0,
    "set-ups at once": 1.5,
    "offers": {"accepted": 2, "lost": 1},
    "tasks": {},
    "calls": {},
    "messages": {"reminder by text": {"sent": 7, "lapsed": 2}},
}


def write_runs(folder):
    for seed in (1, 2):
        for arm, fill in (("everything", 0.75), ("no-watch", 0.70 + seed / 100)):
            run = {"arm": arm, "seed": seed, "seconds": 60, "found": {**FOUND, "fill": fill}}
            (folder / f"{arm}-{seed}.json").write_text(json.dumps(run))
    return sorted(folder.glob("*.json"))


def test_the_page_has_each_figure_and_the_words_around_stay(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{BEGINS.format('two')}\nold\n{ENDS}\nAfter.\n")
    publish(write_runs(tmp_path), name="two", page=page, pictures=tmp_path / "pictures")
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("Before.", "After.")
    assert "old" not in lines
    assert "Runs: 2 everything, 2 no-watch. Each took 60 s of processor time on average." in lines
    # 71 % and 72 %: 3.5 points less on average, known to Student's 12.706 × 0.707 / √2.
    assert "| chair time used | 75.0 % | 71.5 % (-3.5 ± 6.4) |" in lines
    assert "| offers accepted | 2 | 2 (+0 ± 0) |" in lines
    assert not [line for line in lines if "visits given, a person" in line]  # nobody has counted them
    assert "| messages sent | 7 | 7 (+0 ± 0) |" in lines


def test_the_same_runs_make_the_same_pictures(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"{BEGINS.format('two')}\n{ENDS}\n")
    drawn = []
    for _ in range(2):
        publish(write_runs(tmp_path), name="two", page=page, pictures=tmp_path / "pictures")
        drawn.append({file.name: file.read_text() for file in (tmp_path / "pictures").iterdir()})
    assert drawn[0] == drawn[1]
    assert sorted(drawn[0]) == ["two-runs.svg", "two-worth.svg"]
