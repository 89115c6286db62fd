"""docs/architecture.md names every room of the four packages, and only those."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = (CHECKOUT / "docs" / "architecture.md").read_text()
#: Not rooms in which anything is decided.
LEFT_OUT = {"__init__.py", "__pycache__", "migrations", "locale", "templates", "static", "urls.py"}


def rooms_on_the_page(package):
    section = PAGE.partition(f"\n### `{package}`")[2].partition("\n### ")[0]
    return sorted(re.findall(r"^ {4,6}([a-z_]+(?:\.py|/)) +\S", section, re.MULTILINE))


def rooms_in_the_tree(package):
    entries = [entry for entry in (CHECKOUT / package).iterdir() if entry.name not in LEFT_OUT]
    files = [entry.name for entry in entries if entry.suffix == ".py"]
    folders = [f"{entry.name}/" for entry in entries if entry.is_dir() and any(entry.rglob("*.py"))]
    return sorted([*files, *folders])


@pytest.mark.parametrize("package", ["scheduler", "bookings", "notifications", "config"])
def test_the_page_has_a_line_for_every_room(package):
    assert rooms_on_the_page(package) == rooms_in_the_tree(package)


def test_every_file_on_a_bookings_way_is_there():
    way = PAGE.partition("## A booking's way")[2].partition("\n## ")[0]
    named = re.findall(r"`((?:scheduler|bookings|notifications)/[a-z_/]+\.py)`", way)
    assert len(named) >= 10
    assert [name for name in named if not (CHECKOUT / name).is_file()] == []
