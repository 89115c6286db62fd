"""A nudge never breaks a booking and never delays one."""

import logging
import socket
import time

import pytest

from bookings import signals
from bookings.commands.book import book_series
from bookings.nudging import MOST, PAUSE, Nudger
from tests.broker import broker_at
from tests.cast import MONDAYS_AND_THURSDAYS, NOW


class Recorder(Nudger):
    """Does not start the thread."""

    def _start(self) -> None:
        pass

    @property
    def waiting(self):
        return [(task, args, list(ids)) for (task, args), ids in self._waiting.items()]


def test_nudges_that_wait_become_one_with_all_that_they_are_about():
    nudger = Recorder()

    nudger.nudge("react")
    nudger.nudge("watch", about=[1, 2])
    nudger.nudge("react")
    nudger.nudge("watch", about=[2, 3])
    nudger.nudge("send", "a")
    nudger.nudge("send", "b")

    assert nudger.waiting == [
        ("react", (), []),
        ("watch", (), [1, 2, 3]),
        ("send", ("a",), []),
        ("send", ("b",), []),
    ]


def test_what_is_too_much_is_dropped():
    nudger = Recorder()

    for number in range(MOST + 1):
        nudger.nudge("send", number)
        nudger.nudge("watch", about=[number])

    assert len(nudger.waiting) == MOST
    assert {len(ids) for task, _, ids in nudger.waiting if task == "watch"} == {MOST}


def test_the_first_nudge_goes_at_once_and_those_after_it_go_together_a_moment_later():
    nudger = Recorder()
    began = time.monotonic()
    nudger.nudge("watch", about=[1])
    assert nudger._next() == (("watch", ()), {1: None})
    assert time.monotonic() - began < PAUSE / 2

    nudger.nudge("watch", about=[2])
    nudger.nudge("watch", about=[3])
    nudger.nudge("react")  # another task does not wait
    assert nudger._next() == (("react", ()), {})
    assert nudger._next() == (("watch", ()), {2: None, 3: None})

    assert PAUSE <= time.monotonic() - began < 2 * PAUSE


def redis_at(listening: socket.socket) -> str:
    return f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


@pytest.fixture
def silent_redis():
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent, broker_at(redis_at(silent)):
        yield


@pytest.fixture
def absent_redis():
    """No Redis at all."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with broker_at(redis_at(unused)):
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
        nudger.nudge("a.task.of.this.test")
        deadline = time.monotonic() + 20
        while not _about_this_test(caplog) and time.monotonic() < deadline:
            time.sleep(0.05)

    assert _about_this_test(caplog) == [
        "the workers could not be nudged to run a.task.of.this.test: OperationalError"
    ]


def _about_this_test(caplog) -> list[str]:
    # The process has another nudger, which may still be at work for an earlier test.
    messages = (record.getMessage() for record in caplog.records)
    return [message for message in messages if "a.task.of.this.test" in message]


@pytest.mark.django_db(transaction=True)
def test_a_listener_that_fails_turns_no_booking_into_an_error(cast, caplog):
    def fails(sender, **_):
        raise RuntimeError("somebody listens badly")

    signals.journal_written.connect(fails)
    try:
        series = book_series(
            cast.ada,
            clinic=cast.north,
            protocol=cast.ket6,
            starts=MONDAYS_AND_THURSDAYS,
            actor=cast.as_ada,
            now=NOW,
        )
    finally:
        signals.journal_written.disconnect(fails)

    assert series.sessions.count() == len(MONDAYS_AND_THURSDAYS)
    assert "somebody listens badly" in caplog.text


def test_nobody_is_nudged_by_a_process_that_lives_by_another_clock():
    nudger = Recorder()

    with nudger.silence():
        nudger.nudge("react")
    nudger.nudge("watch", about=[1])

    assert nudger.waiting == [("watch", (), [1])]
