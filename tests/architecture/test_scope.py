"""What belongs to a patient or a clinic is read through `bookings/queries/scope.py`, and no door reads it
past that. What this cannot see, `tests/access/` asks for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("bookings/api", "bookings/frontdesk", "bookings/patient", "notifications/api")
PAGES = ("notifications/views.py", "notifications/desk_thread.py", "notifications/desk_reports.py")
#: Of these, rows belong to a patient and a clinic, or to a clinic.
OWNED = {
    "Series",
    "Session",
    "Proposal",
    "Offer",
    "WaitingEntry",
    "Task",
    "Repair",
    "Message",
    "JournalEntry",
}
#: Reads of a door by itself, each of what it has found through the scope before, or of one clinic by name.
FOUND_BEFORE = {
    ("bookings/frontdesk/day/undoing.py", "JournalEntry"),  # of the desk's clinic
    ("bookings/frontdesk/people/clearances.py", "Series"),  # how many wait: a clearance is the practice's
    ("bookings/patient/proposals.py", "Session"),  # of the proposal that was shown
}
#: Who reads where somebody works: the scope itself, the two ways to find a clinic, and what verbs refuse.
MAY_ASK_WHERE = {
    "bookings/queries/scope.py",
    "bookings/api/finding.py",
    "bookings/frontdesk/access.py",
    "bookings/api/patients.py",  # whose zone a new patient gets
    "bookings/frontdesk/running/editing.py",  # how many courses are under way there
    "bookings/frontdesk/running/protocols.py",
}


def test_no_door_reads_past_the_scope():
    found = {
        (path, node.value.id)
        for path, tree in _modules(*DOORS, *PAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name)
        if node.value.id in OWNED
    }

    assert found == FOUND_BEFORE


def test_one_module_says_whose_rows_are_whose():
    found = {
        path
        for path, tree in _modules(*DOORS, *PAGES, "bookings/queries", "notifications/queries.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "clinics"
        if ast.unparse(node.value).endswith("actor")
    }

    assert found == MAY_ASK_WHERE


def _modules(*places: str) -> Iterator[tuple[str, ast.Module]]:
    for place in places:
        home = ROOT / place
        for path in sorted(home.rglob("*.py")) if home.is_dir() else [home]:
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())
