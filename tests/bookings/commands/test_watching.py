"""The watch: one open task for each thing to look at, gone when it is mended."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import tasklist
from bookings.actors import staff_actor
from bookings.commands.attend import (
    check_in_session,
    complete_session,
    miss_session,
    recover_session,
    start_session,
)
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.move import move_session
from bookings.commands.replan import apply_replan
from bookings.commands.roster import close, reopen
from bookings.commands.todo import resolve_task
from bookings.commands.watching import watch_after, watch_all, watch_series
from bookings.errors import NotFound, WrongState
from bookings.models import JournalEntry, Series, SeriesStatus, Session, Task, TaskKind
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, Cast, make_protocol, new_york

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def series(transactional_db, cast: Cast) -> Series:
    """Ada's six sessions, 6 to 23 April."""
    return book(cast)


def book(cast: Cast, *, protocol=None, patient=None, starts=None) -> Series:
    return book_series(
        patient or cast.ada,
        clinic=cast.north,
        protocol=protocol or cast.ket6,
        starts=starts or MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    return new_york(f"2026-04-{day:02} {hour:02}:{minute:02}")


def attend(cast: Cast, session: Session) -> None:
    """The whole visit, from check-in to the way home."""
    for verb, minutes in ((check_in_session, 0), (start_session, 30), (recover_session, 70)):
        verb(session, actor=cast.as_nurse, now=session.start + timedelta(minutes=minutes))
    complete_session(session, escort=True, actor=cast.as_nurse, now=session.start + timedelta(minutes=130))


def miss(cast: Cast, session: Session) -> None:
    miss_session(session, actor=cast.as_desk, now=session.start + timedelta(minutes=15))


def session(series: Series, number: int) -> Session:
    return series.sessions.get(number=number)


def open_tasks(series: Series) -> list[tuple[str, int | None, str]]:
    tasks = (
        series.tasks.filter(resolved_at=None).select_related("session").order_by("session__number", "kind")
    )
    return [(task.kind, task.session and task.session.number, task.detail) for task in tasks]


def test_a_series_that_keeps_every_rule_has_no_task(series):
    watch_all(now=NOW)

    assert open_tasks(series) == []


def test_a_missed_session_needs_a_make_up_on_the_monday_after_the_last(cast, series):
    for number in (1, 2):
        attend(cast, session(series, number))
    miss(cast, session(series, 3))

    watch_all(now=at(13, 10, 20))

    (task,) = series.tasks.all()
    assert (task.kind, task.session) == (TaskKind.INCOMPLETE, None)
    assert task.detail == "5 of 6 sessions are done or planned: session 3 was missed."
    assert task.proposal == {"moves": [{"number": 7, "from": None, "to": "2026-04-27T14:00:00+00:00"}]}


def test_a_make_up_closes_the_task(cast, series):
    miss(cast, session(series, 3))
    watch_all(now=at(13, 10, 20))

    apply_replan(series, actor=cast.as_desk, now=at(13, 10, 30))
    watch_all(now=at(13, 10, 40))

    assert open_tasks(series) == []
    (task,) = series.tasks.all()
    assert (task.resolution, task.resolved_by, task.resolved_at) == ("mended", None, at(13, 10, 40))


def test_watching_again_changes_nothing(cast, series):
    miss(cast, session(series, 3))
    watch_all(now=at(13, 10, 20))
    before = list(Task.objects.values())

    watch_all(now=at(13, 10, 25))

    assert list(Task.objects.values()) == before
    assert JournalEntry.objects.filter(verb="task_opened").count() == 1


def test_many_watchers_at_once_open_one_task(cast, series):
    miss(cast, session(series, 3))
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


@pytest.mark.parametrize(
    ("day", "tasks"),
    [
        (16, []),  # 9 to 16 April: seven days are allowed
        (17, [("soft_gap", 3, "Sessions 2 and 3 are 8 days apart, which a clinician should see.")]),
    ],
)
def test_a_gap_longer_than_its_soft_bound_is_a_task(cast, transactional_db, day, tasks):
    starts = [at(6), at(9), at(day), at(20), at(22), at(24)]
    series = book(cast, starts=starts)

    watch_all(now=NOW)

    assert open_tasks(series) == tasks


def test_a_gap_that_is_closed_closes_its_task(cast, transactional_db):
    series = book(cast, starts=[at(6), at(9), at(17), at(20), at(22), at(24)])
    watch_all(now=NOW)

    move_session(session(series, 3), start=at(16), actor=cast.as_desk, now=NOW)
    watch_all(now=NOW)

    assert open_tasks(series) == []


def test_a_reason_that_changes_is_kept_up_to_date_in_the_same_task(cast, transactional_db):
    series = book(cast, starts=[at(6), at(8), at(16), at(20), at(22), at(24)])
    watch_all(now=NOW)
    (before,) = series.tasks.all()

    move_session(session(series, 3), start=at(17), actor=cast.as_desk, now=NOW)
    watch_all(now=NOW + timedelta(minutes=5))

    (after,) = series.tasks.all()
    assert (after.id, after.created_at, after.updated_at) == (before.id, NOW, NOW + timedelta(minutes=5))
    assert after.detail == "Sessions 2 and 3 are 9 days apart, which a clinician should see."


def test_a_cancellation_that_leaves_a_gap_past_the_hard_bound_is_a_task_of_a_lapsed_series(cast, series):
    for number in (3, 4, 5):
        cancel_session(session(series, number), actor=cast.as_desk, now=NOW)  # 9 and 23 April: 14 days
    watch_all(now=NOW)
    series.refresh_from_db()
    assert series.status == SeriesStatus.ACTIVE

    cancel_session(session(series, 2), actor=cast.as_desk, now=NOW)  # 6 and 23 April: 17 days
    watch_all(now=NOW)

    series.refresh_from_db()
    assert series.status == SeriesStatus.LAPSED
    assert [task[:2] for task in open_tasks(series)] == [("hard_gap", 6), ("incomplete", None)]


FOUR_LEFT = "2 of 6 sessions are done or planned: session 3 was cancelled, session 4 was cancelled, "
FOUR_LEFT += "session 5 was cancelled, session 6 was cancelled."


@pytest.mark.parametrize(
    ("day", "status", "gap"),
    [
        (15, "active", []),
        (
            16,
            "active",
            [("soft_gap", "Nothing is booked after Thu 9 April; 7 days are over on Thu 16 April.")],
        ),
        (
            22,
            "active",
            [("soft_gap", "Nothing is booked after Thu 9 April; 7 days are over on Thu 16 April.")],
        ),
        (
            23,
            "active",
            [("hard_gap", "Nothing is booked after Thu 9 April; 14 days are over on Thu 23 April.")],
        ),
        (
            24,
            "lapsed",
            [("hard_gap", "Nothing is booked after Thu 9 April; 14 days are over on Thu 23 April.")],
        ),
    ],
)
def test_a_gap_with_nothing_booked_at_its_end_grows_to_its_bounds_and_then_lapses(
    cast, series, day, status, gap
):
    for number in (1, 2):
        attend(cast, session(series, number))
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))

    watch_all(now=at(day))

    series.refresh_from_db()
    assert series.status == status
    found = [(kind, detail) for kind, _, detail in open_tasks(series)]
    assert found == [*[one for one in gap if one[0] == "hard_gap"], ("incomplete", FOUR_LEFT)] + [
        one for one in gap if one[0] == "soft_gap"
    ]


