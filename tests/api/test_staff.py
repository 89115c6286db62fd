"""Members of staff at the door."""

import pytest

from bookings.models import StaffMember
from tests.api.counting import statements
from tests.cast import make_staff

NEL = {
    "email": "Nel@North.example",
    "first_name": "Nel",
    "last_name": "Fox",
    "role": "nurse",
    "clinics": ["north"],
    "password": "a long and private sentence",
}


def test_a_manager_adds_somebody_who_can_sign_in(manager, anyone, cast):
    response = manager.post("staff/", NEL)

    answer = response.json()
    assert response.status_code == 201
    assert answer == {
        "id": str(StaffMember.objects.get(last_name="Fox").id),
        "email": "nel@north.example",
        "first_name": "Nel",
        "last_name": "Fox",
        "role": "nurse",
        "clinics": [str(cast.north.id)],
        "is_active": True,
    }
    token = anyone.post("tokens/", {"email": "nel@north.example", "password": NEL["password"]})
    assert (token.status_code, token.json()["role"]) == (201, "nurse")


def test_who_leaves_is_signed_out_at_once(manager, ana, cast):
    assert ana.get("clinics/north/hours/").status_code == 200

    manager.patch(f"staff/{cast.ana.id}/", {"is_active": False})

    assert ana.get("clinics/north/hours/").status_code == 401


def test_colleagues_are_those_of_ones_own_clinics(cy, desk, cast):
    def names(caller, **query):
        return [member["first_name"] for member in caller.get("staff/", **query).json()["results"]]

    assert names(cy) == ["Dee", "Max", "Cy", "Pia"]
    assert names(desk, role="nurse") == ["Cy", "Ben", "Ana"]
    assert names(desk, role="nurse", clinic="north") == ["Ben", "Ana"]
    assert cy.get(f"staff/{cast.ana.id}/").status_code == 404


def test_a_manager_sees_those_who_work_nowhere_yet(manager, desk):
    made = manager.post("staff/", {**NEL, "clinics": []}).json()

    assert manager.get(f"staff/{made['id']}/").status_code == 200
    assert desk.get(f"staff/{made['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nel"}, "email"),
        ({"email": "ana@north.example"}, "email"),
        ({"email": "ANA@north.example"}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"role": "patient"}, "role"),
        ({"role": ["nurse"]}, "role"),
        ({"clinics": ["south"]}, "clinics.0"),
        ({"clinics": "north"}, "clinics"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": 123456789012}, "password"),
        ({"is_staff": True}, "is_staff"),
        ({"is_superuser": True}, "is_superuser"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(manager, change, field):
    response = manager.post("staff/", {**NEL, **change})

    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert not StaffMember.objects.filter(last_name="Fox").exists()


def test_nobody_works_at_a_clinic_to_which_the_manager_has_no_key(manager, cast):
    cast.manager.clinics.set([cast.west])

    response = manager.patch(f"staff/{cast.cy.id}/", {"clinics": ["west", "north"]})

    assert [error["field"] for error in response.json()["errors"]] == ["clinics.1"]


def test_managers_do_not_lock_themselves_out(manager, cast):
    assert manager.patch(f"staff/{cast.manager.id}/", {"role": "nurse"}).status_code == 403


def test_a_stale_change_is_refused(manager, cast):
    tag = manager.get(f"staff/{cast.ana.id}/")["ETag"]
    assert manager.patch(f"staff/{cast.ana.id}/", {"last_name": "Rey"}, If_Match=tag).status_code == 200

    response = manager.patch(f"staff/{cast.ana.id}/", {"last_name": "Ray"}, If_Match=tag)

    assert (response.status_code, response.json()["code"]) == (412, "stale")


@pytest.mark.parametrize("who", ["anyone", "ada", "desk", "ana", "prescriber"])
def test_nobody_else_changes_staff(request, cast, who):
    caller = request.getfixturevalue(who)
    expected = 401 if who == "anyone" else 403

    assert caller.post("staff/", NEL).status_code == expected
    assert caller.patch(f"staff/{cast.ana.id}/", {"role": "manager"}).status_code == expected


def test_patients_do_not_see_who_works_here(ada, cast):
    assert ada.get("staff/").status_code == ada.get(f"staff/{cast.ana.id}/").status_code == 403


def test_more_colleagues_take_no_more_statements(desk, cast):
    few = statements(lambda: desk.get("staff/"))
    for number in range(3):
        make_staff(f"nurse{number}@north.example", "Nell", "Gray", "nurse", cast.north, cast.west)

    assert statements(lambda: desk.get("staff/")) == few
