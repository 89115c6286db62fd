"""The watch: one open task for each thing to look at, gone when it is mended."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import tasklist
from bookings.actors import staff_actor
from bookings.commands.cancel import cancel_series
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.replan import apply_replan
from bookings.commands.roster import close, reopen
from bookings.commands.todo import resolve_task
from bookings.commands.watching import watch_after, watch_series
from bookings.errors import NotFound, WrongState
from bookings.models import JournalEntry, Series, Session, Task, TaskKind
from tests.bookings.watch_scenes import at, book, miss_the_third, open_tasks, session, watch_all
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, Cast, make_protocol

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def series(transactional_db, cast: Cast) -> Series:
    """Ada's six sessions, 6 to 23 April."""
    return book(cast)


def test_a_series_that_keeps_every_rule_has_no_task(series):
    watch_all(now=NOW)

    assert open_tasks(series) == []


def test_a_missed_session_needs_a_make_up_on_the_monday_after_the_last(cast, series):
    miss_the_third(cast, series)

    watch_all(now=at(13, 10, 20))

    (task,) = series.tasks.all()
    assert (task.kind, task.session) == (TaskKind.INCOMPLETE, None)
    assert task.detail == "5 of 6 sessions are done or planned: session 3 was missed."
    assert task.proposal == {"moves": [{"number": 7, "from": None, "to": "2026-04-27T14:00:00+00:00"}]}


def test_a_make_up_closes_the_task(cast, series):
    miss_the_third(cast, series)
    watch_all(now=at(13, 10, 20))

    apply_replan(series, actor=cast.as_desk, now=at(13, 10, 30))
    watch_all(now=at(13, 10, 40))

    assert open_tasks(series) == []
    (task,) = series.tasks.all()
    assert (task.resolution, task.resolved_by, task.resolved_at) == ("mended", None, at(13, 10, 40))


def test_watching_again_changes_nothing(cast, series):
    miss_the_third(cast, series)
    watch_all(now=at(13, 10, 20))
    before = list(Task.objects.values())

    watch_all(now=at(13, 10, 25))

    assert list(Task.objects.values()) == before
    assert JournalEntry.objects.filter(verb="task_opened").count() == 1


def test_many_watchers_at_once_open_one_task(cast, series):
    miss_the_third(cast, series)
    start = threading.Barrier(6)
    failures = []

    def watcher():
        start.wait()
        try:
            watch_all(now=at(13, 10, 20))
        except Exception as fault:
            failures.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=watcher) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(open_tasks(series)) == 1
    assert JournalEntry.objects.filter(verb="task_opened").count() == 1


def test_a_series_that_waits_for_a_prescriber_is_a_task_until_it_is_cleared(cast, transactional_db):
    waiting = make_protocol(
        {**KET6, "slug": "ket6-cleared", "needs_clearance": True}, cast.north, signed_by=cast.prescriber
    )
    series = book(cast, protocol=waiting)
    watch_all(now=NOW)
    assert open_tasks(series) == [
        ("clearance_needed", None, "The series waits for a prescriber's clearance.")
    ]

    grant_clearance(
        cast.ada, protocol=waiting, sessions=6, expires=at(30).date(), actor=cast.as_prescriber, now=NOW
    )
    watch_all(now=NOW)

    assert open_tasks(series) == []


def test_a_closure_makes_a_task_for_each_session_that_it_displaces(cast, series):
    closure, _ = close(
        cast.north, starts=at(13, 0), ends=at(14, 0), reason="flood", actor=cast.as_manager, now=NOW
    )
    watch_after(JournalEntry.objects.values_list("id", flat=True), now=NOW)
    (task,) = series.tasks.all()
    assert (task.kind, task.session.number, task.detail) == (
        "no_longer_fits",
        3,
        "The clinic is closed on Mon 13 April.",
    )
    (move,) = task.proposal["moves"]
    assert (move["number"], move["from"]) == (3, "2026-04-13T14:00:00+00:00")

    reopen(closure, actor=cast.as_manager, now=NOW)
    watch_after(JournalEntry.objects.values_list("id", flat=True), now=NOW)

    assert open_tasks(series) == []


