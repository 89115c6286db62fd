"""What strangers and careless programs put into requests: it is refused, or stays what it is."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bookings.import_files import MOST_BYTES
from bookings.models import Patient, Role, Series, StaffMember
from tests.api.conftest import caller_for, clock  # noqa: F401  a fixture
from tests.frontdesk.conftest import at_the_desk

CHECKOUT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def lines_of(*requests: str, form: str) -> list[str]:
    """The log of a process that was asked for these addresses, line by line."""
    stream = io.StringIO()
    handler = {**settings.LOGGING["handlers"]["stderr"], "formatter": form, "stream": stream}
    logging.config.dictConfig({**settings.LOGGING, "handlers": {"stderr": handler}})
    try:
        for address in requests:
            Client(raise_request_exception=False).get(address)
    finally:
        logging.config.dictConfig(settings.LOGGING)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("form", ["line", "json"])
def test_nobody_writes_lines_of_their_own_into_the_log(form):
    forged = "2026-04-01 ERROR bookings: everything is lost"
    told = lines_of(f"/nowhere%0A{forged}", f"/nowhere%0D%0A{forged}", form=form)
    assert [line for line in told if line.startswith(("2026-04-01 ERROR", '{"level": "ERROR'))] == []
    assert len(told) == 4  # for each request one that it was not found, and one that it was answered


def test_a_sign_that_is_no_text_is_refused_in_an_address_as_in_a_form(cast):
    for path in ("/desk/north/search/?q=ada%00", "/desk/north/walk-in/?q=%00"):
        assert at_the_desk(cast.desk).get(path).status_code == 400


@pytest.mark.parametrize("address", ["/desk/login/", "/admin/login/"])
@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(cast, address, to):
    cast.manager.set_password("correct horse battery staple")
    cast.manager.is_staff = True
    cast.manager.save()
    answer = Client().post(
        f"{address}?next={to}",
        {"username": cast.manager.email, "password": "correct horse battery staple", "next": to},
    )
    led_to = urlsplit(answer.headers.get("Location", "/"))
    assert (led_to.scheme, led_to.netloc) == ("", "")
    assert led_to.path.split("/")[1] in ("desk", "admin", "")


@pytest.mark.parametrize("name", ["Ada\r\nBcc: everybody@mail.example", "Ada\nX-Header: yes", "Ada\x00"])
def test_a_name_cannot_become_a_header(cast, clock, name):  # noqa: F811
    body = {"first_name": name, "last_name": "Quill", "birth_date": "1990-02-03", "email": "a@mail.example"}
    answer = caller_for(cast.desk).post("patients/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["first_name"]
    assert not Patient.objects.filter(last_name="Quill", birth_date="1990-02-03").exists()


@pytest.mark.parametrize(
    "more",
    [
        {"id": "00000000-0000-7000-8000-000000000001"},
        {"version": 99},
        {"is_staff": True},
        {"role": "manager"},
        {"created_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_only_what_is_offered_can_be_written(cast, clock, more):  # noqa: F811
    (field,) = more
    desk = caller_for(cast.desk)
    details = {"first_name": "Dora", "last_name": "Quill", "birth_date": "1990-02-03"}
    for answer in (
        desk.post("patients/", {**details, "email": "dora@mail.example", **more}),
        desk.patch(f"patients/{cast.ada.id}/", {"first_name": "Dora", **more}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert Patient.objects.filter(first_name="Dora").count() == 0


def test_a_patient_cannot_book_for_somebody_else(cast, clock):  # noqa: F811
    body = {
        "patient": str(cast.bea.id),
        "clinic": "north",
        "protocol": "booster",
        "sessions": [{"start": "2026-04-06T10:00:00-04:00"}],
    }
    answer = caller_for(cast.ada).post("series/", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert not Series.objects.exists()


def test_no_form_of_the_desk_makes_a_manager_of_whoever_sends_more_fields(cast, clock):  # noqa: F811
    at_the_desk(cast.desk).post(
        f"/desk/north/patients/{cast.ada.id}/change/",
        {"first_name": "Ada", "last_name": "Quill", "role": "manager", "is_superuser": "on"},
    )
    assert StaffMember.objects.get(id=cast.desk.id).role == Role.FRONT_DESK
    assert not StaffMember.objects.filter(is_superuser=True).exists()


def a_file(size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("visits.csv", b"x" * size, content_type="text/csv")


@pytest.mark.parametrize("address", ["/desk/login/", "/desk/north/patients/new/", "/no/page/"])
def test_no_page_but_one_takes_a_file(cast, address):
    client = Client(raise_request_exception=False)
    client.force_login(cast.desk)
    told = client.post(address, {"file": a_file(100)}).status_code
    assert told == (404 if "no" in address.split("/") else 400)


def test_the_api_takes_no_file(cast, clock):  # noqa: F811
    caller = caller_for(cast.desk)
    answer = caller.client.post(
        "/api/v1/patients/", {"file": a_file(100)}, format="multipart", headers=caller.headers
    )
    assert (answer.status_code, answer.json()["code"]) in [(415, "unsupported-media-type"), (400, "invalid")]


@pytest.mark.parametrize(("size", "status"), [(MOST_BYTES, 200), (MOST_BYTES + 200_000, 400)])
def test_the_file_of_an_import_has_its_bound_before_it_is_read(cast, clock, size, status):  # noqa: F811
    client = at_the_desk(cast.manager)
    client.raise_request_exception = False
    assert client.post("/desk/north/files/import/", {"file": a_file(size)}).status_code == status


def test_django_finds_nothing_to_say_against_a_deployment():
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "k2J8" * 20 + "long-and-various-0123456789",
        "PUBLIC_URL": "https://clinic.example",
        "DATABASE_URL": "postgresql://u:p@db.internal/cadence",
        "REDIS_URL": "redis://redis.internal/0",
        "EMAIL_URL": "smtp://mail.internal",
        "FIELD_KEYS": Fernet.generate_key().decode(),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), (
        done.stderr
    )


def test_what_a_browser_is_told_to_keep_to(client):
    told = client.get("/").headers
    assert told["X-Frame-Options"] == "DENY"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Referrer-Policy"] == "same-origin"
    assert told["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "'unsafe" not in told["Content-Security-Policy"]
    assert "default-src 'none'" in told["Content-Security-Policy"]


def test_a_body_has_its_bound(cast, clock):  # noqa: F811
    answer = caller_for(cast.desk).post("patients/", {"first_name": "x" * 1_000_001})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (413, "too-large")
