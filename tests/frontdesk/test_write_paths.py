"""Every address of the desk that changes something, and the commands it does it with. A new one fails here
until it is named.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.frontdesk.addresses import Address, addresses
from tests.frontdesk.conftest import at_the_desk

pytestmark = pytest.mark.django_db

DAY = {
    "desk-step": (
        "attend.confirm_session",
        "attend.check_in_session",
        "attend.start_session",
        "attend.recover_session",
        "attend.complete_session",
        "attend.miss_session",
        "attend.undo_session",
        "cancel.cancel_session",
    ),
    "desk-escort": ("escort.name_escort",),
    "desk-move": ("move.move_session",),
    "desk-undo": ("attend.undo_session", "move.move_session"),
}
PEOPLE = {
    "desk-add-patient": ("patients.add_patient",),
    "desk-change-patient": ("patients.change_patient",),
    "desk-emergency": (
        "emergencies.open_in_emergency",
        "emergencies.use_emergency_access",
        "emergencies.close_emergency_access",
    ),
    "desk-erase-patient": ("erasing.erase_patient",),
    "desk-plan": ("book.book_series",),
    "desk-walk-in-patient": ("book.book_series",),
    "desk-wait": ("waiting.join_waiting_list",),
    "desk-withdraw-offer": ("offer_answers.withdraw_offer",),
    "desk-leave": ("waiting.leave_waiting_list",),
    "desk-proposals": ("proposals.propose_moves",),
    "desk-decide": ("deciding.assess_series", "deciding.decide_on_missed"),
    "desk-mend": ("rearrange.rearrange_series",),
    "desk-begin-next": ("next_phase.begin_next_phase",),
    "desk-repairs": ("repairs.draw_up_repair",),
    "desk-repair": ("carry_out_repair.carry_out_repair",),
    "desk-accept": ("proposals.accept_proposal",),
    "desk-decline": ("proposals.decline_proposal",),
    "desk-grant-clearance": ("clearance.grant_clearance",),
    "desk-resolve": ("todo.resolve_task",),
    "desk-say-again": ("notifications.commands.say.resend",),
    "desk-running-late": ("notifications.commands.running_late.announce_delay",),
}
RUNNING = {
    "desk-close": ("roster.close",),
    "desk-reopen": ("roster.reopen",),
    "desk-add-shift": ("roster.add_shift",),
    "desk-remove-shift": ("roster.remove_shift",),
    "desk-change-clinic": ("clinics.change_clinic",),
    "desk-ask-template": ("levelling.ask_for_template",),
    "desk-take-template": ("levelling.take_into_force",),
    "desk-switch-levelling": ("clinics.change_clinic",),
    "desk-change-hours": ("roster.change_hours",),
    "desk-add-chair": ("roster.add_chair",),
    "desk-chair": ("roster.change_chair",),
    "desk-add-treatment": ("protocols.add_protocol",),
    "desk-change-treatment": ("protocols.add_protocol_version",),
    "desk-sign-treatment": ("protocols.sign_protocol",),
    "desk-offer-treatment": ("protocols.offer_protocol",),
    "desk-add-staff": ("staff.add_staff",),
    "desk-change-staff": ("staff.change_staff",),
    "desk-add-program": ("staff.add_program",),
    "desk-tokens": ("tokens.make_token",),
    "desk-revoke-token": ("tokens.revoke_token",),
    "desk-reset-second-factor": ("signing_in.reset_second_factor",),
    "desk-password": ("signing_in.change_password",),
    "desk-second-factor": ("signing_in.set_second_factor",),
    "desk-recovery-codes": ("signing_in.renew_recovery_codes",),
    "desk-drop-second-factor": ("signing_in.drop_second_factor",),
}
FIGURES = {
    "desk-export": ("exporting.record_export",),
    "desk-import": (
        "patients.add_patient",
        "book.book_series",
        "importing.begin_import",
        "importing.go_on_importing",
        "importing.record_imported",
        "importing.end_import",
    ),
}
#: These change nothing of the clinic's: who uses this browser, and what a demo's telephone answers.
BROWSER = {
    "desk-login": ("signing_in.sign_in_staff", "signing_in.sign_out"),
    "desk-logout": (),
    "desk-hang-up": (),
    "desk-outbox-answer": (),
}
WRITES: dict[str, tuple[str, ...]] = {**DAY, **PEOPLE, **RUNNING, **FIGURES, **BROWSER}

ROOT = Path(__file__).resolve().parent.parent.parent
#: What writes to the database wherever it stands, and what does so after a query.
_ALONE = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
_WRITERS = {"create", "update", "delete"}


def test_every_address_that_can_be_posted_to_is_named_here_and_no_other(cast):
    manager = at_the_desk(cast.manager)

    found = {one.name for one in addresses() if manager.post(one.filled).status_code != 405}

    assert found == set(WRITES)


@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.name)
def test_a_page_that_changes_something_knows_its_commands(address: Address):
    module = vars(sys.modules[address.view.__module__])

    for named in WRITES.get(address.name, ()):
        home, _dot, name = named.rpartition(".")
        where = import_module(home if "." in home else f"bookings.commands.{home}")
        assert getattr(where, name) is module.get(name) or where is module.get(home.rpartition(".")[2]), named


def test_no_page_writes_to_the_database_itself():
    pages = sorted((ROOT / "bookings" / "frontdesk").rglob("*.py"))
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.func)}"
        for path in pages
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node.func)
    ]

    assert len(pages) > 20
    assert found == []


def _writes(call: ast.Attribute) -> bool:
    """Whether a call saves a row or a query's rows, such as `row.save()` or `Model.objects.create()`."""
    on = ast.unparse(call.value)
    return call.attr in _ALONE or (call.attr in _WRITERS and ("objects" in on or "filter" in on))
