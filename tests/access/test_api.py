"""Every endpoint of the API, for every role at its clinic and at another, and for the patient and another.

Which roles an endpoint is for stands in `tests/api/test_matrix.py`, whose a thing is in `whose.py`; neither
can miss an address of the resolver.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from bookings.models import Role
from tests.access.asking import IN, NOT_ALLOWED, NOT_SIGNED_IN, NOT_THERE, asked, told
from tests.access.routes import Route, routes
from tests.access.whose import WHOSE, belongs_elsewhere, belongs_to_another
from tests.access.world import World
from tests.api.conftest import caller_for
from tests.api.test_matrix import ANYONE, MATRIX

PREFIX = "api/v1/"
HERE, ELSEWHERE, THE_PATIENT, ANOTHER, STRANGER = "here", "elsewhere", "the patient", "another", "stranger"
#: Where it is the body that is looked at first.
BODIES = {
    "sessions/<uuid:session>/move/": {"start": "2026-04-07T10:00:00-04:00"},
    "sessions/<uuid:session>/escort/": {"name": "Sam"},
    "sessions/<uuid:session>/running-late/": {"minutes": 20},
}
#: What strangers may know of every clinic: its name, its address and its telephone.
PUBLIC = {("clinics/<str:clinic>/", "GET")}
#: Withdrawing what was never given is 404 for whoever may ask.
NEVER_GIVEN = {
    ("me/consents/<str:purpose>/", "DELETE"),
    ("patients/<uuid:patient>/consents/<str:purpose>/", "DELETE"),
}

Asker = tuple[str, Role | str]


@pytest.fixture
def askers(world: World) -> dict[Asker, dict[str, str]]:
    """Everybody who may ask, with the header that says who they are."""
    found: dict[Asker, dict[str, str]] = {
        (STRANGER, ANYONE): {},
        (THE_PATIENT, Role.PATIENT): caller_for(world.cast.ada).headers,
        (ANOTHER, Role.PATIENT): caller_for(world.cast.bea).headers,
    }
    for where, staff in ((HERE, world.here), (ELSEWHERE, world.elsewhere)):
        for role, person in staff.items():
            found[where, role] = caller_for(person).headers
    return found


def test_whatever_an_address_names_is_known_to_be_somebodys():
    named = {name for route in routes(PREFIX) for name in route.named}

    assert named <= set(WHOSE)


def test_each_endpoint_lets_in_its_roles_where_they_belong(world: World, askers):
    client, wrong = Client(), []
    for route in routes(PREFIX):
        short = route.path.removeprefix(PREFIX)
        for method, roles in MATRIX[short].items():
            for clinic, path in _paths(route, world):
                for (where, role), headers in askers.items():
                    body = json.dumps(BODIES.get(short, {}))
                    got, said = asked(client, method, path, body=body, headers=headers)
                    meant = _meant(route, method, clinic, (where, role), roles)
                    if got != meant:
                        wrong.append(f"{method} {path} by {role} {where}: {got}, not {meant}")
                    if where in (ELSEWHERE, ANOTHER, STRANGER) and (left := told(said, path, world.secrets)):
                        wrong.append(f"{method} {path} tells {role} {where} {left}")

    assert not wrong, "\n".join(wrong)


def test_a_query_that_names_what_is_anothers_tells_nothing_of_it(world: World, askers):
    client, wrong, tried = Client(), [], 0
    others = {who: headers for who, headers in askers.items() if who[0] in (ELSEWHERE, ANOTHER, STRANGER)}
    for path, query in _queries(client):
        for (where, role), headers in others.items():
            if role not in MATRIX[path.removeprefix(f"/{PREFIX}")]["GET"]:
                continue
            for name in query & set(world.ids):
                for clinic in ("north", "west"):
                    asks = {name: world.ids[name], "from": "2026-04-01", "to": "2026-04-30"}
                    asks |= {"clinic": clinic} if "clinic" in query else {}
                    asks |= {"protocol": "ket6"} if "protocol" in query else {}
                    question = "&".join(f"{key}={value}" for key, value in asks.items())
                    _got, said = asked(client, "GET", f"{path}?{question}", headers=headers)
                    tried += 1
                    if left := told(said, question, world.secrets):
                        wrong.append(f"{path}?{question} tells {role} {where} {left}")

    assert not wrong, "\n".join(wrong)
    assert tried > 50


def _paths(route: Route, world: World) -> Iterator[tuple[str, str]]:
    """The address at NORTH; and with what is NORTH's put below WEST, where it names both."""
    for clinic in ("north", "west") if "clinic" in route.named and len(route.named) > 1 else ("north",):
        yield clinic, route.filled({**world.ids, "clinic": clinic, "protocol": "ket6", "purpose": "text"})


def _meant(route: Route, method: str, clinic: str, asker: Asker, roles: frozenset[str]) -> str:
    where, role = asker
    short = route.path.removeprefix(PREFIX)
    if role not in roles:
        return NOT_SIGNED_IN if role == ANYONE else NOT_ALLOWED
    if (short, method) in PUBLIC:
        return IN
    if (short, method) in NEVER_GIVEN or clinic == "west":
        return NOT_THERE
    if where == ELSEWHERE and belongs_elsewhere(route.named):
        return NOT_THERE
    if where in (ANOTHER, STRANGER) and belongs_to_another(route.named):
        return NOT_THERE
    return IN


def _queries(client: Client) -> Iterator[tuple[str, set[str]]]:
    """The lists, and what may be named in asking for them, from the API's own description."""
    description = client.get(f"/{PREFIX}schema/", headers={"Accept": "application/json"}).json()
    for path, operations in description["paths"].items():
        names = {
            one["name"] for one in operations.get("get", {}).get("parameters", ()) if one["in"] == "query"
        }
        if names and "{" not in path:
            yield path, names
