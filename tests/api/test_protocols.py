"""Treatments at the door: everyone sees those in effect, and none is in effect unsigned."""

from copy import deepcopy

import pytest

from bookings.models import Protocol
from tests.api.counting import statements
from tests.cast import BOOSTER, KET6, make_protocol

NEW = {**deepcopy(KET6), "slug": "new"}


def changed(path, value):
    """NEW with one value replaced, or taken out where it is `...`."""
    body = deepcopy(NEW)
    *way, last = path.split(".")
    part = body
    for name in way:
        part = part[int(name)] if name.isdigit() else part[name]
    if value is ...:
        del part[last]
    elif isinstance(part, list):
        part[int(last)] = value
    else:
        part[last] = value
    return body


def test_what_was_read_can_be_changed_and_put_back(manager, prescriber):
    prescriber.post("protocols/", {**NEW, "clinics": ["north"]})
    read = manager.get("protocols/new/").json()

    made = manager.put("protocols/new/", {**read, "lead_time_hours": 48})
    again = manager.put("protocols/new/", {**manager.get("protocols/new/").json(), "lead_time_hours": 72})
    elsewhere = manager.put("protocols/new/", {**read, "clinics": []})

    assert (made.status_code, made.json()["version"], made.json()["lead_time_hours"]) == (200, 2, 48)
    assert (again.status_code, again.json()["version"], again.json()["lead_time_hours"]) == (200, 3, 72)
    assert [error["field"] for error in elsewhere.json()["errors"]] == ["clinics", "pending"]


def test_everyone_sees_a_protocol_as_the_contract_shows_it(anyone, cast):
    answer = anyone.get("protocols/ket6/").json()

    assert answer == {
        "id": str(cast.ket6.id),
        **KET6,
        "version": 1,
        "signed_at": "2026-01-01T12:00:00+00:00",
        "spacing": KET6["phases"][0]["spacing"],
        "chair_features": [],
        "clinics": [str(cast.north.id), str(cast.west.id)],
    }


def test_a_clinic_lists_what_it_offers(anyone, cast):
    make_protocol({**KET6, "slug": "west-only"}, cast.west, signed_by=cast.prescriber)
    make_protocol({**KET6, "slug": "unsigned"}, cast.north, signed_by=None)

    def slugs(**query):
        return [protocol["slug"] for protocol in anyone.get("protocols/", **query).json()["results"]]

    assert slugs(clinic="north") == ["booster", "esketamine", "infliximab", "ket6"]
    assert slugs(clinic=str(cast.west.id)) == ["booster", "esketamine", "infliximab", "ket6", "west-only"]
    assert slugs() == ["booster", "esketamine", "infliximab", "ket6", "west-only"]
    assert anyone.get("protocols/", clinic="south").status_code == 404


def test_an_unsigned_protocol_is_for_staff_to_see(anyone, ada, desk, cast):
    make_protocol({**KET6, "slug": "unsigned"}, cast.north, signed_by=None)

    assert [caller.get("protocols/unsigned/").status_code for caller in (anyone, ada, desk)] == [
        404,
        404,
        200,
    ]
    answer = desk.get("protocols/unsigned/").json()
    assert (answer["version"], answer["signed_at"], answer["pending"]["version"]) == (1, None, 1)


def test_from_a_managers_draft_to_the_next_version_in_effect(manager, prescriber, anyone):
    made = manager.post("protocols/", NEW)
    assert (made.status_code, made.json()["version"], made.json()["signed_at"]) == (201, 1, None)
    assert anyone.get("protocols/new/").status_code == 404

    signed = prescriber.post("protocols/new/sign/", {"version": 1})
    assert (signed.status_code, signed.json()["version"], signed.json()["pending"]) == (200, 1, None)
    assert anyone.get("protocols/new/").json()["signed_at"] == "2026-04-01T12:00:00+00:00"

    next_one = manager.put("protocols/new/", {**NEW, "name": "Renamed"})
    assert (next_one.status_code, next_one.json()["version"], next_one.json()["name"]) == (200, 2, "Renamed")
    shown = manager.get("protocols/new/").json()
    assert (shown["version"], shown["name"]) == (1, KET6["name"])
    assert (shown["pending"]["version"], shown["pending"]["name"]) == (2, "Renamed")
    assert "pending" not in anyone.get("protocols/new/").json()

    prescriber.post("protocols/new/sign/")
    assert anyone.get("protocols/new/").json()["version"] == 2


