"""Everything of a patient on one page: visits, what is waited for, what is kept."""

import json
from datetime import timedelta

import pytest

from bookings.commands.attend import miss_session
from bookings.commands.consents import give_consent
from bookings.models import JournalEntry, WaitingEntry
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import ESKETAMINE, MONDAYS_AND_THURSDAYS, NOW, new_york
from tests.patient.conftest import hidden, words

FORM = {"on": ["2", "4"], "time": "morning", "notice": "48"}


def test_the_next_visit_comes_first_and_all_are_listed(cast, ada, clock):
    book_ket6(cast)
    clock.set(MONDAYS_AND_THURSDAYS[1] - timedelta(days=2))

    said = words(ada.get("/my/"))

    assert "Hello, Ada Your next visit Thursday 9 April, 10:00 a.m. Booked" in said
    assert said.index("Your next visit") < said.index("Mon 6 April") < said.index("Thu 23 April")


def test_the_next_visit_is_confirmed_from_there(cast, ada):
    series = book_ket6(cast)
    version = hidden(ada.get("/my/"), "version")[0]

    ada.post(f"/my/sessions/{session(series, 1).id}/confirm/", {"version": version})

    assert session(series, 1).status == "confirmed"
    assert "Yes, I am coming" not in words(ada.get("/my/"))


def test_nobody_elses_are_there(cast, bea):
    book_ket6(cast)

    assert "Nothing is booked just now." in words(bea.get("/my/"))


def test_a_request_says_what_happens_next(cast, ada):
    starts = [new_york(f"2026-04-{day:02} 10:00") for day in (6, 9, 13, 16, 20, 23, 27, 30)]
    book_ket6(cast, protocol=cast.esketamine, starts=starts, actor=cast.as_ada)

    said = words(ada.get("/my/"))

    assert "A prescriber looks at your request first. Your times are kept." in said
    assert "Waits for approval" in said
    assert ESKETAMINE["name"] in said


def test_a_missed_visit_is_shown_and_can_be_made_up(cast, ada, clock):
    series = book_ket6(cast)
    clock.set(MONDAYS_AND_THURSDAYS[0] + timedelta(minutes=15))
    miss_session(session(series, 1), actor=cast.as_desk, now=clock.now)

    said = words(ada.get("/my/"))

    assert "1 Mon 6 April 10:00 a.m. Missed" in said
    assert "One visit of this course is not booked." in said


def test_waiting_for_a_course_at_several_clinics_at_once(cast, ada):
    address = f"/my/waiting/?clinic=north&treatment={cast.ket6.id}"
    assert "Other clinics where you would come as well West" in words(ada.get(address))

    ada.post(address, {"at": ["west"], "notice": "48", "time": ""})

    entries = WaitingEntry.objects.filter(patient=cast.ada).order_by("clinic__slug")
    assert [one.clinic for one in entries] == [cast.north, cast.west]
    assert words(ada.get("/my/")).count("A place for a course") == 2


def test_waiting_for_an_earlier_time_and_no_longer(cast, ada):
    second = session(book_ket6(cast), 2)
    address = f"/my/sessions/{second.id}/earlier/"

    assert "Your visit stays as it is until you say yes." in words(ada.get(address))
    answer = ada.post(address, FORM, follow=True)

    assert "An earlier time for visit 2, North" in words(answer)
    entry = WaitingEntry.objects.get()
    assert (entry.patient, entry.session, entry.notice_hours) == (cast.ada, second, 48)
    assert entry.latest == new_york("2026-04-08 00:00").date()
    assert entry.wish == {"weekdays": [2, 4], "not_before": None, "not_after": "11:59"}

    for _press in range(2):
        answer = ada.post(f"/my/waiting/{entry.id}/leave/", follow=True)
        assert "You are no longer on that waiting list." in words(answer)
    assert "Stop waiting" not in words(answer)
    assert JournalEntry.objects.filter(verb="waiting_left").count() == 1


def test_waiting_for_a_whole_course(cast, ada):
    address = f"/my/waiting/?clinic=north&treatment={cast.ket6.id}"

    assert "Wait for a place" in words(ada.get(address))
    ada.post(address, {"time": "", "notice": "24"})

    entry = WaitingEntry.objects.get()
    assert (entry.clinic, entry.protocol, entry.session) == (cast.north, cast.ket6, None)
    assert ada.get("/my/waiting/?clinic=south&treatment=x").status_code == 404
    assert ada.get("/my/waiting/").status_code == 404


@pytest.mark.parametrize(
    "said", [{"notice": "1"}, {}, {"on": ["8"], "notice": "24"}, {"time": "night", "notice": "24"}]
)
def test_what_makes_no_sense_is_asked_again(cast, ada, said):
    second = session(book_ket6(cast), 2)

    answer = ada.post(f"/my/sessions/{second.id}/earlier/", said)

    assert (answer.status_code, WaitingEntry.objects.count()) == (422, 0)
    assert "Please look at this again" in words(answer)


def test_somebody_elses_place_on_the_list_is_not_there(cast, ada, bea):
    second = session(book_ket6(cast), 2)
    ada.post(f"/my/sessions/{second.id}/earlier/", FORM)
    entry = WaitingEntry.objects.get()

    assert bea.post(f"/my/waiting/{entry.id}/leave/").status_code == 404
    assert WaitingEntry.objects.get().closed_at is None


def test_my_data_is_shown_and_downloaded(cast, ada):
    book_ket6(cast)
    give_consent(
        cast.ada,
        purpose="texts",
        wording="You may text me.",
        language="en",
        source="page",
        actor=cast.as_ada,
        now=NOW,
    )

    shown, file = ada.get("/my/data/"), ada.get("/my/data/download/")

    assert "Name Ada Quill" in words(shown)
    assert "You may text me. Since April 1, 2026" in words(shown)
    assert file["Content-Disposition"] == 'attachment; filename="my-data.json"'
    kept = json.loads(file.content)
    assert kept["patient"]["email"] == "ada@mail.example"
    assert len(kept["series"][0]["sessions"]) == 6
    assert "no-store" in file["Cache-Control"]


@pytest.mark.parametrize("address", ["/my/", "/my/data/", "/my/data/download/", "/my/links/", "/my/waiting/"])
def test_a_stranger_is_led_to_sign_in(anyone, address):
    answer = anyone.get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=%2Fmy%2F")


def test_signing_out_ends_it(ada):
    ada.post("/sign-out/")

    assert ada.get("/my/").status_code == 302


def test_a_fixed_number_of_questions(cast, ada, django_assert_num_queries):
    book_one(cast, new_york("2026-05-11 10:00"))
    ada.get("/my/")
    with django_assert_num_queries(7):
        ada.get("/my/")
    book_ket6(cast)
    book_one(cast, new_york("2026-05-18 10:00"))
    with django_assert_num_queries(7):
        ada.get("/my/")
