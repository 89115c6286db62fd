"""A record opened in an emergency: what it shows, for how long, and who hears of it."""

from __future__ import annotations

import pytest

from bookings import counters
from bookings.commands.todo import resolve_task
from bookings.errors import NotAllowed
from bookings.models import EmergencyAccess, JournalEntry, Role, Task, TaskKind
from tests.bookings.scenes import book_ket6
from tests.cast import NOW, make_staff
from tests.frontdesk.conftest import at_the_desk, words

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "Found unconscious in the waiting room"
HOLD = "The patient had a seizure after session 2."
OPEN = {"do": "open", "reason": WHY}


@pytest.fixture
def held(cast):
    """Ada's course at NORTH, with a clinical hold whose reason the front desk may not read."""
    series = book_ket6(cast)
    dates = {"created_at": NOW, "updated_at": NOW}
    Task.objects.create(kind=TaskKind.HARD_GAP, clinic=cast.north, series=series, detail=HOLD, **dates)
    return series


@pytest.fixture
def west(cast, clock, held):
    """A nurse who works at WEST alone, and where they find Ada."""
    return at_the_desk(cast.cy), f"/desk/west/patients/{cast.ada.id}/emergency/"


def verbs() -> list[str]:
    rows = JournalEntry.objects.filter(verb__startswith="emergency").order_by("id")
    return list(rows.values_list("verb", flat=True))


def test_it_shows_visits_of_another_clinic_and_the_reason_of_a_hold(cast, west):
    nurse, address = west
    before = words(nurse.get(address)) + words(nurse.get(f"/desk/west/patients/{cast.ada.id}/"))

    shown = words(nurse.post(address, OPEN))

    assert (HOLD in before, "Mon 6 Apr 2026" in before) == (False, False)
    assert (HOLD in shown, "Mon 6 Apr 2026, 10:00" in shown) == (True, True)


def test_the_front_desk_reads_why_there_is_a_hold_then_and_only_there(cast, desk, held):
    page = f"/desk/north/patients/{cast.ada.id}/"

    assert HOLD in words(desk.post(f"{page}emergency/", OPEN))
    assert HOLD not in words(desk.get(page))


@pytest.mark.parametrize("reason", ["", "   ", "asdf", "too short"])
def test_nothing_is_shown_without_a_reason(west, reason):
    nurse, address = west

    answer = nurse.post(address, {"do": "open", "reason": reason})

    assert (answer.status_code, HOLD in words(answer)) == (400, False)
    assert (EmergencyAccess.objects.count(), verbs()) == (0, [])


def test_each_look_is_a_row_and_looking_without_one_is_refused(west):
    nurse, address = west
    assert nurse.post(address, {"do": "look"}).status_code == 403

    nurse.post(address, OPEN)
    nurse.get(address)
    nurse.post(address, {"do": "look"})

    assert verbs() == ["emergency_opened", "emergency_used"]
    row = JournalEntry.objects.filter(verb="emergency_opened").get()
    assert row.reason == WHY


def test_it_ends_after_an_hour(west, clock):
    nurse, address = west
    nurse.post(address, OPEN)

    clock.forward(minutes=10)  # a screen is signed out after a quarter of an hour
    for _ in range(4):
        nurse.get(address)
        clock.forward(minutes=12)
    clock.forward(minutes=1, seconds=59)
    assert HOLD in words(nurse.post(address, {"do": "look"}))
    clock.forward(seconds=1)
    assert nurse.post(address, {"do": "look"}).status_code == 403


def test_or_when_it_is_closed(west):
    nurse, address = west
    nurse.post(address, OPEN)

    assert nurse.post(address, {"do": "close"}).status_code == 302

    assert nurse.post(address, {"do": "look"}).status_code == 403
    assert verbs()[-1] == "emergency_closed"


def test_it_is_open_to_nobody_else(cast, west):
    nurse, address = west
    nurse.post(address, OPEN)

    assert at_the_desk(cast.desk).post(address, {"do": "look"}).status_code == 403


def test_managers_of_both_clinics_get_a_task_with_the_hours_and_the_page_says_why(cast, west):
    nurse, address = west
    nurse.post(address, OPEN)

    told = Task.objects.filter(kind=TaskKind.EMERGENCY_ACCESS, patient=cast.ada)
    assert {task.clinic.slug: task.detail for task in told} == {
        "north": "Cy Lind opened this record in an emergency at 08:00, until 09:00.",
        "west": "Cy Lind opened this record in an emergency at 05:00, until 06:00.",
    }
    assert WHY in words(at_the_desk(cast.manager).get(address))
    assert WHY not in words(at_the_desk(cast.desk).get(address))


def test_only_a_manager_resolves_it_and_not_their_own(cast, clock, held):
    address = f"/desk/north/patients/{cast.ada.id}/emergency/"
    at_the_desk(cast.manager).post(address, OPEN)
    task = Task.objects.get(kind=TaskKind.EMERGENCY_ACCESS)
    second = make_staff("second@north.example", "Sam", "Field", Role.MANAGER, cast.north)

    for who in (cast.desk, cast.prescriber, cast.manager):
        answer = at_the_desk(who).post(f"/desk/north/tasks/{task.id}/resolve/", {"resolution": "fine"})
        assert answer.status_code == 403
    with pytest.raises(NotAllowed):
        resolve_task(task, actor=cast.as_manager, now=NOW)
    answer = at_the_desk(second).post(f"/desk/north/tasks/{task.id}/resolve/", {"resolution": "Rightly so"})

    assert answer.status_code == 302
    task.refresh_from_db()
    assert task.resolved_by == second


def test_the_figures_count_it_without_a_name(west):
    nurse, address = west
    before = counters.EMERGENCIES._value.get()

    nurse.post(address, OPEN)

    assert counters.EMERGENCIES._value.get() - before == 1