def test_a_prescribers_own_takes_effect_at_once(prescriber, anyone):
    prescriber.post("protocols/", NEW)
    prescriber.put("protocols/new/", {**NEW, "name": "Renamed"})

    answer = anyone.get("protocols/new/").json()
    assert (answer["version"], answer["name"]) == (2, "Renamed")


def test_it_is_offered_where_the_maker_works_unless_said_otherwise(manager, cast):
    manager.post("protocols/", NEW)
    manager.post("protocols/", {**NEW, "slug": "one", "clinics": ["west"]})

    assert set(Protocol.objects.get(slug="new").clinics.all()) == {cast.north, cast.west}
    assert set(Protocol.objects.get(slug="one").clinics.all()) == {cast.west}


def test_where_it_is_offered_can_change(manager, cast):
    answer = manager.patch("protocols/ket6/", {"clinics": [str(cast.west.id)]}).json()

    assert answer["clinics"] == [str(cast.west.id)]
    assert manager.patch("protocols/ket6/", {"clinics": ["south"]}).json()["errors"] == [
        {"field": "clinics.0", "detail": "You work at no such clinic."}
    ]


def test_a_signature_on_what_was_not_read_is_stale(manager, prescriber):
    manager.put("protocols/ket6/", {**KET6, "name": "Second"})

    stale = prescriber.post("protocols/ket6/sign/", {"version": 1})
    signed = prescriber.post("protocols/ket6/sign/", {"version": 2})
    again = prescriber.post("protocols/ket6/sign/")

    assert [(one.status_code, one.json().get("code")) for one in (stale, signed, again)] == [
        (412, "stale"),
        (200, None),
        (409, "wrong-state"),
    ]
    assert (again.json()["state"], again.json()["allowed"]) == ("signed", [])


def test_a_version_on_top_of_one_not_read_is_stale(manager):
    tag = manager.get("protocols/ket6/")["ETag"]
    manager.put("protocols/ket6/", KET6)

    assert manager.put("protocols/ket6/", KET6, If_Match=tag).status_code == 412
    assert Protocol.objects.get(slug="ket6").versions.count() == 2


@pytest.mark.parametrize("who", ["anyone", "ada", "desk", "ana"])
def test_others_write_nothing(request, cast, who):
    caller = request.getfixturevalue(who)
    answers = [
        caller.post("protocols/", NEW),
        caller.put("protocols/ket6/", KET6),
        caller.patch("protocols/ket6/", {"clinics": []}),
        caller.post("protocols/ket6/sign/"),
    ]

    assert [answer.status_code for answer in answers] == [401 if who == "anyone" else 403] * 4


