"""What the diary counts about itself, for whoever watches over it: never who, only how often and how long.

Labels are names from lists of ours (rules, verbs), so that no person, place or treatment can become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import Counter, Histogram

from scheduler.violations import Rule, Violation

CHANGES = Counter("diary_changes", "Changes of the diary, by what was done", ["verb"])
REFUSALS = Counter(
    "diary_refusals", "Places that were asked for and refused, by the rule in the way", ["rule"]
)
BUSY = Counter("diary_busy", "Changes given up because others held a lock for too long")
LOCK_WAIT = Histogram(
    "diary_lock_wait_seconds",
    "How long a change waited for its locks, those that gave up included",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)
EMERGENCIES = Counter("emergency_accesses", "Records of patients that staff opened in an emergency")
# A figure that is missing cannot be told from one that is nought, nor can its growth be seen.
for _rule in Rule:
    REFUSALS.labels(_rule.value)


def refused(violations: Iterable[Violation]) -> None:
    """One question was refused: each rule in its way counts once."""
    for rule in {one.rule for one in violations}:
        REFUSALS.labels(rule.value).inc()


def changed(verbs: Iterable[str]) -> None:
    """One transaction did these things to the diary: each counts once, however many rows it took."""
    for verb in verbs:
        CHANGES.labels(verb).inc()
        if verb == "emergency_opened":
            EMERGENCIES.inc()


@contextmanager
def waiting_for_locks() -> Iterator[None]:
    """Counts how long the block takes, whatever becomes of it."""
    began = perf_counter()
    try:
        yield
    finally:
        LOCK_WAIT.observe(perf_counter() - began)
