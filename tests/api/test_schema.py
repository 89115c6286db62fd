"""The OpenAPI document: valid, complete, and the same as the contract that clients were given."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from tests.api.test_matrix import MATRIX

#: What clients were promised: path → method → the statuses that it is answered with when it goes well or is
#: refused for a reason of its own.
CONTRACT: dict[str, dict[str, set[int]]] = {
    "tokens/": {"post": {201, 400, 401}},
    "tokens/current/": {"delete": {204, 401}},
    "login-codes/": {"post": {202, 400, 429}},
    "me/": {"get": {200, 401}},
    "clinics/": {"get": {200}, "post": {201, 400, 401, 403}},
    "clinics/{clinic}/": {"get": {200, 304, 404}, "patch": {200, 400, 401, 403, 404, 412}},
    "protocols/": {"get": {200, 404}, "post": {201, 400, 401, 403}},
    "protocols/{protocol}/": {"put": {200, 400, 401, 403, 404}},
    "openings/": {"get": {200, 400, 404}},
    "plans/": {"post": {200, 400, 404, 422}},
    "holds/": {"post": {201, 400, 404, 409, 422, 429, 503}},
    "holds/{hold}/": {"delete": {204, 404}},
    "series/": {"get": {200, 401}, "post": {201, 400, 401, 404, 409, 422, 503}},
    "series/{series}/": {"get": {200, 304, 401, 404}},
    "series/{series}/cancel/": {"post": {200, 401, 404, 409, 412, 422, 503}},
    "series/{series}/replan/": {"post": {200, 400, 401, 404, 409, 422, 503}},
    "sessions/": {"get": {200, 400, 401, 404}},
    "sessions/{session}/": {"get": {200, 304, 401, 404}},
    "sessions/{session}/move/": {"post": {200, 400, 401, 404, 409, 412, 422, 503}},
    **{
        f"sessions/{{session}}/{verb}/": {"post": {200, 400, 401, 403, 404, 409, 412, 503}}
        for verb in ("confirm", "cancel", "check-in", "start", "recover", "complete", "no-show", "undo")
    },
    "patients/": {"get": {200, 401, 403}, "post": {201, 400, 401, 403}},
    "patients/{patient}/clearances/": {"post": {201, 400, 401, 403, 404}},
    "clinics/{clinic}/hours/": {"get": {200, 404}},
    "clinics/{clinic}/closures/": {"get": {200, 404}, "post": {201, 400, 403, 404}},
    "clinics/{clinic}/chairs/": {"get": {200, 404}, "post": {201, 400, 403, 404}},
    "clinics/{clinic}/shifts/": {"get": {200, 404}, "post": {201, 400, 403, 404}},
    "clinics/{clinic}/day/": {"get": {200, 400, 403, 404}},
    "journal/": {"get": {200, 401, 403}},
    "messages/": {"get": {200, 401, 403}},
    "messages/{message}/resend/": {"post": {401, 403, 404}},
    "tasks/": {"get": {200, 401, 403}},
    "tasks/{task}/resolve/": {"post": {200, 401, 403, 404, 409}},
}
CODES_OF_POSTS = {400, 409, 422}  # malformed; a twin still running; a key used twice


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return APIClient().get("/api/v1/schema/").json()


def test_it_is_valid_openapi_3_1(document: dict[str, Any]):
    assert document["openapi"].startswith("3.1.")
    validate_schema(document)


def test_it_is_drawn_up_without_a_warning(tmp_path):
    """Two answers of one name, for one, would be described as if they were the same."""
    call_command("spectacular", fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_every_component_is_valid_json_schema(document: dict[str, Any]):
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert name[0].isupper()


def test_every_example_is_of_the_shape_it_shows(document: dict[str, Any]):
    shown = 0
    for operation in operations(document).values():
        for media in operation.get("requestBody", {}).get("content", {}).values():
            validator = Draft202012Validator({**media["schema"], "components": document["components"]})
            for example in media.get("examples", {}).values():
                validator.validate(example["value"])
                shown += 1
    assert shown >= 8


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [(path, method, statuses) for path, methods in CONTRACT.items() for method, statuses in methods.items()],
)
def test_what_was_promised_is_there(document: dict[str, Any], path: str, method: str, statuses: set[int]):
    operation = document["paths"][f"/api/v1/{path}"][method]

    promised = statuses | (CODES_OF_POSTS if method == "post" else set())
    assert promised - {int(status) for status in operation["responses"]} == set()


def test_every_endpoint_is_described(document: dict[str, Any]):
    named = {
        (path.replace("<str:", "{").replace("<uuid:", "{").replace(">", "}"), method.lower())
        for path, methods in MATRIX.items()
        for method in methods
        if path not in ("schema/", "docs/")
    }

    assert set(operations(document)) == named


def test_every_operation_says_what_it_does(document: dict[str, Any]):
    for operation in operations(document).values():
        assert operation["summary"]
        assert operation["description"]
        assert operation["operationId"]
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(ids)) == len(ids)


def test_every_post_takes_an_idempotency_key(document: dict[str, Any]):
    for (_, method), operation in operations(document).items():
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert ("Idempotency-Key" in names) == (method == "post")


def test_every_refusal_is_a_problem(document: dict[str, Any]):
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "*/*", "application/json"),
        ("", "application/json", "application/json"),
        ("?format=json", "*/*", "application/json"),
        ("", "application/yaml", "application/yaml"),
        ("", "application/vnd.oai.openapi", "application/vnd.oai.openapi"),
        ("?format=yaml", "*/*", "application/yaml"),
    ],
)
def test_json_unless_yaml_is_asked_for(client, document: dict[str, Any], query: str, accept: str, kind: str):
    response = client.get(f"/api/v1/schema/{query}", headers={"Accept": accept})

    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (200, kind)
    assert yaml.load(response.content, Loader=yaml.CSafeLoader) == document  # JSON is YAML too


def test_the_docs_need_no_network(client):
    page = client.get("/api/v1/docs/").content.decode()

    assert "swagger-ui" in page
    assert "https://" not in page
    assert "http://" not in page


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """(path below /api/v1/, method) → operation."""
    return {
        (path.removeprefix("/api/v1/"), method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
