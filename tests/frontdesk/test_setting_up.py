"""Set-up, weekly hours and chairs at the desk: what a change does is shown before it is saved."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bookings.models import Chair, Clinic, JournalEntry, OpeningHours
from tests.bookings.scenes import book_ket6
from tests.cast import MONDAYS_AND_THURSDAYS
from tests.frontdesk.conftest import at_the_desk, said, words

pytestmark = pytest.mark.django_db(transaction=True)

CLINIC = "/desk/north/clinic"
SETTINGS = {
    "version": "1",
    "name": "Northside",
    "slug": "north",
    "address": "1 Example Wharf",
    "phone": "202 555 0142",
    "time_zone": "America/New_York",
    "nursing_mode": "line_of_sight",
    "patients_per_nurse": "4",
    "stagger_starts": "2",
    "stagger_minutes": "15",
    "grid_minutes": "10",
    "hold_minutes": "20",
    "no_show_after_minutes": "30",
}


@pytest.fixture
def manager(cast, clock):
    return at_the_desk(cast.manager)


def week(opens: str = "08:00", closes: str = "17:00", **others: str) -> dict[str, str]:
    """Monday to Friday, as the form sends it; `others` are inputs such as d1_0_opens for `1.0.opens`."""
    typed = {"version": "1"}
    for day in range(1, 6):
        typed |= {f"{day}.0.opens": opens, f"{day}.0.closes": closes}
    return typed | {name[1:].replace("_", "."): value for name, value in others.items()}


# --- set-up -------------------------------------------------------------------------------------------------


def test_a_manager_changes_everything_that_the_api_lets_change(cast, manager):
    answer = manager.post(f"{CLINIC}/setup/save/", SETTINGS)

    assert (answer.status_code, said(answer)) == (302, ["Saved."])
    kept = Clinic.objects.values(*[name for name in SETTINGS if name != "version"]).get(id=cast.north.id)
    expected = {name: int(text) if text.isdecimal() else text for name, text in SETTINGS.items()}
    assert {**kept, "version": 1} == {**expected, "phone": "+12025550142"}


def test_both_parts_of_the_stagger_may_be_empty_but_not_one(cast, manager):
    half = manager.post(f"{CLINIC}/setup/save/", {**SETTINGS, "stagger_minutes": ""})
    none = manager.post(f"{CLINIC}/setup/save/", {**SETTINGS, "stagger_starts": "", "stagger_minutes": ""})

    assert (half.status_code, list(half.context["form"].errors)) == (400, ["stagger_minutes"])
    assert none.status_code == 302
    assert Clinic.objects.get(id=cast.north.id).stagger_starts is None


@pytest.mark.parametrize(
    ("patients_per_nurse", "is_saved"), [("0", False), ("1", True), ("20", True), ("21", False)]
)
def test_the_bounds_are_those_of_the_api(cast, manager, patients_per_nurse, is_saved):
    answer = manager.post(f"{CLINIC}/setup/save/", {**SETTINGS, "patients_per_nurse": patients_per_nurse})

    assert (answer.status_code == 302) is is_saved
    assert bool(JournalEntry.objects.filter(verb="clinic_changed").count()) is is_saved


def test_a_refused_form_keeps_what_was_typed(cast, manager):
    answer = manager.post(
        f"{CLINIC}/setup/save/", {**SETTINGS, "phone": "nonsense", "address": "2 New Wharf"}
    )

    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="nonsense"' in page
    assert 'value="2 New Wharf"' in page
    assert "Not a telephone number" in page


def test_who_was_overtaken_sees_what_is_saved_and_may_save_again(cast, manager):
    manager.post(f"{CLINIC}/setup/save/", SETTINGS)
    mine = {**SETTINGS, "name": "My name for it"}

    first = manager.post(f"{CLINIC}/setup/save/", mine)
    again = manager.post(
        f"{CLINIC}/setup/save/", {**mine, "version": first.context["form"]["version"].value()}
    )

    assert first.status_code == 400
    assert first.context["form"].errors["name"] == ["Saved meanwhile: Northside"]
    assert "What you typed is still here" in words(first)
    assert 'value="My name for it"' in first.content.decode()
    assert again.status_code == 302
    assert Clinic.objects.get(id=cast.north.id).name == "My name for it"


def test_counting_nurses_in_another_way_shows_whom_it_would_displace(cast, manager):
    half_an_hour_later = [start + timedelta(minutes=30) for start in MONDAYS_AND_THURSDAYS]
    book_ket6(cast)
    book_ket6(cast, patient=cast.bea)
    book_ket6(cast, patient=cast.carl, starts=half_an_hour_later)
    fewer = {**SETTINGS, "nursing_mode": "strict", "patients_per_nurse": "1"}

    shown = manager.post(f"{CLINIC}/setup/save/", fewer)
    saved = manager.post(f"{CLINIC}/setup/save/", {**fewer, "confirmed": "yes"})

    assert len(shown.context["displaced"]) == 18
    assert ("patients_per_nurse", "1") in shown.context["carried"]
    assert saved.status_code == 302


# --- weekly hours -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("closes", "affected"), [("12:10", 0), ("12:09", 6)])
def test_hours_tell_whom_they_would_displace_and_save_nothing_yet(cast, manager, closes, affected):
    book_ket6(cast)

    answer = manager.post(f"{CLINIC}/hours/save/", week(closes=closes))

    assert len(answer.context["displaced"]) == affected
    assert set(OpeningHours.objects.filter(clinic=cast.north).values_list("closes", flat=True)) == {time(17)}


def test_confirmed_hours_are_saved_and_do_what_was_foretold(cast, manager):
    series = book_ket6(cast)
    typed = week(closes="11:00", d6_0_opens="09:00", d6_0_closes="00:00")

    answer = manager.post(f"{CLINIC}/hours/save/", {**typed, "confirmed": "yes"})

    (told,) = said(answer)
    assert told.startswith("The hours are saved. 6 visits do not fit any more")
    saturday = OpeningHours.objects.get(clinic=cast.north, weekday=6)
    assert (saturday.opens, saturday.closes) == (time(9), time(0))
    assert "Saturday 09:00–24:00" in words(manager.get(f"{CLINIC}/"))
    assert series.sessions.get(number=1).start == MONDAYS_AND_THURSDAYS[0]


@pytest.mark.parametrize(
    ("second", "is_refused"), [(("11:59", "17:00"), True), (("12:00", "17:00"), False), (("13:00", ""), True)]
)
def test_hours_that_overlap_or_are_not_whole_are_refused_where_they_stand(cast, manager, second, is_refused):
    opens, closes = second
    typed = week(closes="12:00", d1_1_opens=opens, d1_1_closes=closes)

    answer = manager.post(f"{CLINIC}/hours/save/", typed)

    assert (answer.status_code == 400) is is_refused
    if is_refused:
        assert {path.split(".")[0] for path in answer.context["form"].errors} == {"1"}
        assert f'value="{opens}"' in answer.content.decode()


def test_whoever_goes_back_finds_the_hours_that_were_typed(cast, manager):
    answer = manager.post(f"{CLINIC}/hours/save/", {**week(closes="16:45"), "again": "yes"})

    assert answer.status_code == 200
    assert answer.content.decode().count('value="16:45"') == 5
    assert OpeningHours.objects.filter(closes=time(16, 45)).count() == 0


def test_hours_of_an_older_roster_are_not_saved_over_it(cast, manager):
    manager.post(f"{CLINIC}/hours/save/", {**week(closes="16:00"), "confirmed": "yes"})

    late = manager.post(f"{CLINIC}/hours/save/", {**week(closes="15:00"), "confirmed": "yes"})
    again = manager.post(
        f"{CLINIC}/hours/save/",
        {**week(closes="15:00"), "version": late.context["form"].version, "confirmed": "yes"},
    )

    assert late.status_code == 412
    assert "Monday 08:00–16:00" in words(late)
    assert late.content.decode().count('value="15:00"') == 5
    assert again.status_code == 302


# --- chairs -------------------------------------------------------------------------------------------------


def test_a_chair_is_added_with_what_it_has(cast, manager):
    answer = manager.post(f"{CLINIC}/chairs/add/", {"name": "N4", "features": " bed, pump ,bed"})

    assert answer.status_code == 302
    assert Chair.objects.get(clinic=cast.north, name="N4").features == ["bed", "pump"]


def test_a_name_is_used_once_and_what_was_typed_stays(cast, manager):
    answer = manager.post(f"{CLINIC}/chairs/add/", {"name": "N1", "features": "bed"})

    assert (answer.status_code, answer.context["form"].errors) == (400, {"name": ["This is taken already."]})
    assert 'value="bed"' in answer.content.decode()


def test_retiring_a_chair_shows_who_sits_in_it_before_it_is_done(cast, manager):
    chair = book_ket6(cast).sessions.get(number=1).chair
    count = chair.sessions.count()
    typed = {"version": "1", "name": chair.name, "features": "", "retired": "on"}

    shown = manager.post(f"{CLINIC}/chairs/{chair.id}/", typed)
    assert Chair.objects.get(id=chair.id).retired_at is None
    done = manager.post(f"{CLINIC}/chairs/{chair.id}/", {**typed, "confirmed": "yes"})

    assert len(shown.context["displaced"]) == count
    assert done.status_code == 302
    assert Chair.objects.get(id=chair.id).retired_at is not None


def test_a_chair_that_nobody_sits_in_is_renamed_and_retired_at_once(cast, manager):
    typed = {"version": "1", "name": "Window", "features": "", "retired": "on"}

    answer = manager.post(f"{CLINIC}/chairs/{cast.n3.id}/", typed)

    assert answer.status_code == 302
    assert Chair.objects.get(id=cast.n3.id).name == "Window"


def test_a_chair_of_another_clinic_is_not_found(cast, manager):
    assert manager.get(f"{CLINIC}/chairs/{cast.w1.id}/").status_code == 404


# --- who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["setup", "hours", "chairs"])
def test_others_than_managers_read_it_without_a_button(cast, clock, page):
    answer = at_the_desk(cast.desk).get(f"{CLINIC}/{page}/")

    assert answer.status_code == 200
    assert answer.context["may_change"] is False
    assert f'action="{CLINIC}/{page}' not in answer.content.decode()


def test_the_overview_costs_the_same_for_one_treatment_and_for_many(cast, manager, django_assert_num_queries):
    manager.get(f"{CLINIC}/")
    cast.north.protocols.set([cast.ket6])
    with django_assert_num_queries(QUERIES):
        manager.get(f"{CLINIC}/")
    cast.north.protocols.set([cast.ket6, cast.booster, cast.infliximab])
    with django_assert_num_queries(QUERIES):
        manager.get(f"{CLINIC}/")


#: The session, who asks, where they work; the week, the chairs, the treatments, the team.
QUERIES = 11
