"""What is read when somebody asks for the figures: how old the backlog is, and who is still alive.

The rows in PostgreSQL are the truth about workers that may be dead and messages that may wait, so nothing
here depends on a worker to report it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import product

import redis
from celery import current_app
from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone
from kombu.transport.redis import PRIORITY_STEPS
from kombu.transport.redis import Channel as RedisChannel
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bookings.queries.pulse import last_pulse
from notifications import backlog
from notifications.kinds import Channel, Status

MOST_SECONDS = 5  # whoever asks for figures waits no longer than that for the database

_log = logging.getLogger(__name__)


class Gauges(Collector):
    """Figures as they are at this moment. What cannot be read is left out, and `up` says why."""

    def describe(self) -> Iterable[Metric]:
        """None beforehand: to register the figures must not ask the database for them."""
        return ()

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("cadence_up", "Whether what the service stands on answers", labels=["what"])
        for what, read in _SOURCES.items():
            found: list[Metric] = []
            try:
                found = list(read(timezone.now()))
            except (Error, redis.RedisError) as fault:
                _log.warning("figures: the %s does not answer: %s", what, type(fault).__name__)
            up.add_metric([what], float(bool(found)))
            yield from found
        yield up


def _of_database(now: datetime) -> Iterator[Metric]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'")
        pulse, results = last_pulse(), backlog.results(now=now)
        lags = backlog.message_lag(now=now), backlog.journal_lag(now=now)
    if pulse is not None:
        yield _gauge("worker_silence_seconds", "Since a worker last took a tick", now - pulse.ran_at)
        yield _gauge("beat_silence_seconds", "Since the beat sent that tick", now - pulse.sent_at)
        yield _gauge(
            "beat_lag_seconds", "How long that tick waited for a worker", pulse.ran_at - pulse.sent_at
        )
    yield _gauge("message_lag_seconds", "For how long the message due longest has been waiting", lags[0])
    yield _gauge("journal_lag_seconds", "For how long the oldest change has waited to be told", lags[1])
    said = GaugeMetricFamily(
        "cadence_messages_of_last_day",
        "Messages due in the last 24 hours, by what became of them",
        labels=["channel", "status"],
    )
    for channel, status in product(Channel, Status):
        said.add_metric([channel.value, status.value], results.get((channel.value, status.value), 0))
    yield said


def _of_redis(now: datetime) -> Iterator[Metric]:
    queues = current_app.amqp.queues
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        lengths = client.pipeline(transaction=False)
        for queue, priority in product(queues, PRIORITY_STEPS):  # the broker keeps a list for each
            lengths.llen(f"{queue}{RedisChannel.sep}{priority}" if priority else queue)
        depth = sum(lengths.execute())
    yield GaugeMetricFamily("cadence_queue_depth", "Tasks that no worker has taken yet", value=depth)


_SOURCES: dict[str, Callable[[datetime], Iterator[Metric]]] = {
    "database": _of_database,
    "redis": _of_redis,
}


def _gauge(name: str, what: str, value: timedelta) -> Metric:
    return GaugeMetricFamily(f"cadence_{name}", what, value=max(value.total_seconds(), 0))
