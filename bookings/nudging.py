"""Nudges: tell the workers, after a commit, that there is something to do. Never more than a nudge.

Redis may be slow or away, and whoever books must not notice. So a nudge is put on a short list, and a thread
of this process hands it over. Equal nudges that wait become one; one that cannot be delivered is logged and
dropped, because every task that is nudged is on the beat's table as well and finds its work in rows.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from typing import Any

from celery import current_app

MOST = 1000  # nudges that wait; the beat makes good what is dropped beyond

_log = logging.getLogger(__name__)


class Nudger:
    """A list of nudges and the thread that sends them, in this process."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, tuple[Any, ...]], None] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process = 0

    def nudge(self, task: str, *args: Any) -> None:
        """Have `task` run soon, with arguments that are JSON and hashable. Returns at once and never
        raises.
        """
        with self._changed:
            if len(self._waiting) < MOST:
                self._waiting[task, args] = None
            self._start()
            self._changed.notify()

    def _start(self) -> None:
        # A thread does not live through a fork, so each process has its own.
        if self._thread is None or self._process != os.getpid() or not self._thread.is_alive():
            self._process = os.getpid()
            self._thread = threading.Thread(target=self._deliver, name="nudges", daemon=True)
            self._thread.start()

    def _deliver(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                (task, args), _ = self._waiting.popitem(last=False)
            try:
                current_app.send_task(task, args, retry=False)
            except Exception as fault:  # whatever a broker can do wrong
                _log.warning("the workers could not be nudged to run %s: %s", task, type(fault).__name__)


_nudger = Nudger()
nudge = _nudger.nudge
