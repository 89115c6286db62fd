"""What the clock alone asks of a person: who has not come, which phase is over, and until when it can be
mended.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.assessments import IN_SIGHT
from bookings.commands.attend import check_in_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.todo import resolve_task
from bookings.commands.watching import LOOK_BACK, watch_after, watch_new_days, watch_recent
from bookings.models import Clinic, JournalEntry, Protocol, Series, Task
from tests.bookings.watch_scenes import at, attend, book, miss_the_third, open_tasks, session, watch_all
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, Cast, make_patient, make_protocol, new_york

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = MONDAYS_AND_THURSDAYS[0]
NOBODY = ("not_arrived", 1, "15 minutes after the start of session 1, nobody has checked in.")


@pytest.fixture
def series(transactional_db, cast: Cast) -> Series:
    """Ada's six sessions, 6 to 23 April."""
    return book(cast)


@pytest.mark.parametrize(("minutes", "expected"), [(14, []), (15, [NOBODY])])
def test_nobody_is_asked_after_before_the_grace_time_is_over(series, minutes, expected):
    watch_recent(now=FIRST + timedelta(minutes=minutes))

    assert open_tasks(series) == expected


def test_whoever_comes_late_is_no_task_any_more(cast, series):
    watch_recent(now=FIRST + timedelta(minutes=20))
    last = JournalEntry.objects.latest("id").id

    check_in_session(session(series, 1), actor=cast.as_desk, now=FIRST + timedelta(minutes=25))
    entries = JournalEntry.objects.filter(id__gt=last).values_list("id", flat=True)
    watch_after(entries, now=FIRST + timedelta(minutes=25))

    assert open_tasks(series) == []


def test_nobody_is_marked_as_missing_after_hours_without_a_worker(series):
    watch_recent(now=FIRST + timedelta(hours=6))

    assert open_tasks(series) == [NOBODY]
    assert session(series, 1).status == "booked"


def test_what_a_person_has_said_of_it_is_enough(cast, series):
    watch_recent(now=FIRST + timedelta(minutes=20))
    resolve_task(Task.objects.get(), actor=cast.as_desk, now=FIRST + timedelta(minutes=21))

    watch_recent(now=FIRST + timedelta(minutes=25))

    assert open_tasks(series) == []


def test_the_beat_sees_what_was_written_since_it_last_looked_and_nothing_older(cast, series):
    now = NOW + timedelta(hours=1)
    cancel_session(session(series, 2), actor=cast.as_desk, now=now)

    watch_recent(now=now + LOOK_BACK + timedelta(seconds=1))
    assert open_tasks(series) == []

    watch_recent(now=now + LOOK_BACK)
    assert [kind for kind, *_ in open_tasks(series)] == ["incomplete"]


@pytest.mark.parametrize("number", [1, 3])
def test_quiet_series_cost_the_beat_nothing(cast, series, number):
    for one in range(number):
        later = [start + timedelta(hours=one + 1) for start in MONDAYS_AND_THURSDAYS]
        book(cast, patient=make_patient("Quiet", f"Person {one}", number=20 + one), starts=later)

    with CaptureQueriesContext(connection) as queries:
        watch_recent(now=NOW + timedelta(hours=2))

    assert len(queries) == 5


def test_a_task_that_wants_a_proposal_gets_one_in_a_later_round(cast, series):
    miss_the_third(cast, series)
    watch_all(now=at(13, 10, 20))
    Task.objects.update(proposal=None)

    watch_recent(now=at(13, 14))

    (task,) = Task.objects.filter(resolved_at=None)
    assert task.proposal == {"moves": [{"number": 7, "from": None, "to": "2026-04-27T14:00:00+00:00"}]}


def test_all_is_looked_at_once_on_each_day_of_the_clinic(cast, series):
    """Midnight of New York is 04:00 UTC, that of Phoenix 07:00."""
    series.sessions.filter(number__lte=2).update(status="completed")
    series.sessions.filter(number__gt=2).delete()  # behind the back of every verb
    watch_new_days(now=datetime(2026, 4, 16, 3, 59, tzinfo=UTC))
    assert open_tasks(series) == []
    days = dict(Clinic.objects.values_list("slug", "watched_on"))
    assert days == {"north": date(2026, 4, 15), "west": date(2026, 4, 15)}

    watch_new_days(now=datetime(2026, 4, 16, 4, 0, tzinfo=UTC))

    assert [kind for kind, *_ in open_tasks(series)] == ["soft_gap"]
    days = dict(Clinic.objects.values_list("slug", "watched_on"))
    assert days == {"north": date(2026, 4, 16), "west": date(2026, 4, 15)}


