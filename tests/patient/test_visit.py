"""One visit: what its patient is told, and what they do with it."""

import re
from datetime import timedelta

import pytest

from bookings.commands.attend import check_in_session
from bookings.models import JournalEntry, Session
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, make_version, new_york
from tests.patient.conftest import hidden, link_to, words

PREPARATION = {"solids_hours": 6, "clear_fluids_hours": 2, "no_driving_hours": 24}
SECOND = MONDAYS_AND_THURSDAYS[1]


@pytest.fixture
def series(cast):
    rules = {**KET6, "preparation": {**PREPARATION, "text": {"en": "Loose sleeves.", "es": "Mangas anchas."}}}
    make_version(cast.ket6, rules, signed_by=cast.prescriber)
    return book_ket6(cast)


@pytest.fixture
def second(series):
    return session(series, 2)


def page_of(found):
    return f"/my/sessions/{found.id}/"


def test_it_says_when_where_and_how_to_prepare(ada, second):
    said = words(ada.get(page_of(second)))

    for sentence in (
        "Thursday 9 April, 10:00 a.m.",
        "Visit 2 of 6 Booked",
        "Where North",
        "Be there 10:00 a.m. Leave about 12:10 p.m.",
        "Times are those of the clinic: New York (EDT).",
        "Eat nothing after 4:00 a.m.",
        "Drink clear fluids, such as water, only until 8:00 a.m.",
        "Do not drive before Friday 10 April, 12:10 p.m.",
        "An adult must take you home.",
        "Loose sleeves.",
        "Until Wednesday 8 April, 10:00 a.m. you can move or cancel it here.",
    ):
        assert sentence in said


def test_it_says_so_in_spanish(ada, second):
    said = words(ada.get(page_of(second), headers={"accept-language": "es"}))

    assert "Jueves 9 de abril, 10:00" in said
    assert "No coma nada después de: 04:00" in said
    assert "Mangas anchas." in said


def test_over_a_change_of_clock_the_hours_on_the_wall_are_the_right_ones(cast, ada, series):
    cast.north.opening_hours.create(weekday=7, opens="07:00", closes="17:00")
    found = session(series, 2)
    Session.objects.filter(id=found.id).update(
        start=new_york("2026-11-01 07:00"),
        end=new_york("2026-11-01 09:10"),
        chair_until=new_york("2026-11-01 09:30"),
    )

    said = words(ada.get(page_of(found)))

    assert "Eat nothing after 1:00 a.m. EST" in said  # the second of two


def test_somebody_elses_visit_is_not_there(bea, second):
    for address in ("", "move/", "cancel/", "earlier/"):
        assert bea.get(page_of(second) + address).status_code == 404
    for address in ("confirm/", "move/", "cancel/", "driver/", "earlier/"):
        assert bea.post(page_of(second) + address, {"version": 1}).status_code == 404
    assert Session.objects.get(id=second.id).version == 1


def test_who_is_not_signed_in_is_led_there_and_back(anyone, second):
    answer = anyone.get(page_of(second))

    assert answer.status_code == 302
    assert answer["Location"] == f"/sign-in/?next=%2Fmy%2Fsessions%2F{second.id}%2F"


@pytest.mark.parametrize("way", ["my", "link"])
def test_confirming(ada, anyone, second, way):
    client, base = (ada, page_of(second)) if way == "my" else (anyone, link_to(second))
    version = hidden(client.get(base), "version")[0]

    answer = client.post(f"{base}confirm/", {"version": version}, follow=True)

    assert answer.redirect_chain == [(base, 302)]
    assert "Thank you. The clinic knows that you are coming." in words(answer)
    assert "Visit 2 of 6 Confirmed" in words(answer)
    assert "Yes, I am coming" not in words(answer)
    row = JournalEntry.objects.get(verb="session_confirmed")
    assert (row.actor_kind, row.actor_id) == ("patient", second.patient_id)


def test_confirming_twice_is_told_like_once(ada, second):
    for _press in range(2):
        answer = ada.post(f"{page_of(second)}confirm/", {"version": 1}, follow=True)
        assert "Thank you." in words(answer)
    assert JournalEntry.objects.filter(verb="session_confirmed").count() == 1


def test_a_page_from_before_a_change_is_told_so_and_shows_how_it_is_now(ada, second):
    Session.objects.filter(id=second.id).update(version=2)

    for address in ("confirm/", "cancel/"):
        answer = ada.post(page_of(second) + address, {"version": 1})
        assert answer.status_code == 409
        assert "This has changed since you opened the page." in words(answer)
        assert hidden(answer, "version")[0] == "2"
    assert Session.objects.get(id=second.id).status == "booked"


