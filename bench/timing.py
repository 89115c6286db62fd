"""How long things take, as percentiles; and one line of the report."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Sorted durations, in seconds."""

    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        return self._at(0.50)

    @property
    def p95(self) -> float:
        return self._at(0.95)

    @property
    def p99(self) -> float:
        return self._at(0.99)

    def _at(self, share: float) -> float:
        return self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


@dataclass(frozen=True, slots=True)
class Line:
    """One measured figure beside its target. `met` None: no target, for comparison."""

    part: str
    what: str
    figure: str
    target: str = ""
    met: bool | None = None


def measure(work: Callable[[], object], *, times: int, warm_up: int = 3) -> Timing:
    """Run `work` so many times, one after another, after a warm-up, with the garbage collector on."""
    for _ in range(warm_up):
        work()
    gc.collect()
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        taken.append(time.perf_counter() - before)
    return Timing(tuple(sorted(taken)))


def milliseconds(seconds: float) -> str:
    """Seconds as the report prints them."""
    return f"{seconds * 1000:.1f} ms"
