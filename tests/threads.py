"""Work in other threads of one test, each with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def in_another_thread(work: Callable[[], Any]) -> Any:
    """What the work answers, done elsewhere while this thread waits."""
    return at_once([work])[0]


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each work answers; all of them begin at the same moment."""
    barrier = Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [answer.result() for answer in [pool.submit(begin, work) for work in works]]
