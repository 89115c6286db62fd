"""All that the OpenAPI document allows, and much that it does not, sent to the API with every check on.

SCHEMATHESIS_EXAMPLES sets the number of examples for each operation and role (one unless set).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from tests.api.conftest import Caller, caller_for
from tests.cast import Cast, new_york
from tests.races.arena import SECONDS

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "1"))
#: Of the stateful test, each up to eight requests long.
CHAINS = 5 if SECONDS < 30 else 60
CONFIG = {
    # Each caller brings a token of its own: one that is made up would only be put in its place.
    "generation": {"with-security-parameters": False},
    "checks": {
        # A well-formed request may still be refused by the diary, or be for a thing that is not there.
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", 400, 401, 403, 404, 409, 412, 422, 429],
        },
        # A malformed request may meet the missing thing, or the wrong role, first.
        "negative_data_rejection": {
            "expected-statuses": [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429],
        },
        "missing_required_header": {"expected-statuses": [400, 401, 403, 404]},
    },
}


@pytest.fixture
def allowed(cast: Cast, clock, settings: Any) -> Iterator[schemathesis.BaseSchema]:
    """The document, over the very WSGI application that is served; with something in the diary to meet."""
    ada = caller_for(cast.ada)
    body = {"clinic": "north", "protocol": "booster"}
    at = new_york("2026-04-06 10:00").isoformat()
    assert ada.post("series/", {**body, "sessions": [{"start": at}]}).status_code == 201
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10**9, 3600))
    # A server closes its connection after each request; here it holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(
        "/api/v1/schema/", get_wsgi_application(), config=SchemathesisConfig.from_dict(CONFIG)
    )
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


#: Signing out would end the token that the other operations need.
NOT_CALLED = {"/api/v1/tokens/current/"}
ROLES = ("patient", "front_desk", "nurse", "prescriber", "manager")
MODES = list(GenerationMode)
#: Of these, a bounded run takes those whom `make test` has not sent, and the widest and the narrowest chains.
BOUNDED = SECONDS < 30
ALL = ("nobody", "front_desk", "nurse") if BOUNDED else ("nobody", *ROLES)
CHAINED = ("manager", "patient") if BOUNDED else ROLES


def headers_of(cast: Cast, role: str) -> dict[str, str]:
    """What somebody in that role sends along; nobody sends no token."""
    people = {
        "patient": cast.ada,
        "front_desk": cast.desk,
        "nurse": cast.ana,
        "prescriber": cast.prescriber,
        "manager": cast.manager,
    }
    caller = caller_for(people[role]) if role in people else Caller()
    # Over WSGI nobody unpacks what is sent compressed.
    return {**caller.headers, "Accept-Encoding": "identity"}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", MODES)
def test_every_operation_keeps_its_word_to_one_role(cast: Cast, allowed, mode: GenerationMode):
    """Each to another one in turn; `make races` tries all of them with all roles."""
    by_role = [headers_of(cast, role) for role in ("manager", "prescriber", "patient")]
    operations = enumerate(operations_of(allowed))
    assert told_otherwise((one, mode, by_role[number % 3]) for number, one in operations) == {}


@pytest.mark.race
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("role", ALL)
def test_every_operation_keeps_its_word_to_every_role(cast: Cast, allowed, role: str, mode: GenerationMode):
    headers = headers_of(cast, role)
    assert told_otherwise((one, mode, headers) for one in operations_of(allowed)) == {}


@pytest.mark.race
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", CHAINED)
def test_what_one_operation_answers_leads_to_the_next(cast: Cast, allowed, role: str):
    """Stateful: what was made is read, changed, cancelled and read again, as the document's links say."""
    headers = headers_of(cast, role)

    class Visit(allowed.exclude(path=sorted(NOT_CALLED)).as_state_machine()):
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: schemathesis.Case, **kwargs: Any) -> None:
            # As it is by itself, but that whose token it is was not made up for the case.
            case.validate_response(response, headers=headers, transport_kwargs=kwargs, recorder=self.recorder)

    run_state_machine_as_test(
        Visit,
        settings=settings(
            max_examples=CHAINS,
            stateful_step_count=8,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def operations_of(allowed: Any) -> list[Any]:
    found = [each.ok() for each in allowed.get_all_operations()]
    return [one for one in found if one.path not in NOT_CALLED]


def told_otherwise(tries: Iterable[tuple[Any, GenerationMode, dict[str, str]]]) -> dict[str, str]:
    """What did not keep its word, by operation. All are tried."""
    failures: dict[str, str] = {}
    for operation, mode, headers in tries:
        try:
            _try_out(operation, mode, headers)
        except Unsatisfiable:  # nothing can be wrong with what it takes
            continue
        except (Exception, BaseExceptionGroup) as failure:
            failures[operation.label] = str(failure)[:3000]
    return failures


def _try_out(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES <= 10,
        phases=[Phase.generate],  # a failure is told as it was found: to make it smaller takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def try_out(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers)

    try_out()