def test_a_manager_does_not_sign(manager):
    manager.put("protocols/ket6/", KET6)

    assert manager.post("protocols/ket6/sign/").status_code == 403


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", ...),
        ("name", ""),
        ("name", "n\0"),
        ("slug", "New One"),
        ("spacing_group", "*"),
        ("spacing_group", "Two words"),
        ("phases", []),
        ("phases", {}),
        ("phases.0.name", ...),
        ("phases.0.sessions", ...),
        ("phases.0.sessions", 0),
        ("phases.0.sessions", 6.5),
        ("phases.0.sessions", 201),
        ("phases.0.spacing", ...),
        ("phases.0.spacing.min_gap_minutes", ...),
        ("phases.0.spacing.min_gap_minutes", -1),
        ("phases.0.spacing.min_gap_minutes", "2640"),
        ("phases.0.spacing.min_gap_days", 367),
        ("phases.0.spacing.min_gap_days", True),
        ("phases.0.spacing.min_gap_hours", 44),
        ("phases.0.spacing.max_gap_days", 10**40),
        ("phases.0.spacing.rolling_limit", {"sessions": 3}),
        ("phases.0.spacing.rolling_limit", {"sessions": 0, "days": 7}),
        ("phases.0.spacing.rolling_limit", [3, 7]),
        ("washouts.0.days", 0),
        ("washouts.0.spacing_group", "ketamine"),
        ("steps", []),
        ("steps.0.nurse", "half"),
        ("steps.0.nurse", ...),
        ("steps.0.minutes", 0),
        ("steps.0.minutes", 1441),
        ("steps.0.patient", "yes"),
        ("steps.0.colour", "red"),
        ("lead_time_hours", -1),
        ("lead_time_hours", ...),
        ("horizon_days", 0),
        ("cancel_cutoff_hours", None),
        ("needs_clearance", "no"),
        ("needs_escort", ...),
        ("reminders", [-1]),
        ("price", {"amount": 475, "currency": "dollars"}),
        ("price", {"amount": "4.7.5", "currency": "USD"}),
        ("preparation", {"solids_hours": 73}),
        ("preparation", {"clear_fluids_hours": 0.5}),
        ("preparation", {"solids_hours": 2, "clear_fluids_hours": 6}),
        ("preparation", {"text": {"fr": "À jeun."}}),
        ("preparation", {"coffee_hours": 1}),
        ("chair_features", ["x" * 41]),
        ("clinics", ["south"]),
        ("version", 3),
        ("id", "x"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(prescriber, path, value):
    response = prescriber.post("protocols/", changed(path, value))

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    fields = [error["field"] for error in response.json()["errors"]]
    assert all(field.startswith(path) for field in fields), fields
    assert fields
    assert not Protocol.objects.filter(slug="new").exists()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("phases.0.sessions", None),
        ("phases.0.spacing.max_gap_days", None),
        ("phases.0.spacing", {"min_gap_minutes": 0}),
        ("washouts", ...),
        ("washouts.0.spacing_group", "iron"),
        ("reminders", [3, 1]),
        ("price", {"amount": "475.00", "currency": "USD"}),
        ("price", None),
        ("preparation", {"solids_hours": 6, "clear_fluids_hours": 6, "no_driving_hours": 24}),
        ("preparation", {"no_driving_hours": 72, "text": {"en": "Loose sleeves.", "es": "Mangas anchas."}}),
        ("preparation", None),
        ("chair_features", ["bed"]),
        ("steps.0.minutes", 1440 - 135),
    ],
)
def test_what_makes_sense_is_kept_as_it_was_said(prescriber, path, value):
    body = changed(path, value)

    response = prescriber.post("protocols/", body)

    answer = response.json()
    assert response.status_code == 201, answer
    said = body["phases"][0]
    kept = answer["phases"][0]
    assert (kept["name"], kept["sessions"]) == (said["name"], said["sessions"])
    assert kept["spacing"] == {name: gap for name, gap in said["spacing"].items() if gap is not None}
    assert answer["washouts"] == body.get("washouts", [])
    assert answer["steps"] == body["steps"]
    assert answer.get("price") == body.get("price")
    assert answer.get("reminders") == body.get("reminders")
    assert answer.get("preparation") == body.get("preparation")


def test_the_slug_of_a_version_is_its_protocols(manager):
    response = manager.put("protocols/ket6/", {**KET6, "slug": "other"})

    assert [error["field"] for error in response.json()["errors"]] == ["slug"]


def test_contradictions_are_named_all_at_once(prescriber):
    body = changed("phases.0.spacing.target_gap_days", 8)
    body["washouts"] *= 2

    response = prescriber.post("protocols/", body)

    assert [error["field"] for error in response.json()["errors"]] == [
        "phases.0.spacing.soft_max_gap_days",
        "washouts.1.spacing_group",
    ]


def test_a_list_of_three_takes_as_many_statements_as_one_of_one(anyone, cast):
    Protocol.objects.exclude(slug="ket6").delete()
    one = statements(lambda: anyone.get("protocols/", clinic="north"))
    make_protocol({**BOOSTER, "slug": "two"}, cast.north, signed_by=cast.prescriber)
    make_protocol({**BOOSTER, "slug": "three"}, cast.north, signed_by=cast.prescriber)

    assert statements(lambda: anyone.get("protocols/", clinic="north")) == one