# Until when


def test_a_missed_visit_can_be_seen_to_until_its_end(series):
    watch_recent(now=FIRST + timedelta(minutes=15))

    assert Task.objects.get().deadline == session(series, 1).end


def test_a_make_up_must_be_in_time_for_the_whole(cast, series):
    """From 6 April on, 21 days: session 7 may be on 27 April at the latest."""
    miss_the_third(cast, series)

    watch_all(now=at(13, 10, 20))

    assert Task.objects.get().deadline == new_york("2026-04-28 00:00")


def test_a_gap_with_nothing_after_it_can_be_mended_on_the_day_of_its_bound(cast, transactional_db):
    """Seven days after Monday the 6th is Monday the 13th."""
    series = book(cast, protocol=cast.ket6, starts=MONDAYS_AND_THURSDAYS)
    attend(cast, session(series, 1))
    for number in range(2, 7):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(6, 15))

    watch_all(now=at(13))

    deadlines = dict(Task.objects.values_list("kind", "deadline"))
    assert deadlines["soft_gap"] == new_york("2026-04-14 00:00")


# A phase that is over

TWO_PHASES = {
    **KET6,
    "slug": "two-phases",
    "phases": [
        {"name": "induction", "sessions": 2, "spacing": {"min_gap_days": 2, "target_gap_days": 3}},
        {"name": "maintenance", "sessions": None, "spacing": {"min_gap_days": 5, "max_gap_days": 14}},
    ],
}
ENDED = "induction ended on Thu 9 April, and nothing is booked of maintenance."
DUE = f"{ENDED} Its first session is due by Thu 23 April."


@pytest.fixture
def induction(transactional_db, cast: Cast) -> Series:
    """Ada's two sessions of the induction, both of which she had."""
    protocol = make_protocol(TWO_PHASES, cast.north, signed_by=cast.prescriber)
    series = book(cast, protocol=protocol, starts=MONDAYS_AND_THURSDAYS[:2])
    for number in (1, 2):
        attend(cast, session(series, number))
    return Series.objects.get(id=series.id)


def book_phase(cast: Cast, protocol: Protocol, *, phase: str, start: datetime) -> Series:
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=protocol,
        phase=phase,
        starts=[start],
        actor=cast.as_desk,
        now=at(9, 14),
    )


def test_a_phase_that_is_over_with_nothing_booked_of_the_next_is_a_task(induction):
    watch_after(JournalEntry.objects.values_list("id", flat=True), now=at(9, 13))

    assert induction.status == "completed"
    assert open_tasks(induction) == [("phase_finished", None, DUE)]
    assert Task.objects.get().deadline == new_york("2026-04-24 00:00")


def test_the_task_ends_when_the_next_phase_is_booked(cast, induction):
    watch_all(now=at(9, 13))
    last = JournalEntry.objects.latest("id").id

    protocol = induction.protocol_version.protocol
    book_phase(cast, protocol, phase="maintenance", start=at(16))
    entries = JournalEntry.objects.filter(id__gt=last).values_list("id", flat=True)
    watch_after(entries, now=at(9, 14))

    assert open_tasks(induction) == []


def test_a_phase_with_none_after_it_asks_for_nothing(cast, series):
    series.sessions.update(status="completed")
    Series.objects.update(status="completed")

    watch_all(now=at(24))

    assert open_tasks(series) == []


@pytest.mark.parametrize(("past", "expected"), [(timedelta(0), 1), (timedelta(seconds=1), 0)])
def test_after_a_quarter_of_a_year_a_finished_phase_is_out_of_sight(induction, past, expected):
    watch_all(now=MONDAYS_AND_THURSDAYS[1] + IN_SIGHT + past)

    assert len(open_tasks(induction)) == expected
