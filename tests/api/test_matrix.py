"""Who may call what: every endpoint of the API with its roles. A new endpoint fails here until it is named.

`tests/access/test_api.py` calls each of them as everybody.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from bookings.models import Role
from tests.access.routes import METHODS, routes
from tests.api.conftest import Caller

ANYONE = "anyone"
ALL = frozenset({ANYONE, *Role})
SIGNED_IN = frozenset(Role)
STAFF = SIGNED_IN - {Role.PATIENT}
RUNNERS = frozenset({Role.FRONT_DESK, Role.MANAGER})
WRITERS = frozenset({Role.PRESCRIBER, Role.MANAGER})
PRESCRIBER = frozenset({Role.PRESCRIBER})
MANAGER = frozenset({Role.MANAGER})
ME = frozenset({Role.PATIENT})

Rows = dict[str, dict[str, frozenset[str]]]

DOCUMENTS: Rows = {"schema/": {"GET": ALL}, "docs/": {"GET": ALL}}
SIGNING_IN: Rows = {
    "tokens/": {"POST": ALL},
    "tokens/current/": {"DELETE": SIGNED_IN},
    "login-codes/": {"POST": ALL},
    "me/": {"GET": SIGNED_IN},
    "me/consents/": {"GET": ME, "POST": ME},
    "me/consents/<str:purpose>/": {"DELETE": ME},
    "me/record/": {"GET": ME},
    "me/second-factor/": {"POST": STAFF, "PUT": STAFF},
    "me/second-factor/drop/": {"POST": STAFF},
    "me/second-factor/recovery-codes/": {"POST": STAFF},
}
BOOKING: Rows = {
    "openings/": {"GET": ALL},
    "plans/": {"POST": ALL},
    "holds/": {"POST": ALL},
    "holds/<uuid:hold>/": {"DELETE": ALL},
    "series/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "series/<uuid:series>/": {"GET": SIGNED_IN},
    "series/<uuid:series>/cancel/": {"POST": SIGNED_IN},
    "series/<uuid:series>/replan/": {"POST": SIGNED_IN},
    "series/<uuid:series>/decisions/": {"GET": STAFF, "POST": PRESCRIBER},
    "series/<uuid:series>/proposals/": {"POST": STAFF},
    "proposals/": {"GET": SIGNED_IN},
    "proposals/<uuid:proposal>/": {"GET": SIGNED_IN},
    "proposals/<uuid:proposal>/accept/": {"POST": SIGNED_IN},
    "proposals/<uuid:proposal>/decline/": {"POST": SIGNED_IN},
    "waitlist/": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "waitlist/<uuid:entry>/": {"DELETE": SIGNED_IN},
    "offers/": {"GET": SIGNED_IN},
    "offers/<uuid:offer>/accept/": {"POST": SIGNED_IN},
    "offers/<uuid:offer>/decline/": {"POST": SIGNED_IN},
    "offers/<uuid:offer>/withdraw/": {"POST": STAFF},
}
SESSIONS: Rows = {
    "sessions/": {"GET": SIGNED_IN},
    "sessions/<uuid:session>/": {"GET": SIGNED_IN},
    "sessions/<uuid:session>/move/": {"POST": SIGNED_IN},
    "sessions/<uuid:session>/confirm/": {"POST": SIGNED_IN},
    "sessions/<uuid:session>/cancel/": {"POST": SIGNED_IN},
    "sessions/<uuid:session>/escort/": {"POST": SIGNED_IN},
    "sessions/<uuid:session>/check-in/": {"POST": STAFF},
    "sessions/<uuid:session>/start/": {"POST": STAFF},
    "sessions/<uuid:session>/recover/": {"POST": STAFF},
    "sessions/<uuid:session>/complete/": {"POST": STAFF},
    "sessions/<uuid:session>/no-show/": {"POST": STAFF},
    "sessions/<uuid:session>/undo/": {"POST": STAFF},
}
CLINICS: Rows = {
    "clinics/": {"GET": ALL, "POST": MANAGER},
    "clinics/<str:clinic>/": {"GET": ALL, "PATCH": MANAGER},
    "clinics/<str:clinic>/hours/": {"GET": STAFF, "PUT": MANAGER, "PATCH": MANAGER, "POST": MANAGER},
    "clinics/<str:clinic>/repairs/": {"GET": STAFF, "POST": STAFF},
    "clinics/<str:clinic>/repairs/<uuid:repair>/": {"GET": STAFF},
    "clinics/<str:clinic>/repairs/<uuid:repair>/apply/": {"POST": STAFF},
    "clinics/<str:clinic>/closures/": {"GET": STAFF, "POST": RUNNERS},
    "clinics/<str:clinic>/closures/<uuid:closure>/": {"DELETE": RUNNERS},
    "clinics/<str:clinic>/chairs/": {"GET": STAFF, "POST": MANAGER},
    "clinics/<str:clinic>/chairs/<uuid:chair>/": {"GET": STAFF, "PATCH": MANAGER, "DELETE": MANAGER},
    "clinics/<str:clinic>/shifts/": {"GET": STAFF, "POST": RUNNERS},
    "clinics/<str:clinic>/shifts/<uuid:shift>/": {"DELETE": RUNNERS},
    "clinics/<str:clinic>/start-templates/": {"GET": STAFF, "POST": MANAGER},
    "clinics/<str:clinic>/start-templates/<uuid:template>/": {"GET": STAFF},
    "clinics/<str:clinic>/start-templates/<uuid:template>/take-into-force/": {"POST": MANAGER},
    "clinics/<str:clinic>/day/": {"GET": STAFF},
}
PROTOCOLS: Rows = {
    "protocols/": {"GET": ALL, "POST": WRITERS},
    "protocols/<str:protocol>/": {"GET": ALL, "PUT": WRITERS, "PATCH": WRITERS},
    "protocols/<str:protocol>/sign/": {"POST": PRESCRIBER},
}
PEOPLE: Rows = {
    "patients/": {"GET": STAFF, "POST": STAFF},
    "patients/<uuid:patient>/": {"GET": STAFF, "PATCH": STAFF},
    "patients/<uuid:patient>/clearances/": {"GET": STAFF, "POST": PRESCRIBER},
    "patients/<uuid:patient>/consents/": {"GET": STAFF, "POST": STAFF},
    "patients/<uuid:patient>/consents/<str:purpose>/": {"DELETE": STAFF},
    "staff/": {"GET": STAFF, "POST": MANAGER},
    "staff/<uuid:member>/": {"GET": STAFF, "PATCH": MANAGER},
    "staff/<uuid:member>/second-factor/reset/": {"POST": MANAGER},
}
WATCHING: Rows = {
    "journal/": {"GET": STAFF},
    "tasks/": {"GET": STAFF},
    "tasks/<uuid:task>/": {"GET": STAFF},
    "tasks/<uuid:task>/resolve/": {"POST": STAFF},
    "messages/": {"GET": STAFF},
    "messages/<uuid:message>/": {"GET": STAFF},
    "messages/<uuid:message>/resend/": {"POST": STAFF},
    "messages/explain/": {"GET": STAFF},
    "messages/preview/": {"GET": STAFF},
    "patients/<uuid:patient>/thread/": {"GET": STAFF},
    "patients/<uuid:patient>/message-choices/": {"GET": STAFF, "PUT": STAFF},
    "me/message-choices/": {"GET": ME, "PUT": ME},
    "sessions/<uuid:session>/running-late/": {"POST": STAFF},
    "clinics/<str:clinic>/voice/": {"GET": STAFF, "PATCH": MANAGER},
    "clinics/<str:clinic>/message-policies/": {"GET": STAFF, "PUT": MANAGER, "DELETE": MANAGER},
}
WEBHOOKS: Rows = {
    "webhooks/": {"GET": MANAGER, "POST": MANAGER},
    "webhooks/<uuid:webhook>/": {"GET": MANAGER, "PATCH": MANAGER, "DELETE": MANAGER},
    "webhooks/<uuid:webhook>/rotate/": {"POST": MANAGER},
    "webhooks/<uuid:webhook>/deliveries/": {"GET": MANAGER},
    "webhooks/<uuid:webhook>/deliveries/<uuid:delivery>/replay/": {"POST": MANAGER},
}
REPORTS: Rows = {
    f"reports/{name}/": {"GET": RUNNERS}
    for name in ("utilisation", "starts", "no-shows", "gaps", "levelling", "messages")
}
MATRIX: Rows = {
    **DOCUMENTS,
    **SIGNING_IN,
    **BOOKING,
    **SESSIONS,
    **CLINICS,
    **PROTOCOLS,
    **PEOPLE,
    **WATCHING,
    **WEBHOOKS,
    **REPORTS,
}
NOBODY = UUID("01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f")


def endpoints() -> Rows:
    """Every address under /api/v1/ with its methods, from Django's own resolver."""
    return {
        route.path.removeprefix("api/v1/"): {
            method for method in METHODS if hasattr(route.view, method.lower())
        }
        for route in routes("api/v1/")
    }


def test_the_matrix_names_every_endpoint_and_method():
    assert {path: set(methods) for path, methods in MATRIX.items()} == endpoints()


@pytest.mark.parametrize("path", sorted(set(MATRIX) - set(DOCUMENTS)))
def test_other_methods_are_refused_as_such(anyone: Caller, path: str):
    address = path.replace("<str:clinic>", "north").replace("<str:protocol>", "ket6")
    while "<" in address:
        address = f"{address[: address.index('<')]}{NOBODY}{address[address.index('>') + 1 :]}"

    for method in set(METHODS) - set(MATRIX[path]) | {"OPTIONS"}:
        response = anyone.client.generic(method, f"/api/v1/{address}", "{}", content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")
        assert set(response["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == set(MATRIX[path])
