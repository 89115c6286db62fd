"""All that the OpenAPI document allows, and much that it does not, sent to the API with every check on.

SCHEMATHESIS_EXAMPLES sets the number of examples for each operation and role (a few unless set).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from tests.api.conftest import caller_for
from tests.cast import Cast, new_york

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "1"))
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


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("who", ["manager", "prescriber", "patient"])
def test_every_operation_keeps_its_word(cast: Cast, allowed, who: str, mode: GenerationMode):
    caller = caller_for({"patient": cast.ada, "prescriber": cast.prescriber, "manager": cast.manager}[who])
    # Over WSGI nobody unpacks what is sent compressed.
    headers = {**caller.headers, "Accept-Encoding": "identity"}
    failures: dict[str, str] = {}
    for operation in (found.ok() for found in allowed.get_all_operations()):
        if operation.path in NOT_CALLED:
            continue
        try:
            _try_out(operation, mode, headers)
        except Unsatisfiable:  # nothing can be wrong with what it takes
            continue
        except (Exception, BaseExceptionGroup) as failure:  # all are tried, and all that fail are told
            failures[operation.label] = str(failure)[:3000]

    if failures:
        pytest.fail("\n\n".join(f"{label}: {failure}" for label, failure in failures.items()))


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