def test_a_series_lapses_once(cast, series):
    for number in (1, 2):
        attend(cast, session(series, number))
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))

    watch_all(now=at(24))
    watch_all(now=at(25))

    lapses = JournalEntry.objects.filter(verb="series_lapsed")
    assert [(row.before, row.after) for row in lapses] == [({"status": "active"}, {"status": "lapsed"})]


def test_from_a_clearance_on_the_gap_is_counted_anew(cast, series):
    for number in (1, 2):
        attend(cast, session(series, number))
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))
    watch_all(now=at(24))
    grant_clearance(
        cast.ada,
        protocol=cast.ket6,
        sessions=4,
        expires=at(30).date(),
        actor=cast.as_prescriber,
        now=at(24, 12),
    )

    watch_all(now=at(24, 13))

    series.refresh_from_db()
    assert series.status == SeriesStatus.ACTIVE
    assert open_tasks(series) == [("incomplete", None, FOUR_LEFT)]
    watch_all(now=new_york("2026-05-08 10:00"))  # 14 days later
    series.refresh_from_db()
    assert series.status == SeriesStatus.ACTIVE
    watch_all(now=new_york("2026-05-09 10:00"))  # 15
    series.refresh_from_db()
    assert series.status == SeriesStatus.LAPSED


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
    assert len(asked) == 6


def test_details_fit_their_column():
    assert Task._meta.get_field("detail").max_length == tasklist.DETAIL_LENGTH
