"""People at the desk: found in one box, added, planned and booked on the telephone; and tasks."""

from __future__ import annotations

import pytest

from bookings.commands.attend import miss_session
from bookings.commands.watching import watch_series
from bookings.models import Patient, Series, Task
from bookings.patient.shown import code_of, starts_in
from tests.bookings.scenes import book_ket6
from tests.cast import MONDAYS_AND_THURSDAYS
from tests.frontdesk.conftest import HTMX, words

pytestmark = pytest.mark.django_db(transaction=True)

WISHES = {"treatment": "ket6/induction", "earliest": "2026-04-06", "on": ["1", "4"], "not_before": "10:00"}


@pytest.mark.parametrize("text", ["ada", "1980-02-29", "0101"])
def test_one_box_finds_by_name_birth_date_and_telephone(cast, desk, text):
    Patient.objects.filter(id=cast.ada.id).update(birth_date="1980-02-29", phone="+12025550101")
    Patient.objects.filter(id=cast.bea.id).update(birth_date="1990-01-01", phone="+12025550102")

    answer = desk.get("/desk/north/search/", {"q": text}, headers=HTMX)

    assert answer.content.decode().count("<li>") == 1
    assert f"/desk/north/patients/{cast.ada.id}/" in answer.content.decode()


def test_whoever_is_not_found_can_be_added_and_is_planned_next(cast, desk):
    assert (
        "/patients/new/?name=Nora%20Nobody" in desk.get("/desk/north/search/?q=Nora Nobody").content.decode()
    )
    details = {"first_name": "Nora", "last_name": "Nobody", "phone": "202 555 0177", "language": "es"}

    answer = desk.post("/desk/north/patients/new/", details)

    nora = Patient.objects.get(last_name="Nobody")
    assert answer.headers["Location"] == f"/desk/north/patients/{nora.id}/plan/"
    assert (nora.phone, nora.language, nora.time_zone) == ("+12025550177", "es", "America/New_York")


def test_what_was_typed_is_kept_when_a_telephone_number_is_none(cast, desk):
    answer = desk.post(
        "/desk/north/patients/new/", {"first_name": "Nora", "last_name": "N", "phone": "12", "language": "en"}
    )

    assert "This is not a telephone number. Example: 410 555 0100" in words(answer)
    assert 'value="Nora"' in answer.content.decode()
    assert not Patient.objects.filter(first_name="Nora").exists()


def test_plans_are_read_aloud_by_their_rhythm_and_booked_whole_by_one_press(cast, desk):
    path = f"/desk/north/patients/{cast.ada.id}/plan/"
    page = desk.get(path, WISHES)
    plans = page.context["plans"]

    assert plans[0].rhythm == "Mondays and Thursdays at 10:00 a.m."
    assert starts_in(plans[0].code) == list(MONDAYS_AND_THURSDAYS)
    answer = desk.post(
        f"{path}?treatment=ket6/induction", {"treatment": "ket6/induction", "plan": plans[0].code}
    )

    assert answer.headers["Location"] == f"/desk/north/patients/{cast.ada.id}/"
    assert Series.objects.get(patient=cast.ada).sessions.count() == 6


def test_a_plan_whose_place_was_taken_meanwhile_books_nothing_and_says_so(cast, desk):
    for patient in (cast.bea, cast.carl):
        book_ket6(cast, patient=patient)
    path = f"/desk/north/patients/{cast.ada.id}/plan/"
    code = code_of(MONDAYS_AND_THURSDAYS)

    answer = desk.post(path, {"treatment": "ket6/induction", "plan": code})

    assert answer.status_code == 409
    assert not Series.objects.filter(patient=cast.ada).exists()


def test_wishes_that_cannot_be_met_are_answered_with_what_stands_in_the_way(cast, desk):
    wishes = {**WISHES, "on": ["7"]}

    page = desk.get(f"/desk/north/patients/{cast.ada.id}/plan/", wishes)

    assert "Visit 1 finds no place." in words(page)
    assert page.context["ways"] != []


def test_what_would_help_is_booked_by_whoever_may(cast, desk, prescriber):
    wishes, path = {**WISHES, "on": ["2"]}, f"/desk/north/patients/{cast.ada.id}/plan/"

    at_the_front, page = (one.get(path, wishes) for one in (desk, prescriber))
    ways = {way["change"]: (way["may_book"], way["needs_reason"]) for way in at_the_front.context["ways"]}
    clinical = next(way for way in page.context["ways"] if way["needs_reason"])

    assert ways["On other weekdays as well"] == (True, False)
    assert ways[clinical["change"]] == (False, True)
    assert "Only a prescriber may book this." in words(at_the_front)
    chosen = {"treatment": "ket6/induction", "plan": clinical["plan"].code}
    assert desk.post(path, {**chosen, "reason": "asked for"}).status_code == 422
    assert prescriber.post(path, chosen).status_code == 422
    assert prescriber.post(path, {**chosen, "reason": "seen today"}).status_code == 302
    assert Series.objects.get(patient=cast.ada).sessions.filter(overrides__0__reason="seen today").exists()


def test_two_people_who_change_one_patient_are_told(cast, desk):
    page = desk.get(f"/desk/north/patients/{cast.ada.id}/change/")
    seen = page.context["version"]
    first = {"first_name": "Ada", "last_name": "One", "language": "en", "version": seen}
    desk.post(f"/desk/north/patients/{cast.ada.id}/change/", first)

    late = desk.post(f"/desk/north/patients/{cast.ada.id}/change/", {**first, "last_name": "Two"})

    assert "Somebody has changed this patient meanwhile." in words(late)
    assert "Saved meanwhile: One" in words(late)
    assert 'value="Two"' in late.content.decode()
    assert Patient.objects.get(id=cast.ada.id).last_name == "One"
    again = {**first, "last_name": "Two", "version": late.context["version"]}
    assert desk.post(f"/desk/north/patients/{cast.ada.id}/change/", again).status_code == 302
    assert Patient.objects.get(id=cast.ada.id).last_name == "Two"


def test_a_task_says_why_and_is_resolved_with_what_came_of_it(cast, desk, clock):
    series = book_ket6(cast)
    first = series.sessions.get(number=1)
    clock.set(first.start)
    clock.forward(minutes=30)
    miss_session(first, actor=cast.as_desk, now=clock.now)
    watch_series([series.id], now=clock.now)
    (task,) = Task.objects.filter(series=series, kind="incomplete")

    assert task.detail in words(desk.get("/desk/north/tasks/"))
    desk.post(f"/desk/north/tasks/{task.id}/resolve/", {"resolution": "She rings back on Friday."})

    task.refresh_from_db()
    assert task.resolution == "She rings back on Friday."
    assert words(desk.get("/desk/north/tasks/")) == "The task is resolved. Tasks Nothing waits for anybody."


def test_a_task_about_a_patient_without_a_series_is_resolved_like_any(cast, desk, clock):
    times = {"created_at": clock.now, "updated_at": clock.now}
    task = Task.objects.create(
        kind="patient_wrote", clinic=cast.north, patient=cast.ada, detail="Is there parking?", **times
    )

    page = desk.get("/desk/north/tasks/")
    assert "Patient wrote · Ada" in words(page)
    assert "Is there parking?" in words(page)
    assert "Other times" not in words(page)
    assert "Is there parking?" in words(desk.get(f"/desk/north/patients/{cast.ada.id}/"))
    desk.post(f"/desk/north/tasks/{task.id}/resolve/", {"resolution": "Yes, behind the house."})

    assert words(desk.get("/desk/north/tasks/")) == "The task is resolved. Tasks Nothing waits for anybody."
