"""A nudge never breaks a booking and never delays one."""

import logging
import socket
import time
from contextlib import contextmanager

import pytest
from celery import current_app

from bookings.commands.book import book_series
from bookings.nudging import MOST, Nudger
from tests.cast import MONDAYS_AND_THURSDAYS, NOW


class Recorder(Nudger):
    """Does not start the thread."""

    def _start(self) -> None:
        pass

    @property
    def waiting(self):
        return list(self._waiting)


def test_equal_nudges_that_wait_become_one():
    nudger = Recorder()

    nudger.nudge("notifications.tasks.react_to_journal")
    nudger.nudge("bookings.tasks.watch_after", (1, 2))
    nudger.nudge("notifications.tasks.react_to_journal")

    assert nudger.waiting == [
        ("notifications.tasks.react_to_journal", ()),
        ("bookings.tasks.watch_after", ((1, 2),)),
    ]


def test_what_is_too_much_is_dropped():
    nudger = Recorder()

    for number in range(MOST + 1):
        nudger.nudge("bookings.tasks.watch_after", (number,))

    assert len(nudger.waiting) == MOST


@contextmanager
def broker_at(port: int):
    """Nudges of this process go to that port."""
    current_app.conf.broker_write_url = f"redis://127.0.0.1:{port}/0"
    current_app.pool.force_close_all()
    try:
        yield
    finally:
        current_app.conf.broker_write_url = None
        current_app.pool.force_close_all()


@pytest.fixture
def silent_redis():
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent, broker_at(silent.getsockname()[1]):
        yield


@pytest.fixture
def absent_redis():
    """No Redis at all."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with broker_at(unused.getsockname()[1]):
            yield


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["silent_redis", "absent_redis"])
def test_a_broken_redis_neither_breaks_nor_delays_a_booking(cast, request, state):
    request.getfixturevalue(state)
    began = time.monotonic()

    series = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )

    assert series.sessions.count() == 6
    assert time.monotonic() - began < 1.5


def test_a_nudge_that_cannot_be_delivered_is_logged(absent_redis, caplog):
    nudger = Nudger()
    with caplog.at_level(logging.WARNING, logger="bookings.nudging"):
        nudger.nudge("bookings.tasks.watch_after", (1,))
        deadline = time.monotonic() + 10
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.05)

    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "the workers could not be nudged to run bookings.tasks.watch_after"
    ]