@pytest.mark.parametrize("mangled", ["", "x", "٣", "99999999999", "-1"])
def test_a_mangled_version_changes_nothing(ada, second, mangled):
    assert ada.post(f"{page_of(second)}confirm/", {"version": mangled}).status_code == 409


def test_what_cannot_be_confirmed_says_why(cast, ada, second):
    check_in_session(second, actor=cast.as_desk, now=NOW)

    answer = ada.post(f"{page_of(second)}confirm/", {"version": 2})

    assert (answer.status_code, "This visit has begun." in words(answer)) == (409, True)


def test_naming_a_driver(ada, second):
    said = {"name": "Rosa Quill", "phone": "(202) 555-0188"}

    answer = ada.post(f"{page_of(second)}driver/", said, follow=True)

    assert "Thank you. Rosa Quill takes you home." in words(answer)
    assert "You have named Rosa Quill ." in words(answer)
    found = Session.objects.get(id=second.id)
    assert (found.escort_name, found.escort_phone) == ("Rosa Quill", "+12025550188")

    answer = ada.post(f"{page_of(second)}driver/", {"name": "", "phone": ""}, follow=True)
    assert "Nobody is named any more." in words(answer)
    assert Session.objects.get(id=second.id).escort_name == ""


def test_a_link_shows_no_drivers_number_and_loses_none(ada, anyone, second):
    said = {"name": "Rosa Quill", "phone": "202 555 0188"}
    ada.post(f"{page_of(second)}driver/", said)
    link = link_to(second)

    assert "+12025550188" in ada.get(page_of(second)).content.decode()
    shown = anyone.get(link).content.decode()
    assert "Rosa Quill" in shown
    assert "5550188" not in re.sub(r"\D", "", shown)
    anyone.post(f"{link}driver/", {"name": "Rosa Quill", "phone": ""})
    found = Session.objects.get(id=second.id)
    assert (found.escort_name, found.escort_phone) == ("Rosa Quill", "+12025550188")
    anyone.post(f"{link}driver/", {"name": "Noor Quill", "phone": ""})
    found = Session.objects.get(id=second.id)
    assert (found.escort_name, found.escort_phone) == ("Noor Quill", "")


def test_a_drivers_number_that_is_none_keeps_what_was_typed(ada, second):
    answer = ada.post(f"{page_of(second)}driver/", {"name": "Rosa", "phone": "12"})

    assert answer.status_code == 422
    assert "This is no phone number." in words(answer)
    assert 'value="Rosa"' in answer.content.decode()
    assert Session.objects.get(id=second.id).escort_name == ""


def test_a_number_without_a_name_is_asked_for_the_name(ada, second):
    answer = ada.post(f"{page_of(second)}driver/", {"name": "", "phone": "202 555 0188"})

    assert (answer.status_code, "Whose number is this?" in words(answer)) == (422, True)


def test_past_the_cut_off_the_page_names_the_telephone(cast, ada, second, clock):
    type(cast.north).objects.update(phone="+12025550142")
    clock.set(SECOND - timedelta(hours=24, seconds=-1))

    said = words(ada.get(page_of(second)))

    assert (
        "Until Wednesday 8 April, 10:00 a.m. this could be changed here. Please call the clinic now." in said
    )
    assert "Call (202) 555-0142" in said
    assert "Move it" not in said


def test_a_link_shows_its_own_visit_and_nothing_of_the_treatment(anyone, second):
    answer = anyone.get(link_to(second))

    assert "Thursday 9 April, 10:00 a.m." in words(answer)
    assert "KET6" not in answer.content.decode().upper()
    assert "ketamine" not in answer.content.decode().lower()


def test_pages_of_patients_are_kept_by_no_cache(ada, anyone, second):
    for answer in (ada.get(page_of(second)), anyone.get(link_to(second)), ada.get("/my/")):
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]


def test_a_fixed_number_of_questions(cast, ada, second, django_assert_num_queries):
    ada.get(page_of(second))
    with django_assert_num_queries(4):
        ada.get(page_of(second))
    alone = book_one(cast, new_york("2026-05-11 10:00"))
    with django_assert_num_queries(4):
        ada.get(page_of(alone))


def test_the_other_language_is_offered_under_its_own_name(ada, second):
    english = ada.get(page_of(second)).content.decode()
    spanish = ada.get(page_of(second), headers={"accept-language": "es"}).content.decode()

    assert '<button class="link" name="language" value="es" lang="es">Español</button>' in english
    assert '<button class="link" name="language" value="en" lang="en">English</button>' in spanish
