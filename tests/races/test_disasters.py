"""Disasters at random clinics for as long as there is time, and once beside two who follow the journal."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from bookings.commands import offers, watching
from bookings.commands.attend import miss_session
from bookings.commands.cancel import cancel_session
from bookings.commands.replan import apply_replan
from bookings.commands.roster import close, reopen
from bookings.errors import Refused
from bookings.models import JournalEntry, Session, Task, TaskKind
from tests.bookings.disasters import Disasters
from tests.bookings.watch_scenes import at, book, watch_all
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, Cast, make_patient
from tests.races.arena import SECONDS

pytestmark = pytest.mark.race


@pytest.mark.django_db
@pytest.mark.timeout(0)
def test_whatever_happens_for_a_long_time_every_broken_rule_is_known():
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        run_state_machine_as_test(
            Disasters,
            settings=settings(
                max_examples=4,
                stateful_step_count=50,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


class Worker(Thread):
    """Follows the journal in a connection of its own, as a worker does, until it is told to stop and has
    seen all.
    """

    def __init__(self, now: Any) -> None:
        super().__init__(daemon=True)
        self.now, self.enough, self.seen, self.failure = now, Event(), 0, None

    def run(self) -> None:
        try:
            while not (self.enough.is_set() and not self.once()):
                self.once()
        except Exception as failure:
            self.failure = failure
        finally:
            connection.close()

    def once(self) -> bool:
        """Whether there was something to do."""
        entries = list(JournalEntry.objects.filter(id__gt=self.seen).values_list("id", flat=True))
        watching.watch_after(entries, now=self.now)
        offers.offer_freed_places(entries=entries, now=self.now)
        self.seen = max([self.seen, *entries])
        return bool(entries)


@pytest.mark.django_db(transaction=True)
def test_workers_beside_people_leave_exactly_one_task_for_each_session_out_of_place(cast: Cast):
    """Two workers watch while a day is closed and opened, visits are cancelled, missed and planned again."""
    courses = [
        book(cast, patient=make_patient(f"Q{n}", "Example", number=70 + n), starts=starts)
        for n, starts in enumerate(
            [start + timedelta(hours=2 * n) for start in MONDAYS_AND_THURSDAYS] for n in range(3)
        )
    ]
    now = at(6, 16)
    workers = [Worker(now), Worker(now)]
    for worker in workers:
        worker.start()
    who: dict[str, Any] = {"actor": cast.as_manager, "now": now}
    for day in (9, 13, 16, 20):
        shut, _ = close(cast.north, starts=at(day, 0), ends=at(day + 1, 0), **who)
        for series in courses:
            for verb, one in (
                (cancel_session, series.sessions.filter(number=6).first()),
                (miss_session, series.sessions.filter(number=1).first()),
                (apply_replan, series),
            ):
                try:
                    verb(one, **who)
                except Refused:
                    continue
        if day == 13:
            reopen(shut, **who)
    for worker in workers:
        worker.enough.set()
        worker.join()

    assert [worker.failure for worker in workers] == [None, None]
    seen = sorted(Task.objects.filter(resolved_at=None).values_list("kind", "series", "session"))
    watch_all(now=now)
    again = sorted(Task.objects.filter(resolved_at=None).values_list("kind", "series", "session"))
    assert seen == again
    misfits = Task.objects.filter(resolved_at=None, kind=TaskKind.NO_LONGER_FITS)
    assert misfits.count() == misfits.values("session").distinct().count()
    moved = JournalEntry.objects.filter(verb__in=["session_moved", "session_booked"])
    assert set(moved.values_list("actor_kind", flat=True)) <= {"staff", "patient"}
    assert Session.objects.filter(series__in=courses).exists()
    assert now > NOW
