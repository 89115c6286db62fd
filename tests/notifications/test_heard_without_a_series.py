"""A patient without any series writes: somebody at a clinic that may know them must see it."""

import pytest
from django.db import IntegrityError, transaction

from bookings import journal
from bookings.actors import SYSTEM, staff_actor
from bookings.commands.todo import resolve_task
from bookings.models import JournalEntry, Task
from bookings.queries.tasks import tasks_seen_by
from notifications import queries
from tests.cast import NOW
from tests.notifications.text_scenes import ADA, heard, says

pytestmark = pytest.mark.django_db(transaction=True)


def tasks() -> list[tuple[str, str, str]]:
    rows = Task.objects.filter(resolved_at=None).order_by("clinic__slug", "id")
    return [(task.clinic.slug, task.kind, task.whom.first_name) for task in rows]


def had_to_do_with(patient, clinic) -> None:
    journal.record("patient_changed", actor=SYSTEM, now=NOW, clinic=clinic, patient=patient)


def test_a_patient_of_whom_no_clinic_knows_is_heard_at_all(cast):
    assert says("May I bring my dog?") == ("noted", None)

    assert tasks() == [("north", "patient_wrote", "Ada"), ("west", "patient_wrote", "Ada")]
    assert Task.objects.first().detail.splitlines()[1:] == ["Patient: May I bring my dog?"]


def test_the_clinic_that_the_patient_last_had_to_do_with_hears(cast):
    had_to_do_with(cast.ada, cast.north)
    had_to_do_with(cast.ada, cast.west)
    had_to_do_with(cast.bea, cast.north)

    says("May I bring my dog?")

    assert tasks() == [("west", "patient_wrote", "Ada")]


def test_who_writes_again_is_one_task_that_says_both_and_at_the_same_clinics(cast):
    says("May I bring my dog?")
    says("A small one.")

    assert [slug for slug, _, _ in tasks()] == ["north", "west"]
    for task in Task.objects.all():
        assert task.detail.splitlines()[1:] == ["Patient: A small one.", "Patient: May I bring my dog?"]
    assert JournalEntry.objects.filter(verb="task_opened", patient=cast.ada).count() == 2


def test_two_patients_without_a_series_are_two_tasks(cast):
    says("May I bring my dog?")
    says("And I my cat?", sender="+12025550102")

    assert [name for _, _, name in tasks()] == ["Ada", "Bea", "Ada", "Bea"]


def test_cancel_asks_whether_a_visit_was_meant(cast):
    says("CANCEL")

    assert [kind for _, kind, _ in tasks()] == ["maybe_cancel", "maybe_cancel"]


def test_the_clinic_that_saw_to_it_hears_the_next_one(cast):
    says("May I bring my dog?")
    for task in Task.objects.order_by("clinic__slug"):  # west last
        resolve_task(task, resolution="Yes.", actor=cast.as_desk, now=NOW)

    says("Thank you")

    assert tasks() == [("west", "patient_wrote", "Ada")]


def test_the_clinics_that_heard_see_the_thread_and_no_other(cast):
    had_to_do_with(cast.ada, cast.north)
    says("May I bring my dog?")

    at_west = staff_actor(cast.cy)
    said, more = queries.thread(cast.as_desk, cast.ada, before=None, limit=10)
    assert ([(one.direction, one.text) for one in said], more) == ([("in", "May I bring my dog?")], False)
    assert queries.thread(at_west, cast.ada, before=None, limit=10) == ([], False)
    assert list(tasks_seen_by(at_west)) == []


def test_a_task_is_about_a_series_or_a_patient(cast):
    times = {"created_at": NOW, "updated_at": NOW}
    with pytest.raises(IntegrityError, match="task_is_about_series_or_patient"), transaction.atomic():
        Task.objects.create(kind="patient_wrote", clinic=cast.north, detail="Nobody.", **times)


def test_the_text_itself_is_kept_with_its_sender(cast):
    says("May I bring my dog?")

    assert (heard().sender, heard().patient) == (ADA, cast.ada)
