"""A change of a whole clinic goes through its sessions some at a time, and none is left out."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.commands.cancel import cancel_session
from bookings.models import Clinic
from notifications import sweeping
from notifications.commands.choose import set_policy
from notifications.commands.react import react
from notifications.kinds import Kind, Status
from notifications.models import Message, Sweep
from notifications.ways import NOT_IN_POLICY
from tests.cast import NOW
from tests.notifications.telling_scenes import LATER, book_six, count, notices, session

pytestmark = pytest.mark.django_db(transaction=True)

TWO_DAYS = [
    {"kind": "reminder", "channels": ["email"], "days_before": 2},
    {"kind": "cancellation", "channels": ["email"]},
]
ONE_DAY = [{"kind": "reminder", "channels": ["email"], "days_before": 1}]


class Killed(BaseException):
    pass


@pytest.fixture
def eighteen(cast, series):
    """Three series of six sessions, reminded of three days and one day before; then another policy."""
    book_six(cast, cast.bea, hours_later=1)
    book_six(cast, cast.carl, hours_later=2)
    react(now=NOW)
    set_policy(cast.north, rules=TWO_DAYS, actor=cast.as_manager, now=LATER)
    return series


def reminders(*, days: int, status: Status) -> int:
    return count(kind=Kind.REMINDER, days_before=days, status=status)


def die_at(number: int, monkeypatch):
    """Have whoever writes messages die when they do it for that time."""
    write, times = Message.objects.bulk_create, []

    def bulk_create(*args, **options):
        times.append(1)
        if len(times) == number:
            raise Killed
        return write(*args, **options)

    monkeypatch.setattr(Message.objects, "bulk_create", bulk_create)


@pytest.mark.parametrize("step", [1, 5, 6, 17, 18, 19])
def test_every_session_is_looked_at_once_whatever_the_step(eighteen, step):
    react(now=LATER, step=step)

    assert reminders(days=2, status=Status.PLANNED) == 18
    assert count(kind=Kind.REMINDER, status=Status.SUPPRESSED, reason=NOT_IN_POLICY) == 36
    assert count(kind=Kind.REMINDER) == 18 + 36
    assert not Sweep.objects.exists()


def test_no_transaction_is_longer_than_a_step(eighteen):
    with CaptureQueriesContext(connection) as asked:
        react(now=LATER, step=4)

    commits = [query["sql"] for query in asked if query["sql"] == "COMMIT"]
    # The change itself; then five times four sessions, or the last two, and a look at the journal.
    assert len(commits) == 1 + 5 * 2


def test_cut_short_it_goes_on_where_it_was(eighteen, monkeypatch):
    with monkeypatch.context() as patched:
        die_at(3, patched)
        with pytest.raises(Killed):
            react(now=LATER, step=5)
    assert reminders(days=2, status=Status.PLANNED) == 10
    told = set(Message.objects.filter(days_before=2).values_list("session", flat=True))
    nearest = sweeping.sessions_at(
        eighteen.clinic_id, start=NOW - timedelta(days=9), id=sweeping.FIRST, most=10
    )
    assert told == {one.id for one in nearest}

    assert react(now=LATER, step=5) == 0  # no row of the journal is left, but the sweep is

    assert reminders(days=2, status=Status.PLANNED) == 18
    assert reminders(days=1, status=Status.SUPPRESSED) == 18


def test_what_is_written_meanwhile_comes_before_the_next_step(cast, eighteen, monkeypatch):
    with monkeypatch.context() as patched:
        die_at(2, patched)
        with pytest.raises(Killed):
            react(now=LATER, step=5)
    cancel_session(session(eighteen, 6), actor=cast.as_desk, now=LATER)
    with monkeypatch.context() as patched:
        die_at(2, patched)
        with pytest.raises(Killed):
            react(now=LATER, step=5)

    assert notices()[-1] == (Kind.CANCELLATION, Status.PLANNED)
    assert reminders(days=2, status=Status.PLANNED) == 5

    react(now=LATER, step=5)
    assert reminders(days=2, status=Status.PLANNED) == 17


def test_another_change_meanwhile_begins_again_and_the_last_one_counts(cast, eighteen, monkeypatch):
    with monkeypatch.context() as patched:
        die_at(3, patched)
        with pytest.raises(Killed):
            react(now=LATER, step=5)
    set_policy(cast.north, rules=ONE_DAY, actor=cast.as_manager, now=LATER + timedelta(minutes=1))

    react(now=LATER + timedelta(minutes=1), step=5)

    assert reminders(days=1, status=Status.PLANNED) == 18
    assert reminders(days=2, status=Status.PLANNED) == 0
    assert reminders(days=2, status=Status.SUPPRESSED) == 10
    assert not Sweep.objects.exists()


def test_a_session_that_cannot_be_planned_holds_up_no_other(eighteen):
    broken = session(eighteen, 1)
    row = Message.objects.filter(session=broken, kind=Kind.REMINDER).first()
    row.facts = {"sessions": [{"id": str(broken.id), "start": "not a time"}]}
    row.save()

    react(now=LATER, step=5)

    assert reminders(days=2, status=Status.PLANNED) == 17
    assert not Message.objects.filter(session=broken, days_before=2).exists()
    assert not Sweep.objects.exists()


def test_the_sessions_of_another_clinic_are_left_alone(cast, eighteen):
    react(now=LATER)
    elsewhere = Clinic.objects.create(slug="elsewhere", name="Elsewhere", time_zone="America/New_York")
    cast.manager.clinics.add(elsewhere)
    set_policy(elsewhere, rules=ONE_DAY, actor=cast.as_manager, now=LATER)

    react(now=LATER)

    assert reminders(days=2, status=Status.PLANNED) == 18
    assert reminders(days=1, status=Status.SUPPRESSED) == 18


@pytest.mark.parametrize("step", [1, 18])
def test_a_step_costs_the_same_number_of_queries_for_one_session_and_for_eighteen(eighteen, step):
    react(now=LATER, step=18)
    sweeping.begin([eighteen.clinic_id], decided_at=LATER, now=LATER)

    with CaptureQueriesContext(connection) as asked:
        sweeping.step(most=step, now=LATER)

    assert len(asked) == 7
