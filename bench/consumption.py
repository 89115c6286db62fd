"""What the processes of the service take of the processor and of memory, while something else goes on."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression

import psutil

#: By a word that one part of their command begins with.
KINDS = {"web": "granian", "worker": "worker", "beat": "beat", "PostgreSQL": "postgres", "Redis": "valkey"}
EVERY = 5.0  # seconds
MEGABYTE = 1024 * 1024


@dataclass
class Memory:
    """What one process held, at which second."""

    name: str
    at: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    @property
    def slope(self) -> float:
        """Megabytes an hour, over the second half: in the first a process still fills its caches."""
        half = len(self.at) // 2
        if len(self.at) - half < 3:
            return 0.0
        return linear_regression(self.at[half:], self.megabytes[half:]).slope * 3600


class Watch:
    """Looks at the children of this process from entering to leaving it."""

    def __init__(self) -> None:
        self.processor: dict[str, float] = {}
        self.memory: dict[int, Memory] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._before = _processor()
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._ended.set()
        self._thread.join()
        self.processor = {kind: spent - self._before[kind] for kind, spent in _processor().items()}

    def _look(self) -> None:
        while True:
            for kind in ("web", "worker"):
                for leader in _leaders(kind):
                    for one in (leader, *leader.children(recursive=True)):
                        self._note(kind, one)
            if self._ended.wait(EVERY):
                return

    def _note(self, kind: str, one: psutil.Process) -> None:
        number = sum(other.name.startswith(kind) for other in self.memory.values()) + 1
        known = self.memory.setdefault(one.pid, Memory(f"{kind} {number}"))
        try:
            held = one.memory_info().rss / MEGABYTE
        except psutil.NoSuchProcess:
            return
        known.at.append(time.monotonic() - self._began)
        known.megabytes.append(held)


def _leaders(kind: str) -> list[psutil.Process]:
    word = KINDS[kind]
    return [
        one
        for one in psutil.Process().children()
        if any(Path(part).name.startswith(word) for part in one.cmdline()[:6])
    ]


def _processor() -> dict[str, float]:
    """Seconds of processor so far, of each kind: with children that have ended."""
    spent = {}
    for kind in KINDS:
        spent[kind] = sum(
            sum(one.cpu_times()[:4])
            for leader in _leaders(kind)
            for one in (leader, *leader.children(recursive=True))
        )
    return spent