def test_a_broken_chair_is_named(cast, series):
    chair = session(series, 2).chair
    close(cast.north, chair=chair, starts=at(9, 12), ends=at(9, 13), actor=cast.as_manager, now=NOW)

    watch_all(now=NOW)

    ((kind, number, detail),) = open_tasks(series)
    assert (kind, number) == ("no_longer_fits", 2)
    assert detail == f"Chair {chair.name} is out of service from 10:00 to 12:30 on Thu 9 April."


def test_a_nurse_who_is_ill_leaves_the_sessions_that_nobody_can_watch(cast, series):
    book(cast, patient=cast.bea)
    cast.north.shifts.filter(nurse=cast.ben).delete()
    type(cast.north).objects.filter(id=cast.north.id).update(roster_version=2)

    watch_all(now=NOW)

    kinds = {(task.kind, task.session.patient_id) for task in Task.objects.select_related("session")}
    assert kinds == {("no_longer_fits", cast.ada.id), ("no_longer_fits", cast.bea.id)}


def test_what_a_person_allowed_with_a_reason_is_not_held_against_the_session(cast, series):
    Session.objects.filter(series=series, number=3).update(
        overrides=[
            {"rule": "closed", "reason": "opened for her", "by": str(cast.desk.id), "at": NOW.isoformat()}
        ]
    )
    close(cast.north, starts=at(13, 0), ends=at(14, 0), actor=cast.as_manager, now=NOW)

    watch_all(now=NOW)

    assert open_tasks(series) == []


def test_a_task_that_a_person_closed_is_not_raised_again_for_the_same_reason(cast, transactional_db):
    series = book(cast, starts=[at(6), at(8), at(16), at(20), at(22), at(24)])
    watch_all(now=NOW)
    (task,) = series.tasks.all()
    resolve_task(task, resolution="seen by Dr Roth", actor=cast.as_prescriber, now=NOW)

    watch_all(now=NOW)
    assert open_tasks(series) == []

    move_session(session(series, 3), start=at(17), actor=cast.as_desk, now=NOW)
    watch_all(now=NOW)
    assert [task[:2] for task in open_tasks(series)] == [("soft_gap", 3)]


def test_a_task_is_closed_once(cast, transactional_db):
    series = book(cast, starts=[at(6), at(8), at(16), at(20), at(22), at(24)])
    watch_all(now=NOW)
    (task,) = series.tasks.all()
    resolve_task(task, actor=cast.as_prescriber, now=NOW)

    with pytest.raises(WrongState):
        resolve_task(task, actor=cast.as_prescriber, now=NOW)


def test_a_task_of_another_clinic_is_not_there(cast, transactional_db):
    series = book(cast, starts=[at(6), at(8), at(16), at(20), at(22), at(24)])
    watch_all(now=NOW)
    (task,) = series.tasks.all()

    with pytest.raises(NotFound):
        resolve_task(task, actor=staff_actor(cast.cy), now=NOW)


def test_a_cancelled_series_has_no_open_tasks(cast, transactional_db):
    series = book(cast, starts=[at(6), at(8), at(16), at(20), at(22), at(24)])
    watch_all(now=NOW)
    assert len(open_tasks(series)) == 1

    cancel_series(series, actor=cast.as_desk, now=NOW)
    watch_all(now=NOW)

    assert open_tasks(series) == []


@pytest.mark.parametrize("patients", [1, 3])
def test_watching_costs_the_same_number_of_queries_for_one_series_and_for_three(
    cast, transactional_db, patients
):
    everyone = [
        book(
            cast, patient=patient, starts=[start + timedelta(hours=number) for start in MONDAYS_AND_THURSDAYS]
        ).id
        for number, patient in enumerate((cast.ada, cast.bea, cast.carl)[:patients])
    ]
    watch_series(everyone, now=NOW)  # rosters and protocols are read once, and kept

    with CaptureQueriesContext(connection) as queries:
        watch_series(everyone, now=NOW)

    asked = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert len(asked) == 7


def test_details_fit_their_column():
    assert Task._meta.get_field("detail").max_length == tasklist.DETAIL_LENGTH
