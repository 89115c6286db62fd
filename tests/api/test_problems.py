"""Whatever is sent: an answer that says what is wrong, as a problem, and never a fault."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.cast import Cast, new_york


def raw(caller: Caller, path: str, body: bytes, content_type: str = "application/json") -> Any:
    return caller.client.generic(
        "POST", f"/api/v1/{path}", body, content_type=content_type, headers=caller.headers
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{]",
        b"\xff\xfe",
        b'"\\ud800"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"nan",
        b"NaN",
        b'{"clinic": Infinity}',
        b"1e999999",
        b"[]",
        b"null",
        b"12",
        b'"text"',
        b"true",
        b"{}",
        b'{"clinic": null, "protocol": null}',
        b'{"clinic": {}, "protocol": []}',
        b'{"clinic": "north", "protocol": "ket6", "sessions": {"0": {}}}',
        b'{"clinic": "north", "protocol": "ket6", "sessions": [null]}',
        b'{"clinic": "north", "protocol": "ket6", "sessions": [[[]]]}',
        b'{"clinic": "north\\u0000", "protocol": "ket6", "sessions": []}',
        '{"clinic": "nörth\u202e", "protocol": "ket6", "sessions": []}'.encode(),
        b'{"\\u0000": 1}',
        b'{"__proto__": {}, "constructor": 1}',
    ],
)
@pytest.mark.parametrize("path", ["holds/", "series/", "plans/"])
def test_bodies_that_make_no_sense_are_invalid(cast: Cast, ada: Caller, path: str, body: bytes):
    response = raw(ada, path, body)

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"12", b'"x"', b"{}", b"{", b'{"email": {}, "password": []}']
)
def test_signing_in_with_nonsense(cast: Cast, anyone: Caller, body: bytes):
    for path in ("tokens/", "login-codes/"):
        response = raw(anyone, path, body)
        assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_a_body_of_another_kind_is_415(cast: Cast, anyone: Caller):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"):
        response = raw(anyone, "plans/", b"clinic=north", kind)
        assert (response.status_code, response.json()["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_by_any_spelling(cast: Cast, anyone: Caller, kind: str):
    assert raw(anyone, "plans/", b'{"clinic": "north", "protocol": "ket6"}', kind).status_code == 200


def test_a_body_that_is_too_large_is_413(cast: Cast, anyone: Caller):
    response = raw(anyone, "plans/", b'{"clinic": "' + b"x" * 1_000_001 + b'"}')

    assert (response.status_code, response.json()["code"]) == (413, "too-large")


def test_an_answer_is_json_whatever_is_accepted(cast: Cast, anyone: Caller):
    for accept in ("text/html", "application/xml", "nonsense", "*/*;q=0"):
        response = anyone.get("clinics/", headers={"Accept": accept})
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "path",
    [
        "nowhere/",
        "series/nonsense/",
        "series/01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f/",
        "sessions/00000000-0000-0000-0000-000000000000/",
        "sessions/%00/",
        "clinics/%00/",
        "clinics/\u2603/",
        "clinics/" + "x" * 3000 + "/",
        "clinics/..%2f..%2fetc/",
        "protocols/'; drop table bookings_claim; --/",
        "openings/nowhere",
    ],
)
def test_addresses_of_nothing_are_404(cast: Cast, ada: Caller, path: str):
    response = ada.get(path)

    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert response["Content-Type"] == "application/problem+json"


def test_an_address_without_its_slash_leads_to_the_one_with_it(cast: Cast, anyone: Caller):
    response = anyone.get("clinics")

    assert (response.status_code, response["Location"]) == (301, "/api/v1/clinics/")


@pytest.mark.parametrize(
    "start",
    [
        "2026-04-06T10:00:00",
        "2026-04-06 10:00:00-04:00",
        "2026-04-06",
        "10:00",
        "2026-02-30T10:00:00-04:00",
        "2026-04-06T24:00:00-04:00",
        "2026-04-06T10:00:60-04:00",
        "2026-04-06T10:00:00-24:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-04-06T10:00:00.000001-04:00",
        "٢٠٢٦-04-06T10:00:00-04:00",
        "2026-04-06T10:00:00[America/New_York]",
        "2026-W15-1T10:00:00-04:00",
        "",
        None,
        0,
        1775484000,
        1e308,
        True,
        [],
        {},
    ],
)
def test_what_is_no_time_is_refused(cast: Cast, ada: Caller, start: Any):
    body = {"clinic": "north", "protocol": "booster", "sessions": [{"start": start}]}

    response = ada.post("holds/", body)

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "sessions.0.start")


@pytest.mark.parametrize(
    "start",
    ["2026-04-06T10:00:00-04:00", "2026-04-06T14:00Z", "2026-04-06t14:00:00z", "2026-04-06T19:30:00.0+05:30"],
)
def test_one_instant_by_any_offset(cast: Cast, ada: Caller, start: str):
    body = {"clinic": "north", "protocol": "booster", "sessions": [{"start": start}]}

    assert ada.post("holds/", body).json()["sessions"][0]["start"] == "2026-04-06T10:00:00-04:00"


def test_a_fault_says_nothing_of_itself(cast: Cast, ada: Caller, monkeypatch):
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("bookings.api.series.series_seen_by", fails)
    ada.client.raise_request_exception = False
    response = ada.get("series/")

    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert b"swordfish" not in response.content


def test_answers_are_not_kept_by_those_in_between(cast: Cast, ada: Caller):
    assert ada.get("me/")["Cache-Control"] == "private, no-cache"
    body = {"email": "desk@north.example", "password": "correct horse battery"}
    assert ada.post("tokens/", body)["Cache-Control"] == "no-store"


def test_holds_of_strangers_are_limited_by_address_and_those_of_patients_are_not(
    cast: Cast, anyone: Caller, ada: Caller, settings
):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "holds of an address": (1, 3600)}
    body = {
        "clinic": "north",
        "protocol": "booster",
        "sessions": [{"start": new_york("2026-04-06 08:00").isoformat()}],
    }

    first, second = anyone.post("holds/", body), anyone.post("holds/", body)

    assert (first.status_code, second.status_code) == (201, 429)
    assert 1 <= int(second["Retry-After"]) <= 3600
    assert {ada.post("holds/", body).status_code for _ in range(3)} == {201}


def test_holds_of_one_patient_are_limited_from_wherever_they_come(
    cast: Cast, ada: Caller, bea: Caller, settings
):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "holds of a patient": (1, 3600)}
    body = {
        "clinic": "north",
        "protocol": "booster",
        "sessions": [{"start": new_york("2026-04-06 08:00").isoformat()}],
    }

    first, second = ada.post("holds/", body), ada.post("holds/", body)

    assert (first.status_code, second.status_code) == (201, 429)
    assert second.json()["code"] == "too-many-requests"
    assert 1 <= int(second["Retry-After"]) <= 3600
    assert bea.post("holds/", body).status_code == 201


def test_plans_for_strangers_are_limited_by_address_and_those_of_patients_are_not(
    cast: Cast, anyone: Caller, ada: Caller, settings
):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "plans of an address": (1, 3600)}
    body = {"clinic": "north", "protocol": "booster"}

    first, second = anyone.post("plans/", body), anyone.post("plans/", body)

    assert (first.status_code, second.status_code) == (200, 429)
    assert 1 <= int(second["Retry-After"]) <= 3600
    assert {ada.post("plans/", body).status_code for _ in range(3)} == {200}
