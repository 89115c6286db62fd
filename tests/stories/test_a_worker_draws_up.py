"""A plan is asked for while no worker is there, and the desk reads so. A worker starts, dies at its work, and
another one finishes it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from celery import current_app
from django.utils import timezone

from bookings.actors import staff_actor
from bookings.commands.book import book_series
from bookings.commands.repairs import PATIENCE
from bookings.commands.roster import close
from bookings.models import Repair
from tests.api.conftest import caller_for
from tests.browser.desk.clinic import Clinic10, make_clinic_at_ten
from tests.cast import make_patient
from tests.frontdesk.conftest import at_the_desk, words
from tests.notifications.conftest import mailbox
from tests.notifications.test_end_to_end import queue, worker

__all__ = ["mailbox", "queue"]
pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
MANY = 24  # courses: enough for the engine to be at it for some seconds


def wait_for(what: Callable[[], bool], *, seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture
def at(transactional_db) -> Clinic10:
    """A clinic that is closed in three days, when 24 have their first visit of six."""
    at = make_clinic_at_ten(chairs=12)
    for number in range(MANY):
        starts = [
            at.at(f"{8 + number % 6:02}:{15 * (number // 12):02}", days=days) for days in range(3, 21, 3)
        ]
        book_series(
            make_patient(f"Pat{number}", "Moss", number=number),
            clinic=at.clinic,
            protocol=at.course,
            starts=starts,
            actor=staff_actor(at.desk),
            now=at.now,
        )
    starts, ends = at.at("00:00", days=3), at.at("00:00", days=4)
    close(at.clinic, starts=starts, ends=ends, actor=staff_actor(at.manager), now=at.now)
    return at


def test_a_plan_waits_for_a_worker_and_outlives_one_that_dies(at: Clinic10, queue, mailbox, tmp_path: Path):
    desk = caller_for(at.desk, now=timezone.now())
    asked = desk.post("clinics/harbor/repairs/", {})
    assert (asked.status_code, asked.json()["status"]) == (202, "drawing_up")
    plan = Repair.objects.get()
    Repair.objects.update(created_at=at.now - timedelta(minutes=1))
    page = at_the_desk(at.desk).get(f"/desk/harbor/repairs/{plan.id}/")
    assert "No worker is at it just now." in words(page)

    with worker(tmp_path, mailbox.url) as doomed:
        wait_for(lambda: Repair.objects.get().attempts == 1)
        family = psutil.Process(doomed.pid).children(recursive=True)
        for one in (*family, psutil.Process(doomed.pid)):
            os.kill(one.pid, signal.SIGKILL)
    assert Repair.objects.get().status == "drawing_up"
    # Two minutes later, by the row's own time, the beat ticks.
    Repair.objects.update(taken_up_at=at.now - PATIENCE)
    current_app.send_task("bookings.tasks.draw_up_repairs")

    with worker(tmp_path, mailbox.url):
        wait_for(lambda: Repair.objects.get().status == "ready")

    plan = Repair.objects.get()
    moved = sum(len(part.moves) for part in plan.parts.all())
    assert (plan.attempts, plan.parts.count(), moved >= MANY) == (2, MANY, True)
    assert desk.get(f"clinics/harbor/repairs/{plan.id}/").json()["figures"]["cost"]["placed"] == MANY
