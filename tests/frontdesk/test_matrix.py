"""Who may open which page of the desk. A new page fails here until it is named.

`tests/access/test_desk.py` opens each of them as everybody: whoever is not signed in is led to the form (a
program is told 401), another role is told 403.
"""

from __future__ import annotations

import pytest
from django.test import Client

from bookings.models import Role
from tests.cast import Cast
from tests.frontdesk.addresses import addresses

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = frozenset({Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.MANAGER})
RUNNERS = frozenset({Role.FRONT_DESK, Role.MANAGER})
MANAGERS = frozenset({Role.MANAGER})
PRESCRIBERS = frozenset({Role.PRESCRIBER})
WRITERS = MANAGERS | PRESCRIBERS

#: By name: who may look, and who may press; nobody, where there is nothing of the kind.
NOBODY: frozenset[Role] = frozenset()
Row = tuple[frozenset[Role], frozenset[Role]]
DAY: dict[str, Row] = {
    "desk": (STAFF, NOBODY),
    "desk-alive": (STAFF, NOBODY),
    "desk-day": (STAFF, NOBODY),
    "desk-day-data": (STAFF, NOBODY),
    "desk-list": (STAFF, NOBODY),
    "desk-week": (STAFF, NOBODY),
    "desk-rooms": (STAFF, NOBODY),
    "desk-hang-up": (NOBODY, STAFF),
    "desk-undo": (NOBODY, STAFF),
    "desk-session": (STAFF, NOBODY),
    "desk-escort": (NOBODY, STAFF),
    "desk-move": (STAFF, STAFF),
    "desk-places": (STAFF, NOBODY),
    "desk-step": (NOBODY, STAFF),
}
PEOPLE: dict[str, Row] = {
    "desk-search": (STAFF, NOBODY),
    "desk-add-patient": (STAFF, STAFF),
    "desk-patient": (STAFF, NOBODY),
    "desk-readers": (MANAGERS, NOBODY),
    "desk-erase-patient": (MANAGERS, MANAGERS),
    "desk-change-patient": (STAFF, STAFF),
    "desk-emergency": (STAFF, STAFF),
    "desk-plan": (STAFF, STAFF),
    "desk-walk-in": (STAFF, NOBODY),
    "desk-walk-in-patient": (STAFF, STAFF),
    "desk-wait": (STAFF, STAFF),
    "desk-waiting": (STAFF, NOBODY),
    "desk-leave": (NOBODY, STAFF),
    "desk-withdraw-offer": (NOBODY, STAFF),
    "desk-proposals": (STAFF, STAFF),
    "desk-decide": (NOBODY, PRESCRIBERS),
    "desk-accept": (NOBODY, STAFF),
    "desk-mend": (NOBODY, STAFF),
    "desk-begin-next": (NOBODY, STAFF),
    "desk-repairs": (STAFF, STAFF),
    "desk-repair": (STAFF, STAFF),
    "desk-decline": (NOBODY, STAFF),
    "desk-clearances": (STAFF, NOBODY),
    "desk-grant-clearance": (NOBODY, PRESCRIBERS),
    "desk-messages": (STAFF, NOBODY),
    "desk-say-again": (NOBODY, STAFF),
    "desk-running-late": (NOBODY, STAFF),
    "desk-tasks": (STAFF, NOBODY),
    "desk-resolve": (NOBODY, STAFF),
}
RUNNING: dict[str, Row] = {
    "desk-roster": (STAFF, NOBODY),
    "desk-close": (NOBODY, RUNNERS),
    "desk-reopen": (NOBODY, RUNNERS),
    "desk-add-shift": (NOBODY, RUNNERS),
    "desk-remove-shift": (NOBODY, RUNNERS),
    "desk-clinic": (STAFF, NOBODY),
    "desk-setup": (STAFF, NOBODY),
    "desk-change-clinic": (NOBODY, MANAGERS),
    "desk-levelling": (STAFF, NOBODY),
    "desk-ask-template": (NOBODY, MANAGERS),
    "desk-take-template": (NOBODY, MANAGERS),
    "desk-switch-levelling": (NOBODY, MANAGERS),
    "desk-hours": (STAFF, NOBODY),
    "desk-change-hours": (NOBODY, MANAGERS),
    "desk-chairs": (STAFF, NOBODY),
    "desk-add-chair": (NOBODY, MANAGERS),
    "desk-chair": (MANAGERS, MANAGERS),
    "desk-treatments": (STAFF, NOBODY),
    "desk-add-treatment": (WRITERS, WRITERS),
    "desk-treatment": (STAFF, NOBODY),
    "desk-change-treatment": (WRITERS, WRITERS),
    "desk-sign-treatment": (NOBODY, PRESCRIBERS),
    "desk-offer-treatment": (NOBODY, WRITERS),
    "desk-staff": (STAFF, NOBODY),
    "desk-add-staff": (MANAGERS, MANAGERS),
    "desk-change-staff": (MANAGERS, MANAGERS),
    "desk-add-program": (MANAGERS, MANAGERS),
    "desk-tokens": (STAFF, STAFF),  # whose: tests/frontdesk/test_tokens.py
    "desk-revoke-token": (NOBODY, STAFF),
    "desk-reset-second-factor": (NOBODY, MANAGERS),
    "desk-password": (STAFF, STAFF),
    "desk-second-factor": (STAFF, STAFF),
    "desk-recovery-codes": (NOBODY, STAFF),
    "desk-drop-second-factor": (NOBODY, STAFF),
}
FIGURES: dict[str, Row] = {
    "desk-reports": (RUNNERS, NOBODY),
    "desk-report-starts": (RUNNERS, NOBODY),
    "desk-report-no-shows": (RUNNERS, NOBODY),
    "desk-report-gaps": (RUNNERS, NOBODY),
    "desk-report-levelling": (RUNNERS, NOBODY),
    "desk-level-days": (RUNNERS, NOBODY),
    "desk-level-quarters": (RUNNERS, NOBODY),
    "desk-report-messages": (RUNNERS, NOBODY),
    "desk-sheet": (STAFF, NOBODY),
    "desk-files": (RUNNERS, NOBODY),
    "desk-export": (NOBODY, MANAGERS),
    "desk-import": (NOBODY, RUNNERS),
}
MATRIX: dict[str, Row] = {**DAY, **PEOPLE, **RUNNING, **FIGURES}
#: Of a browser rather than of a role: tests/frontdesk/test_signing_in.py and the outbox's own tests.
ELSEWHERE = {"desk-login", "desk-logout", "desk-outbox", "desk-outbox-answer"}


def test_every_page_is_named_here_and_no_other():
    assert {one.name for one in addresses()} == set(MATRIX) | ELSEWHERE


def test_a_program_is_told_401_rather_than_led_to_a_form(cast: Cast):
    answer = Client().get("/desk/north/day.json", headers={"Accept": "application/json"})

    assert answer.status_code == 401
