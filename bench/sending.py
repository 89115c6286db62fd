"""Messages that are due, through two worker processes, as a share of the tasks that they can do at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import redis
from celery import current_app

from bench.installation import FOLDER, Installation
from bench.timing import Line
from bench.ways_out import ways_out
from notifications.models import Message

TASKS, MESSAGES = 10_000, 20_000
TARGET = 0.25
TICK = 60  # seconds: as often as the beat looks
_OPEN = ("planned", "sending")


def lines(installed: Installation) -> Iterator[Line]:
    """The report. The messages are there already, and due."""
    with ways_out(FOLDER) as told, workers({**installed.environment, **told}) as group:
        _until_idle(installed)
        tasks = _tasks_a_second(installed, group)
        yield Line("messages", "tasks that do nothing, two worker processes", f"{tasks:.0f} a second")
        sent, seconds = _messages_a_second(group)
    share = sent / seconds / tasks
    unsent = Message.objects.exclude(status__in=["sent", "delivered"]).count()
    yield Line(
        "messages",
        f"{sent:,} due messages, half mail and half texts, same workers, loopback servers",
        f"{sent / seconds:.0f} a second, {share:.0%} of tasks that do nothing",
        f"≥ {TARGET:.0%}",
        share >= TARGET and not unsent,
    )


def _tasks_a_second(installed: Installation, group: list[psutil.Process]) -> float:
    _signal(group, signal.SIGSTOP)
    for _ in range(TASKS):
        current_app.send_task("bench.noop.nothing")
    began = time.monotonic()
    _signal(group, signal.SIGCONT)
    _until_idle(installed)
    return TASKS / (time.monotonic() - began)


def _messages_a_second(group: list[psutil.Process]) -> tuple[int, float]:
    waiting = Message.objects.filter(status__in=_OPEN)
    before, began, ticked = waiting.count(), time.monotonic(), 0.0
    while waiting.exists():
        if time.monotonic() - ticked > TICK:
            current_app.send_task("notifications.tasks.send_due_messages")
            ticked = time.monotonic()
        if time.monotonic() - began > 1800 or not all(one.is_running() for one in group):
            break
        time.sleep(0.1)
    return before - waiting.count(), time.monotonic() - began


def _until_idle(installed: Installation) -> None:
    """Return once nothing is queued or in hand."""
    with redis.Redis.from_url(installed.environment["REDIS_URL"]) as queue:
        while any(queue.llen(name) for name in queue.scan_iter("celery*", _type="list")) or queue.hlen(
            "unacked"
        ):
            time.sleep(0.02)


@contextmanager
def workers(environment: dict[str, str]) -> Iterator[list[psutil.Process]]:
    """One worker with two processes, as in docker-compose.yml, warm; and what can be stopped of it."""
    from config import processes

    command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--concurrency", "2"]
    command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--include", "bench.noop"]
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with ExitStack() as stack, (FOLDER / "worker.log").open("ab") as log:
        child = processes.start(
            FOLDER, command, env=environment, cwd=Path.cwd(), stdout=log, stderr=subprocess.STDOUT
        )
        stack.callback(processes.stop, child)
        current_app.conf.broker_write_url = environment["REDIS_URL"]
        while len(psutil.Process(child.pid).children()) < 2:
            time.sleep(0.1)
        for _ in range(100):
            current_app.send_task("bench.noop.nothing")
        time.sleep(3)
        leader = psutil.Process(child.pid)
        yield [leader, *leader.children(recursive=True)]


def _signal(group: list[psutil.Process], number: signal.Signals) -> None:
    for one in group:
        os.kill(one.pid, number)
