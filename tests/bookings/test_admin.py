"""The admin shows the diary and changes none of it."""

import re

import pytest
from django.contrib import admin

from bookings.models import Clinic, StaffMember
from tests.cast import make_patient


@pytest.fixture
def owner(client, cast):
    """Somebody for whom nothing is forbidden, signed in."""
    user = StaffMember.objects.create_superuser("owner@north.example", "correct horse battery")
    client.force_login(user)
    return client


def test_rows_are_listed_and_none_is_added(owner):
    names = [model._meta.model_name for model in admin.site._registry if model._meta.app_label == "bookings"]
    lists = {name: owner.get(f"/admin/bookings/{name}/").status_code for name in names}
    forms = {name: owner.get(f"/admin/bookings/{name}/add/").status_code for name in names}

    assert "session" in names
    assert lists == dict.fromkeys(names, 200)
    assert forms == dict.fromkeys(names, 403)


def test_a_clinic_is_shown_and_neither_changed_nor_deleted(owner, cast):
    address = f"/admin/bookings/clinic/{cast.north.id}/"

    assert owner.get(f"{address}change/").status_code == 200
    assert owner.post(f"{address}change/", {"name": "Mine"}).status_code == 403
    assert owner.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert Clinic.objects.get(id=cast.north.id).name == "North"


def test_only_the_key_to_this_admin_is_given_here(owner, cast):
    owner.post(f"/admin/bookings/staffmember/{cast.desk.id}/change/", {"is_staff": "on", "role": "manager"})

    cast.desk.refresh_from_db()
    assert (cast.desk.is_staff, cast.desk.role) == (True, "front_desk")


def test_a_patient_is_shown(owner, cast):
    patient = make_patient("Ida", "Brien", number=42)

    assert owner.get(f"/admin/bookings/patient/{patient.id}/change/").status_code == 200


def test_nothing_but_the_key_to_this_admin_is_ever_written_by_it(rf, owner, cast):
    request = rf.get("/admin/")
    request.user = StaffMember.objects.get(email="owner@north.example")
    ways = ("has_add_permission", "has_change_permission", "has_delete_permission")
    open_ = {
        (model._meta.model_name, way)
        for model, shown in admin.site._registry.items()
        for way in ways
        if getattr(shown, way)(request)
    }

    assert open_ == {("staffmember", "has_change_permission")}
    assert [shown.get_actions(request) for shown in admin.site._registry.values()] == [{}] * len(
        admin.site._registry
    )


def test_one_form_signs_in_here_too_and_it_asks_for_the_second_factor(client, cast):
    answer = client.get("/admin/bookings/session/")
    led = client.get(answer.headers["Location"])

    assert answer.headers["Location"] == "/admin/login/?next=/admin/bookings/session/"
    assert led.headers["Location"] == "/desk/login/?next=/admin/bookings/session/"
    assert client.post("/admin/login/", {"username": "x", "password": "y"}).status_code == 302


def test_who_may_not_come_in_is_told_and_not_led_in_circles(client, cast):
    client.force_login(cast.desk)

    assert client.get("/admin/", follow=True).status_code == 403


def test_its_policy_is_its_own_and_lets_nothing_in_from_elsewhere(owner, cast):
    for path in ("", "bookings/patient/", f"bookings/patient/{cast.ada.id}/change/"):
        page = owner.get(f"/admin/{path}")
        policy = _policy(page)
        assert policy["script-src"] == ["'self'", "'unsafe-eval'"]
        assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
        assert (policy["font-src"], policy["img-src"]) == (["'self'"], ["'self'", "data:"])
        assert (policy["default-src"], policy["frame-ancestors"]) == (["'none'"], ["'none'"])
        html = page.content.decode()
        sources = re.findall(r"<(?:script|link|img)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"", html)
        assert [one for one in sources if not one.startswith("/")] == []
        assert (" onclick=" in html, "<script>" in html) == (False, False)


def test_every_other_page_keeps_the_strict_policy(owner, cast):
    for path in ("/desk/login/", "/"):
        policy = _policy(owner.get(path))
        assert (policy["script-src"], policy["style-src"]) == (["'self'"], ["'self'"])


def _policy(page) -> dict[str, list[str]]:
    directives = (one.split() for one in page.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in filter(None, directives)}
