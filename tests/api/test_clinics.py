"""Clinics at the door: open to everyone to see, a manager's to make and change."""

import pytest

from bookings.models import Clinic
from tests.api.counting import statements
from tests.cast import make_clinic

EAST = {
    "slug": "east",
    "name": "East",
    "time_zone": "Europe/London",
    "phone": "(202) 555-0142",
    "address": "1 High Street",
    "nursing_mode": "line_of_sight",
    "patients_per_nurse": 2,
    "start_stagger": {"starts": 2, "minutes": 15},
}


def test_everyone_sees_where_the_clinics_are(anyone, cast):
    answer = anyone.get("clinics/").json()

    assert [clinic["slug"] for clinic in answer["results"]] == ["north", "west"]
    assert answer["results"][0] == {
        "id": str(cast.north.id),
        "slug": "north",
        "name": "North",
        "time_zone": "America/New_York",
        "phone": "",
        "address": "",
    }
    assert (answer["next"], answer["previous"]) == (None, None)


def test_staff_see_the_settings_as_well(desk):
    answer = desk.get("clinics/north/").json()

    assert {
        name: answer[name] for name in answer if name not in ("id", "name", "slug", "phone", "address")
    } == {
        "time_zone": "America/New_York",
        "grid_minutes": 15,
        "nursing_mode": "strict",
        "patients_per_nurse": 3,
        "hold_minutes": 10,
        "no_show_after_minutes": 15,
        "levelling": False,
        "start_stagger": None,
    }


def test_a_clinic_is_found_by_id_and_by_slug(anyone, cast):
    by_slug, by_id = anyone.get("clinics/north/"), anyone.get(f"clinics/{cast.north.id}/")

    assert by_slug.json() == by_id.json()


@pytest.mark.parametrize("key", ["south", "0" * 36, "north%00", "%F0%9F%8C%8A", "north'--", "n" * 300])
def test_any_other_key_is_not_found(anyone, cast, key):
    response = anyone.get(f"clinics/{key}/")

    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_a_manager_adds_a_clinic(manager, cast):
    response = manager.post("clinics/", EAST)

    assert response.status_code == 201
    answer = response.json()
    assert answer.pop("id") == str(Clinic.objects.get(slug="east").id)
    assert answer == {
        **EAST,
        "phone": "+12025550142",
        "grid_minutes": 15,
        "hold_minutes": 10,
        "no_show_after_minutes": 15,
        "levelling": False,
    }
    assert manager.get("clinics/east/hours/").status_code == 200


def test_the_same_key_adds_one_clinic(manager):
    first = manager.post("clinics/", EAST, Idempotency_Key="one")
    second = manager.post("clinics/", EAST, Idempotency_Key="one")

    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Clinic.objects.filter(slug="east").count() == 1


@pytest.mark.parametrize("who", ["anyone", "ada", "desk", "ana", "prescriber"])
def test_nobody_else_adds_or_changes_a_clinic(request, cast, who):
    caller = request.getfixturevalue(who)
    expected = 401 if who == "anyone" else 403

    assert caller.post("clinics/", EAST).status_code == expected
    assert caller.patch("clinics/north/", {"name": "Mine"}).status_code == expected
    assert set(Clinic.objects.values_list("name", flat=True)) == {"North", "West"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": "America"}, "time_zone"),
        ({"time_zone": "Europe/London\0"}, "time_zone"),
        ({"time_zone": 7}, "time_zone"),
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"slug": "-east"}, "slug"),
        ({"slug": "019d1c9e-6a00-7000-8000-000000000002"}, "slug"),
        ({"slug": "north"}, "slug"),
        ({"phone": "call me"}, "phone"),
        ({"grid_minutes": 0}, "grid_minutes"),
        ({"grid_minutes": 10**30}, "grid_minutes"),
        ({"grid_minutes": "15"}, "grid_minutes"),
        ({"nursing_mode": "lenient"}, "nursing_mode"),
        ({"patients_per_nurse": 0}, "patients_per_nurse"),
        ({"start_stagger": {"starts": 1}}, "start_stagger.minutes"),
        ({"start_stagger": [1, 2]}, "start_stagger"),
        ({"hold_minutes": -1}, "hold_minutes"),
        ({"roster_version": 7}, "roster_version"),
        ({"id": "x"}, "id"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(manager, change, field):
    response = manager.post("clinics/", {**EAST, **change})

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Clinic.objects.filter(name="East").exists()


@pytest.mark.parametrize("missing", ["slug", "name", "time_zone"])
def test_what_is_missing_is_named(manager, missing):
    response = manager.post("clinics/", {name: value for name, value in EAST.items() if name != missing})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, missing)


@pytest.mark.parametrize(
    "body",
    ["[]", '[{"slug": "east"}]', '"east"', "7", "null", "{", '{"name": "\\ud800"}', '{"name": NaN}', "\0"],
)
def test_a_body_that_is_no_object_is_refused(manager, body):
    response = manager.client.generic(
        "POST", "/api/v1/clinics/", data=body, content_type="application/json", headers=manager.headers
    )

    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_a_change_that_somebody_else_overtook_is_stale(manager):
    tag = manager.get("clinics/north/")["ETag"]

    assert manager.patch("clinics/north/", {"name": "Nord"}, If_Match=tag).status_code == 200
    response = manager.patch("clinics/north/", {"name": "Norte"}, If_Match=tag)

    assert (response.status_code, response.json()["code"]) == (412, "stale")
    assert manager.get("clinics/north/").json()["name"] == "Nord"


def test_an_etag_that_still_holds_saves_the_answer(anyone, cast):
    tag = anyone.get("clinics/north/")["ETag"]

    assert anyone.get("clinics/north/", headers={"If-None-Match": tag}).status_code == 304


def test_a_stagger_can_be_taken_away(manager):
    manager.patch("clinics/north/", {"start_stagger": {"starts": 1, "minutes": 10}})

    answer = manager.patch("clinics/north/", {"start_stagger": None}).json()

    assert answer["start_stagger"] is None


def test_a_clinic_where_the_manager_does_not_work_is_not_theirs(cast, manager):
    cast.manager.clinics.set([cast.west])

    assert manager.patch("clinics/north/", {"name": "Mine"}).status_code == 404
    assert manager.get("clinics/north/hours/").status_code == 404


def test_a_list_of_three_takes_as_many_statements_as_one_of_two(anyone, cast):
    few = statements(lambda: anyone.get("clinics/"))
    make_clinic("east", time_zone="Europe/London")

    assert statements(lambda: anyone.get("clinics/")) == few


def test_pages_follow_one_another(anyone, cast):
    first = anyone.get("clinics/", limit=1).json()
    second = anyone.client.get(first["next"]).json()

    assert [page["results"][0]["slug"] for page in (first, second)] == ["north", "west"]
    assert second["next"] is None
