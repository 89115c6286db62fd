"""The demo's data: made-up people, real treatments, and the calendar of two clinics."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from bookings.consistency import contradictions
from bookings.demo.clinics import CLINICS, PASSWORD, STAFF, closed_days, nth_weekday, working_days
from bookings.demo.courses import DEMAND, FIRST_PHASE, NEXT_PHASE, first_course
from bookings.demo.people import patients
from bookings.demo.protocols import PROTOCOLS
from bookings.preparation import preparation_of
from bookings.snapshot import parse_protocol

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
PARSED = {rules["slug"]: parse_protocol(rules) for rules, _ in PROTOCOLS}


@pytest.mark.parametrize("rules", [rules for rules, _ in PROTOCOLS], ids=lambda rules: rules["slug"])
def test_the_rules_of_every_treatment_can_be_kept_together(rules):
    assert contradictions(rules) == ()


def test_a_ketamine_visit_is_130_minutes_for_the_patient_and_150_for_the_chair():
    assert (PARSED["ketamine-iv"].visit_minutes, PARSED["ketamine-iv"].chair_minutes) == (130, 150)


def test_an_esketamine_visit_is_145_minutes_since_observation_starts_after_the_last_device():
    assert PARSED["esketamine"].visit_minutes == 145


def test_every_treatment_finds_a_chair_with_its_features_at_every_clinic_that_offers_it():
    clinics = {clinic.slug: clinic for clinic in CLINICS}
    without = [
        (rules["slug"], slug)
        for rules, slugs in PROTOCOLS
        for slug in slugs
        if not any(PARSED[rules["slug"]].chair_features <= set(has) for has in clinics[slug].chairs.values())
    ]
    assert without == []


def test_what_patients_ask_for_is_what_their_clinic_offers():
    offered = {clinic.slug: set() for clinic in CLINICS}
    for rules, slugs in PROTOCOLS:
        for slug in slugs:
            offered[slug].add(rules["slug"])
    assert {slug: set(demand) for slug, demand in DEMAND.items()} == offered


def test_first_and_next_phases_exist_and_are_booked_whole():
    booked = {**{(slug, phase): n for slug, (phase, n) in FIRST_PHASE.items()}}
    booked |= {(slug, phase): n for (slug, _), (phase, n, _) in NEXT_PHASE.items()}
    sizes = {(slug, phase.name): phase.sessions for slug, rules in PARSED.items() for phase in rules.phases}
    assert [key for key, n in booked.items() if sizes[key] not in (None, n)] == []


def test_one_member_of_staff_of_each_role_can_sign_in_and_works_at_both_clinics():
    signing_in = [
        (person.email, person.role, person.clinics) for person in STAFF if person.password == PASSWORD
    ]
    both = ("baltimore", "phoenix")
    assert sorted(signing_in) == [
        ("desk@harbor.example", "front_desk", both),
        ("manager@harbor.example", "manager", both),
        ("nurse@harbor.example", "nurse", both),
        ("prescriber@harbor.example", "prescriber", both),
    ]


def test_baltimore_has_six_chairs_and_four_nurses():
    baltimore = CLINICS[0]
    assert (len(baltimore.chairs), len({shift.nurse for shift in baltimore.shifts})) == (6, 4)


def test_patients_are_two_hundred_people_who_cannot_exist():
    people = patients(200, random=Random(1), today=TODAY)
    assert len({(person.first_name, person.last_name) for person in people}) == 200
    assert {person.email.rpartition("@")[2] for person in people if person.email} == {"mail.example"}
    assert {person.phone[5:10] for person in people if person.phone} == {"55501"}
    assert {person.language for person in people} == {"en", "es"}
    assert [person for person in people if not (person.email or person.phone)] == []


def test_the_same_chance_makes_the_same_people():
    assert patients(20, random=Random(3), today=TODAY) == patients(20, random=Random(3), today=TODAY)


def test_nobody_has_asked_for_a_course_in_the_future():
    random = Random(5)
    courses = [
        first_course(person, random=random, now=NOW) for person in patients(200, random=random, today=TODAY)
    ]
    assert [course for course in courses if not course.books_at < NOW] == []
    assert [course for course in courses if course.earliest <= course.books_at.date()] == []


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 1), date(2026, 12, 31), [date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 25)]),
        (date(2026, 7, 1), date(2026, 7, 31), [date(2026, 7, 3)]),  # the 4th is a Saturday
        (date(2027, 12, 30), date(2028, 1, 3), [date(2027, 12, 31)]),  # 1 January 2028 is a Saturday
        (date(2026, 11, 27), date(2026, 11, 27), [date(2026, 11, 27)]),
        (date(2026, 11, 28), date(2026, 12, 24), []),
    ],
)
def test_the_clinics_keep_holidays(first, last, expected):
    assert [day for day, _ in closed_days(first, last)] == expected


@pytest.mark.parametrize(
    ("n", "expected"), [(1, date(2026, 11, 5)), (4, date(2026, 11, 26)), (-1, date(2026, 11, 26))]
)
def test_the_nth_thursday_of_a_november_that_begins_on_a_sunday(n, expected):
    assert nth_weekday(2026, 11, 4, n) == expected


def test_a_week_has_five_working_days_both_ends_included():
    week = list(working_days(date(2026, 11, 23), date(2026, 11, 29)))
    assert (week[0], week[-1], len(week)) == (date(2026, 11, 23), date(2026, 11, 27), 5)


def test_every_treatment_with_a_driver_home_says_how_its_day_is_prepared():
    told = {rules["slug"]: preparation_of(rules) for rules, _ in PROTOCOLS}

    assert {slug: (one.solids_hours, one.clear_fluids_hours) for slug, one in told.items()} == {
        "ketamine-iv": (6, 2),
        "esketamine": (2, 1),
        "ferric-carboxymaltose": (None, None),
        "infliximab": (None, None),
        "lidocaine-iv": (4, 2),
        "ketamine-pain": (6, 2),
    }
    assert all(set(one.texts) in (set(), {"en", "es"}) for one in told.values())
