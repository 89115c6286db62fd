"""docs/security.md names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
_ROW = re.compile(r"^\| (\d[^|]*) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)


def test_every_test_that_it_names_exists():
    named = set(_NAMED.findall(PAGE))
    assert len(named) > 50
    assert [path for path, _ in named if not (ROOT / path).is_file()] == []
    assert [f"{path}::{name}" for path, name in named if name and not is_in(path, name)] == []


def is_in(path: str, name: str) -> bool:
    return re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE) is not None


def test_every_requirement_has_its_test_or_says_why_not():
    rows = _ROW.findall(PAGE)
    assert len(rows) > 80
    bare = [number for number, how, test in rows if not _NAMED.search(test) and "*" not in how]
    assert bare == ["12.1.1, 12.1.2"]  # the proxy's, which `make compose-test` starts


def test_no_requirement_is_there_twice():
    numbers = [one for row in _ROW.findall(PAGE) for one in re.findall(r"\d+\.\d+\.\d+", row[0])]
    assert sorted(set(numbers)) == sorted(numbers)
