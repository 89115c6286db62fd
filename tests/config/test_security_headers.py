"""What an answer says to browsers and proxies about itself, and what it keeps to itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from bookings.api import problems
from tests.cast import Cast
from tests.frontdesk.conftest import at_the_desk, clock
from tests.patient.conftest import signed_in

__all__ = ["clock"]
ROOT = Path(__file__).resolve().parents[2]
SECRET = "Ada Quill, ketamine, 202 555 0199"
pytestmark = pytest.mark.django_db


def falls_over(request: HttpRequest) -> HttpResponse:
    raise ValueError(SECRET)


urlpatterns = [path("falls-over/", falls_over), path("api/v1/falls-over/", falls_over)]
handler500 = problems.server_error


@pytest.mark.parametrize("address", ["/", "/desk/login/", "/api/v1/clinics/", "/api/v1/me/"])
def test_no_other_site_may_read_an_answer(address):
    answer = Client().get(address, headers={"Origin": "https://evil.example"})
    assert [name for name in answer.headers if name.startswith("Access-Control-")] == []


@pytest.mark.parametrize("address", ["/", "/desk/login/", "/api/v1/clinics/", "/healthz"])
def test_nothing_answers_to_trace(address):
    answer = Client().generic("TRACE", address, headers={"X-Secret": SECRET})
    assert answer.status_code in (403, 405)
    assert SECRET not in answer.content.decode()


def test_no_cache_keeps_a_page_of_somebody(cast: Cast, clock):
    desk, ada = at_the_desk(cast.desk), signed_in(cast.ada)
    pages = [(desk, "/desk/north/day/"), (desk, f"/desk/north/patients/{cast.ada.id}/"), (ada, "/my/")]
    told = [browser.get(address) for browser, address in pages]
    assert [answer.status_code for answer in told] == [200, 200, 200]
    assert ["no-store" in answer["Cache-Control"] for answer in told] == [True, True, True]


def test_no_script_of_ours_keeps_anything_in_the_browser():
    scripts = [*(ROOT / "bookings").rglob("*.js"), *(ROOT / "notifications").rglob("*.js")]
    assert len(scripts) > 3
    kept = ("localStorage", "sessionStorage", "indexedDB", "document.cookie")
    assert [(one.name, word) for one in scripts for word in kept if word in one.read_text()] == []


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("address", ["/falls-over/", "/api/v1/falls-over/"])
def test_a_fault_tells_a_stranger_nothing(address):
    answer = Client(raise_request_exception=False).get(address)
    said = answer.content.decode()
    assert answer.status_code == 500
    assert [word for word in (SECRET, "Traceback", "ValueError", "falls_over") if word in said] == []


def test_every_cookie_is_kept_from_scripts_and_from_other_sites(cast: Cast, clock):
    browser = signed_in(cast.ada)
    browser.get("/sign-in/")
    browser.post("/language/", {"language": "es"})

    kept = {name: (bool(one["httponly"]), one["samesite"]) for name, one in browser.cookies.items()}

    assert kept == dict.fromkeys(("csrftoken", "django_language", "sessionid"), (True, "Lax"))
