"""Every page of the desk, for every role at its clinic and at another.

A page at another clinic is asked for twice: below that clinic's name, and, which is how somebody would try
it, below the name of one's own with the id of what is the other's.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from tests.access.asking import IN, NO_SUCH_METHOD, NOT_ALLOWED, NOT_SIGNED_IN, NOT_THERE, asked, told
from tests.access.routes import Route, routes
from tests.access.whose import WHOSE, belongs_elsewhere
from tests.access.world import World
from tests.frontdesk.conftest import at_the_desk
from tests.frontdesk.test_matrix import ELSEWHERE as OF_A_BROWSER
from tests.frontdesk.test_matrix import MATRIX

JSON = {"Accept": "application/json"}
#: Where an address is not all that names something.
FORMS = {
    "desk-walk-in-patient": {"treatment": "booster/maintenance", "start": "2026-04-01T14:00:00-04:00"},
    "desk-decide": {"about": "assess", "verdict": "go_on"},
}
#: A nurse's tokens are for the nurse and managers (what may be made there: test_tokens.py).
TOKENS = {
    ("desk-tokens", "GET"): {"nurse", "manager"},
    ("desk-tokens", "POST"): {"nurse", "manager"},
    ("desk-revoke-token", "POST"): {"nurse", "manager"},
}
#: It would end what this browser may do: tests/frontdesk/test_rooms.py.
ENDS_IT = "desk-hang-up"


@pytest.fixture
def pages(world: World) -> dict[str, Route]:
    """The pages by name."""
    found = {}
    for route in routes("desk/"):
        name = resolve(_at("north", route, world)).url_name
        if name not in OF_A_BROWSER:
            found[str(name)] = route
    return found


def test_whatever_a_page_is_about_is_known_to_be_somebodys():
    named = {name for route in routes("desk/") for name in route.named}

    assert named <= {*WHOSE, "token"}


@pytest.mark.parametrize("role", ["front_desk", "nurse", "prescriber", "manager"])
def test_each_page_opens_for_its_roles_where_they_belong(world: World, pages: dict[str, Route], role: Any):
    here, elsewhere = at_the_desk(world.here[role]), at_the_desk(world.elsewhere[role])
    wrong = []
    for name, route in pages.items():
        smuggled = belongs_elsewhere([one for one in route.named if one not in ("clinic", "token")])
        for method, roles in zip(("GET", "POST"), MATRIX[name], strict=True):
            if (name, method) == (ENDS_IT, "POST"):
                continue
            in_role = NO_SUCH_METHOD if not roles else NOT_ALLOWED if role not in roles else IN
            other = NOT_THERE if in_role == IN and route.named else in_role
            if role not in TOKENS.get((name, method), {role}):
                in_role = NOT_THERE
            meant = {
                (here, "north"): in_role,
                (elsewhere, "north"): other,
                (elsewhere, "west"): other if smuggled else in_role,
            }
            for (client, clinic), expected in meant.items():
                if expected == IN and client is elsewhere and role != "manager":
                    continue  # what is open to them there is theirs, and a manager sees the most of it
                path = _at(clinic, route, world)
                form = FORMS.get(name)
                got, said = asked(client, method, path, body=form, headers=JSON, forms=True)
                if got != expected:
                    wrong.append(f"{method} {path} by {role} of {_word(client, here)}: {got}, not {expected}")
                if client is elsewhere and (left := told(said, path, world.secrets)):
                    wrong.append(f"{method} {path} tells {role} of elsewhere {left}")

    assert not wrong, "\n".join(wrong)


def test_nobody_else_gets_past_the_form(world: World, pages: dict[str, Route], ada_signed_in: Client):
    wrong = []
    for client in (Client(), ada_signed_in):
        for name, route in pages.items():
            for method, roles in zip(("GET", "POST"), MATRIX[name], strict=True):
                path = _at("north", route, world)
                got, said = asked(client, method, path, headers=JSON, forms=True)
                if got != (NOT_SIGNED_IN if roles else NO_SUCH_METHOD) or told(said, path, world.secrets):
                    wrong.append(f"{method} {path}: {got}")

    assert not wrong, "\n".join(wrong)


def _at(clinic: str, route: Route, world: World) -> str:
    return route.filled({**world.ids, "clinic": clinic, "verb": "check-in"})


def _word(client: Client, here: Client) -> str:
    return "here" if client is here else "elsewhere"
