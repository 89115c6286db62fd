"""Nudges: tell the workers, after a commit, that there is something to do. Never more than a nudge.

Redis may be slow or away, and whoever books must not notice. So a nudge is put on a short list, and a thread
of this process hands it over. Many nudges to the same task become one each second. One that cannot be
delivered is logged and dropped, because every task that is nudged is on the beat's table as well and finds
its work in rows.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app

MOST = 1000  # nudges that wait, and ids in one of them; the beat makes good what is dropped beyond
PAUSE = 1.0  # seconds between two nudges to the same task with the same arguments

_log = logging.getLogger(__name__)
_Key = tuple[str, tuple[Any, ...]]


class Nudger:
    """A list of nudges and the thread that sends them, in this process."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[_Key, dict[int, None]] = OrderedDict()
        self._sent: dict[_Key, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._silent = False

    def nudge(self, task: str, *args: Any, about: Iterable[int] = ()) -> None:
        """Have `task` run soon, with arguments that are JSON and hashable. Returns at once and never raises.

        The ids of `about` are collected from all nudges that become one, and are a last argument, as a list.
        """
        if self._silent:
            return
        with self._changed:
            key = task, args
            if key in self._waiting or len(self._waiting) < MOST:
                ids = self._waiting.setdefault(key, {})
                ids.update(dict.fromkeys(list(about)[: MOST - len(ids)]))
            self._start()
            self._changed.notify()

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Until the end of the block this process nudges nobody: its clock is not the workers'."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def _start(self) -> None:
        # A thread does not live through a fork, so each process has its own.
        if self._thread is None or self._process != os.getpid() or not self._thread.is_alive():
            self._process = os.getpid()
            self._thread = threading.Thread(target=self._deliver, name="nudges", daemon=True)
            self._thread.start()

    def _deliver(self) -> None:
        while True:
            (task, args), ids = self._next()
            try:
                current_app.send_task(task, [*args, list(ids)] if ids else args, retry=False)
            except Exception as fault:  # whatever a broker can do wrong
                _log.warning("the workers could not be nudged to run %s: %s", task, type(fault).__name__)

    def _next(self) -> tuple[_Key, dict[int, None]]:
        """The next nudge that may be sent; waits for it."""
        with self._changed:
            while True:
                now = time.monotonic()
                self._sent = {key: at for key, at in self._sent.items() if now < at + PAUSE}
                for key in self._waiting:
                    if key not in self._sent:
                        self._sent[key] = now
                        return key, self._waiting.pop(key)
                soonest = min((self._sent[key] for key in self._waiting), default=None)
                self._changed.wait(None if soonest is None else soonest + PAUSE - now)


_nudger = Nudger()
nudge = _nudger.nudge
silence = _nudger.silence
