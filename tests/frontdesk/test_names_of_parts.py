"""What the desk calls treatments, phases and steps, in the language of its reader."""

from __future__ import annotations

import pytest

from bookings.models import Task, TaskKind
from tests.bookings.scenes import book_ket6
from tests.cast import NOW
from tests.frontdesk.conftest import words

SPANISH = {"Accept-Language": "es"}


@pytest.fixture
def series(cast):
    """A course under a version that is called otherwise in Spanish, but for its recovery."""
    version = cast.ket6.versions.get()
    version.rules["names"] = {"es": "Ketamina, seis sesiones", "en": ""}
    version.rules["phases"][0]["names"] = {"es": "inducción"}
    for step in version.rules["steps"]:
        step["names"] = {"infusion": {"es": "infusión"}}.get(step["name"])
    version.save(update_fields=["rules"])
    return book_ket6(cast)


def test_each_reader_has_their_own(cast, desk, series):
    patient = f"/desk/north/patients/{cast.ada.id}/"

    assert "Ketamine, six sessions · induction" in words(desk.get(patient))
    assert "Ketamina, seis sesiones · inducción" in words(desk.get(patient, headers=SPANISH))
    assert "Ketamina, seis sesiones – inducción" in words(desk.get(f"{patient}plan/", headers=SPANISH))


def test_a_step_without_one_is_called_as_it_is_written(cast, desk, series):
    visit = f"/desk/north/visits/{series.sessions.get(number=1).id}/"

    said = words(desk.get(visit, headers=SPANISH))

    assert "10:30–11:10 infusión" in said
    assert "11:10–12:10 recovery" in said


def test_a_task_names_the_phase_so(cast, desk, series):
    detail = "induction ended on Thu 23 April, and nothing is booked of induction."
    dates = {"created_at": NOW, "updated_at": NOW}
    Task.objects.create(
        kind=TaskKind.PHASE_FINISHED, clinic=cast.north, series=series, detail=detail, **dates
    )

    assert "inducción terminó el jue 23 de abril" in words(desk.get("/desk/north/tasks/", headers=SPANISH))
