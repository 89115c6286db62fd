"""Every other address: pages for patients, what links open, the admin, and what programs ask for."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.access.asking import IN, NO_SUCH_METHOD, NOT_ALLOWED, NOT_SIGNED_IN, NOT_THERE, asked, told
from tests.access.routes import Route, routes
from tests.access.whose import WHOSE, belongs_to_another
from tests.access.world import World
from tests.frontdesk.conftest import at_the_desk

LOOK, PRESS = "GET", "POST"
BOTH = LOOK + PRESS
#: For a patient who has signed in, and for nobody else.
MINE = {
    "my/": LOOK,
    "my/data/": LOOK,
    "my/data/download/": LOOK,
    "my/links/": BOTH,
    "my/messages/": BOTH,
    "my/waiting/": BOTH,
    "my/waiting/<uuid:entry>/leave/": PRESS,
    "my/series/<uuid:series>/make-up/": BOTH,
    "my/proposals/<uuid:proposal>/": BOTH,
    "my/offers/<uuid:offer>/": BOTH,
    "my/sessions/<uuid:session>/": LOOK,
    "my/sessions/<uuid:session>/appointment.ics": LOOK,
    "my/sessions/<uuid:session>/earlier/": BOTH,
    "my/sessions/<uuid:session>/confirm/": PRESS,
    "my/sessions/<uuid:session>/driver/": PRESS,
    "my/sessions/<uuid:session>/cancel/": BOTH,
    "my/sessions/<uuid:session>/move/": BOTH,
    "book/done/<uuid:series>/": LOOK,
}
#: What these are asked with, since an address alone asks them for nothing.
FORMS = {"my/messages/": {"do": "choose"}}
QUERIES = {"my/waiting/": "?clinic=north&treatment={protocol}"}
#: For whoever holds the link, signed in or not, as whomever.
BY_LINK = {
    "v/<str:token>/": LOOK,
    "v/<str:token>/appointment.ics": LOOK,
    "v/<str:token>/confirm/": PRESS,
    "v/<str:token>/driver/": PRESS,
    "v/<str:token>/cancel/": BOTH,
    "v/<str:token>/move/": BOTH,
    "p/<str:token>/": BOTH,
    "p/<str:token>/<int:number>/": LOOK,
    "p/<str:token>/<int:number>/appointment.ics": LOOK,
    "p/<str:token>/<int:number>/confirm/": PRESS,
    "p/<str:token>/<int:number>/driver/": PRESS,
    "p/<str:token>/<int:number>/cancel/": BOTH,
    "p/<str:token>/<int:number>/move/": BOTH,
    "o/<str:token>/": BOTH,
    "l/<str:token>/": BOTH,
}
#: Until it is pressed, a link to sign in looks the same whether there is one or not.
ALL_ALIKE = ("l/<str:token>/", LOOK)
#: Secrets of other kinds, each with its own tests: one that is made up opens nothing.
BY_SECRET = {"messages/stop/<str:token>/": BOTH, "calendar/<str:secret>.ics": LOOK}
#: Of one browser: what it holds is in its session, and to every other browser it is not there.
OF_A_BROWSER = {"book/hold/<uuid:hold>/": BOTH, "book/hold/<uuid:hold>/give-back/": PRESS}
#: For everybody; the last three answer about the service, and say nothing of anybody.
OPEN = {
    "": LOOK,
    "language/": BOTH,
    "sign-in/": BOTH,
    "sign-out/": PRESS,
    "book/<slug:clinic>/<slug:treatment>/": LOOK,
    "book/<slug:clinic>/<slug:treatment>/hold/": PRESS,
    "book/<slug:clinic>/<slug:treatment>/adjust/": LOOK,
    "healthz": LOOK,
    "readyz": LOOK,
    "metrics": LOOK,
}
#: The second step, for a browser that has taken the first.
SECOND_STEP = {"sign-in/code/": BOTH, "sign-in/link/": LOOK}
#: Signed by the carrier, or refused.
SIGNED = {"webhooks/twilio/inbound/": PRESS, "webhooks/twilio/status/": PRESS}
DECLARED = {**MINE, **BY_LINK, **BY_SECRET, **OF_A_BROWSER, **OPEN, **SECOND_STEP, **SIGNED}
#: These have matrices of their own, for all that begins so.
OTHER_DOORS = ("api/v1/", "desk/", "admin/")


@pytest.fixture
def browsers(world: World, ada_signed_in: Client, bea_signed_in: Client) -> dict[str, Client]:
    """Everybody who might come by."""
    return {
        "Ada": ada_signed_in,
        "Bea": bea_signed_in,
        "a stranger": Client(),
        **{f"a {role}": at_the_desk(person) for role, person in world.here.items()},
    }


def test_every_address_is_declared():
    assert {one.path for one in routes() if not one.path.startswith(OTHER_DOORS)} == set(DECLARED)


def test_pages_of_a_patient_are_that_patients(world: World, browsers: dict[str, Client]):
    wrong = []
    for route in _those(MINE):
        for method in (LOOK, PRESS):
            for who, client in browsers.items():
                path = route.filled(world.ids) + QUERIES.get(route.path, "").format(**world.ids)
                got, said = asked(client, method, path, body=FORMS.get(route.path), forms=True)
                meant = _meant(route, method, who)
                if got not in meant:
                    wrong.append(f"{method} {path} by {who}: {got}, not {meant}")
                if who != "Ada" and (left := told(said, path, world.secrets)):
                    wrong.append(f"{method} {path} tells {who} {left}")

    assert not wrong, "\n".join(wrong)


def test_a_link_opens_what_it_is_to_whoever_holds_it_and_nothing_else(
    world: World, browsers: dict[str, Client]
):
    wrong = []
    for route in _those(BY_LINK):
        for method in (LOOK, PRESS):
            there = IN if method in BY_LINK[route.path] else NO_SUCH_METHOD
            for who in ("Bea", "a stranger", "a front_desk"):
                client = browsers[who]
                for token in _tokens(route, world, also_others=who == "a stranger"):
                    path = route.filled({"token": token, "number": "3"})
                    got, said = asked(client, method, path, forms=True)
                    mine = token == world.links[route.path[0]]
                    mine = mine or (route.path, method) == ALL_ALIKE
                    meant = {there} if mine else {NOT_THERE, there} - {IN}
                    if got not in meant:
                        wrong.append(f"{method} {route.path} by {who}, {mine=}: {got}, not {meant}")
                    if not mine and (left := told(said, path, world.secrets)):
                        wrong.append(f"{method} {route.path} tells {who} {left}")

    assert not wrong, "\n".join(wrong)


def test_what_is_open_to_everybody_says_nothing_of_anybody(world: World, browsers: dict[str, Client]):
    wrong = []
    for route in _those({**OPEN, **SECOND_STEP, **OF_A_BROWSER, **BY_SECRET, **SIGNED}):
        for method in (LOOK, PRESS):
            for who, client in browsers.items():
                if route.path == "sign-out/":
                    continue  # it would end what this browser may do
                values = {**world.ids, "clinic": "north", "treatment": "ket6", "token": "x", "secret": "x"}
                path = route.filled(values)
                got, said = asked(client, method, path, forms=True)
                meant = _open_to(route, method)
                if got != meant:
                    wrong.append(f"{method} {path} by {who}: {got}, not {meant}")
                if left := told(said, path, world.secrets):
                    wrong.append(f"{method} {path} tells {who} {left}")

    assert not wrong, "\n".join(wrong)


def test_no_role_opens_the_admin(world: World, browsers: dict[str, Client]):
    paths = {"/" + one.path.split("<")[0].split("^")[0].split("(")[0] for one in routes("admin/")}
    wrong = []
    for path in sorted(paths - {"/admin/logout/"}):
        for who, client in browsers.items():
            got, said = asked(client, LOOK, path)
            if got not in (NOT_SIGNED_IN, NOT_ALLOWED):
                wrong.append(f"{path} by {who}: {got}")
            if left := told(said, path, world.secrets):
                wrong.append(f"{path} tells {who} {left}")

    assert not wrong, "\n".join(wrong)


def _those(paths: dict[str, str]) -> list[Route]:
    return [one for one in routes() if one.path in paths]


def _meant(route: Route, method: str, who: str) -> set[str]:
    """One answer; two where it is not said which is found first, that it is another's or that it takes no
    form.
    """
    assert set(route.named) <= set(WHOSE)
    if who not in ("Ada", "Bea"):
        return {NOT_SIGNED_IN}
    there = IN if method in MINE[route.path] else NO_SUCH_METHOD
    return {NOT_THERE, there} - {IN} if who == "Bea" and belongs_to_another(route.named) else {there}


def _open_to(route: Route, method: str) -> str:
    if method not in DECLARED[route.path]:
        return NO_SUCH_METHOD
    if route.path in SIGNED:
        return NOT_ALLOWED
    if route.path in SECOND_STEP:
        return NOT_SIGNED_IN
    return IN if route.path in OPEN else NOT_THERE


def _tokens(route: Route, world: World, *, also_others: bool) -> set[str]:
    """That link, one that nobody made, and links to other things."""
    return {"x" * 22, world.links[route.path[0]]} | (set(world.links.values()) if also_others else set())
