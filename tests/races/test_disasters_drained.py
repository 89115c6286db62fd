"""Disasters at random clinics, followed by a real worker on a real queue: once it has drained that, every
broken rule is somebody's decision or an open task, and nobody was moved without their word or the clinic's.
"""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
from celery import current_app
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bookings.nudging import PAUSE
from tests import database
from tests.bookings.disasters import Disasters
from tests.notifications.conftest import mailbox
from tests.notifications.test_end_to_end import queue, queue_url, worker
from tests.races.arena import SECONDS

__all__ = ["mailbox", "queue"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True), pytest.mark.timeout(0)]
#: What a tick of the beat sends, of what concerns the diary.
TICK = (
    "draw_up_repairs",
    "watch_recent",
    "watch_new_days",
    "offer_freed_places",
    "sweep_holds",
)
PATIENCE = 240  # seconds in which a worker that lives has drained a few tasks, however slow the machine


class Drained(Disasters):
    """Nothing is rolled back, and who does the work is a process that reads the time from a file."""

    clock: Path

    def begin_afresh(self) -> None:
        database.empty()

    def leave_nothing(self) -> None:
        time.sleep(2 * PAUSE)  # what the worker tells itself comes so late
        self.drain()

    def work(self) -> None:
        tell_time(self.clock, self.now)
        for _ in range(2):  # what the worker writes itself may concern it again
            for task in TICK:
                current_app.send_task(f"bookings.tasks.{task}")
            self.drain()

    def drain(self) -> None:
        """Until nothing waits and nothing is in hand: a task is acknowledged when it is done."""
        until, quiet = time.monotonic() + PATIENCE, 0
        with current_app.connection_for_write(queue_url()) as opened:
            valkey = opened.default_channel.client
            while quiet < 3:  # between the list and the hash a message is in neither
                assert time.monotonic() < until, "the worker has not drained its queue"
                quiet = 0 if valkey.llen("celery") or valkey.hlen("unacked") else quiet + 1
                time.sleep(0.02)


def tell_time(clock: Path, now: datetime) -> None:
    """Whole or not at all, since the worker may be reading it."""
    clock.with_suffix(".new").write_text(now.isoformat())
    clock.with_suffix(".new").replace(clock)


def test_whatever_happens_a_worker_that_has_drained_its_queue_knows_every_broken_rule(
    queue, mailbox, tmp_path, monkeypatch
):
    clock = tmp_path / "clock"
    tell_time(clock, datetime.fromisoformat("2026-10-19T08:00:00+00:00"))
    monkeypatch.setenv("CLOCK", str(clock))
    monkeypatch.setattr(Drained, "clock", clock, raising=False)
    until = time.monotonic() + SECONDS
    with worker(tmp_path, mailbox.url, app="tests.races.told_time"):
        while True:
            run_state_machine_as_test(
                Drained,
                settings=settings(
                    max_examples=4,
                    stateful_step_count=15,
                    phases=[Phase.generate],  # what a worker does at the same time is never quite the same
                    database=None,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
            if time.monotonic() > until:
                break
    assert "raised unexpected" not in (tmp_path / "worker.log").read_text()
