"""What whoever watches over the service can read: the backlog, who is alive, what was refused and why."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from bookings import counters
from bookings.commands.book import book_series
from bookings.commands.pulse import take_tick
from bookings.errors import Busy, SpacingBroken
from bookings.locking import roster_lock
from bookings.models import Pulse
from notifications.models import Message
from tests.cast import NOW, new_york
from tests.notifications.test_end_to_end import queue, queue_url, worker  # noqa: F401  a fixture
from tests.threads import in_another_thread

pytestmark = pytest.mark.django_db


def figures(client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    return {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    }


def near(seconds: float) -> object:
    return pytest.approx(seconds, abs=30)


def test_before_a_worker_was_ever_there_nothing_is_said_of_its_silence(client):
    told = figures(client)
    assert told['cadence_up{what="database"}'] == told['cadence_up{what="redis"}'] == 1
    assert [name for name in told if "silence" in name] == []


def test_a_worker_that_has_been_silent_for_six_minutes_is_seen(client):
    now = timezone.now()
    take_tick(sent_at=now - timedelta(minutes=7), now=now - timedelta(minutes=6))
    told = figures(client)
    assert told["cadence_worker_silence_seconds"] == near(360)
    assert told["cadence_beat_silence_seconds"] == near(420)
    assert told["cadence_beat_lag_seconds"] == 60


def test_ticks_that_come_late_do_not_make_the_beat_look_older():
    now = timezone.now()
    take_tick(sent_at=now - timedelta(minutes=2), now=now)
    take_tick(sent_at=now - timedelta(minutes=3), now=now + timedelta(seconds=5))
    assert list(Pulse.objects.values_list("sent_at", "ran_at")) == [(now - timedelta(minutes=2), now)]
    take_tick(sent_at=now, now=now + timedelta(seconds=6))
    assert list(Pulse.objects.values_list("sent_at", "ran_at")) == [(now, now + timedelta(seconds=6))]


def test_what_became_of_the_messages_of_a_day_and_how_long_the_oldest_waits(client):
    now = timezone.now()
    for number, (status, ago) in enumerate(
        [("planned", 10), ("planned", 4), ("sent", 60), ("sent", 25 * 60), ("failed", 30), ("planned", -5)]
    ):
        Message.objects.create(
            key=f"one:{number}",
            kind="reminder",
            channel="text",
            recipient="+12025550100",
            language="en",
            facts={},
            due_at=now - timedelta(minutes=ago),
            expires_at=now + timedelta(days=1),
            created_at=now,
            status=status,
            sent_at=now if status == "sent" else None,
            reason="it could not be delivered" if status == "failed" else "",
        )
    told = figures(client)
    assert told["cadence_message_lag_seconds"] == near(600)
    of_texts = {
        status: told[f'cadence_messages_of_last_day{{channel="text",status="{status}"}}']
        for status in ("planned", "sent", "failed", "delivered")
    }
    assert of_texts == {"planned": 2, "sent": 1, "failed": 1, "delivered": 0}


def test_tasks_that_wait_are_counted_whatever_their_priority(client, queue):  # noqa: F811
    with override_settings(REDIS_URL=queue_url()):
        before = figures(client)["cadence_queue_depth"]
        for priority in (0, 6, 9):
            current_app.send_task("bookings.tasks.sweep_holds", priority=priority)
        assert figures(client)["cadence_queue_depth"] - before == 3
        redis.Redis.from_url(settings.REDIS_URL).flushdb()


@override_settings(REDIS_URL="redis://127.0.0.1:1/0")
def test_without_redis_the_other_figures_are_there_and_say_so(client):
    told = figures(client)
    assert (told['cadence_up{what="database"}'], told['cadence_up{what="redis"}']) == (1, 0)
    assert "cadence_queue_depth" not in told
    assert told["cadence_message_lag_seconds"] == 0


def test_each_rule_in_the_way_counts_once(client, cast):
    before = figures(client)
    starts = [new_york(f"2026-04-{day:02} 10:00") for day in (6, 7, 8, 13, 16, 20)]
    with pytest.raises(SpacingBroken):
        book_series(
            cast.ada, clinic=cast.north, protocol=cast.ket6, starts=starts, actor=cast.as_ada, now=NOW
        )
    after = figures(client)
    grown = {name: after[name] - before.get(name, 0) for name in after if name.startswith("diary_refusals_t")}
    assert {name: by for name, by in grown.items() if by} == {'diary_refusals_total{rule="min_gap"}': 1.0}


@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_lock_is_measured_and_giving_up_is_counted(client, cast):
    before = figures(client)

    def change():
        with transaction.atomic():
            connection.cursor().execute("SET lock_timeout = '200ms'")
        with pytest.raises(Busy), roster_lock(cast.north.id):
            pass

    with roster_lock(cast.north.id):
        in_another_thread(change)
    after = figures(client)
    assert after["diary_busy_total"] - before["diary_busy_total"] == 1
    assert after["diary_lock_wait_seconds_count"] - before["diary_lock_wait_seconds_count"] == 2
    waited = after["diary_lock_wait_seconds_sum"] - before["diary_lock_wait_seconds_sum"]
    assert 0.2 <= waited < 3


def test_labels_are_names_of_ours(client):
    counters.changed(["series_booked"])
    text = client.get("/metrics").content.decode()
    labels = set(re.findall(r"(?:diary|cadence)_\w+\{([^}]*)\}", text))
    names = {name for found in labels for name in re.findall(r'(\w+)="', found)}
    assert names <= {"verb", "rule", "what", "channel", "status", "le"}


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_leaves_its_pulse(queue, tmp_path):  # noqa: F811
    began = timezone.now()
    current_app.send_task("bookings.tasks.take_tick")
    with worker(tmp_path, "consolemail://"):
        for _ in range(300):
            if (pulse := Pulse.objects.first()) is not None:
                break
            time.sleep(0.1)
    assert pulse is not None
    assert began <= pulse.sent_at < pulse.ran_at <= timezone.now()
