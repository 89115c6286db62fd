"""The watch over the rules of spacing: series that are out of line get a task, and lose it when they are
mended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bookings import journal, tasklist, watchlist
from bookings.actors import SYSTEM
from bookings.findings import Course, findings, must_lapse
from bookings.locking import diary_lock
from bookings.models import Series, SeriesStatus, Task, TaskKind
from bookings.proposing import propose

BATCH = 200
#: Searching takes its time; what is not proposed in this round is in the next.
PROPOSALS_A_BATCH = 20
KINDS = (
    TaskKind.SOFT_GAP,
    TaskKind.HARD_GAP,
    TaskKind.NO_LONGER_FITS,
    TaskKind.INCOMPLETE,
    TaskKind.CLEARANCE_NEEDED,
)
#: There is nothing to move about these before a prescriber has spoken.
_WITHOUT_PROPOSAL = (TaskKind.CLEARANCE_NEEDED, TaskKind.HARD_GAP)


def watch_series(series: Collection[UUID], *, now: datetime) -> None:
    """Bring the tasks of these series in line with their state, and let lapse those whose gap has grown too
    long.

    Afterwards each thing to look at has exactly one open task with its reason, and no task is open whose
    matter is mended. One that a person closed is not raised again for the same reason. Safe to run twice,
    also at once.
    """
    for some in _batches(sorted(series)):
        courses = watchlist.load(some, now=now)
        lapsing = [course.series.id for course in courses if must_lapse(course)]
        for one in lapsing:
            _lapse(one, now=now)
        _bring_in_line(watchlist.load(some, now=now) if lapsing else courses, now=now)


def watch_after(entries: Collection[int], *, now: datetime) -> None:
    """Watch the series that these journal rows concern."""
    watch_series(watchlist.concerned(entries), now=now)


def watch_all(*, now: datetime) -> None:
    """Watch every series that is open or has an open task, in batches, each in transactions of its own."""
    last: UUID | None = None
    while True:
        rows = watchlist.watched().order_by("id")
        some = list(
            (rows.filter(id__gt=last) if last else rows).values_list("id", flat=True).distinct()[:BATCH]
        )
        if not some:
            return
        watch_series(some, now=now)
        last = some[-1]


def _bring_in_line(courses: Sequence[Course], *, now: datetime) -> None:
    ids = [course.series.id for course in courses]
    seen = tasklist.settled_by_people(ids, KINDS)
    open_tasks = Task.objects.filter(series__in=ids, kind__in=KINDS, resolved_at__isnull=True)
    standing = {(one.kind, one.series_id, one.session_id): one for one in open_tasks.select_related("series")}
    wanted = {
        one.slot: (course, one)
        for course in courses
        for one in _wanted(course)
        if one.detail not in seen.get(one.slot, ())
    }
    changed = [
        (course, one) for slot, (course, one) in wanted.items() if not _stands(one, standing.get(slot))
    ]
    with_proposals = _with_proposals(changed)
    mended = [task for slot, task in standing.items() if slot not in wanted]
    with transaction.atomic(durable=True):
        tasklist.put(with_proposals, now=now)
        tasklist.close(mended, why="mended", now=now)


def _wanted(course: Course) -> Iterator[tasklist.Wanted]:
    for one in findings(course):
        detail = one.detail[: tasklist.DETAIL_LENGTH]
        yield tasklist.Wanted(one.kind, course.series, one.session, detail)


def _stands(wanted: tasklist.Wanted, task: Task | None) -> bool:
    """Whether the task is open already and says the same."""
    if task is None or task.detail != wanted.detail:
        return False
    return task.proposal is not None or wanted.kind in _WITHOUT_PROPOSAL


def _with_proposals(wanted: Sequence[tuple[Course, tasklist.Wanted]]) -> list[tasklist.Wanted]:
    """The tasks with what could be done about them, each series searched once."""
    proposals: dict[UUID, Any] = {}
    for course, one in wanted:
        searched = course.series.id in proposals or len(proposals) == PROPOSALS_A_BATCH
        if one.kind not in _WITHOUT_PROPOSAL and not searched:
            proposals[course.series.id] = propose(course)
    return [
        one if one.kind in _WITHOUT_PROPOSAL else replace(one, proposal=proposals.get(course.series.id))
        for course, one in wanted
    ]


def _lapse(series: UUID, *, now: datetime) -> None:
    """The series waits for re-evaluation from now on, if under the lock it still must."""
    patient = Series.objects.values_list("patient", flat=True).get(id=series)
    with diary_lock([], [patient], now=now):
        (course,) = watchlist.load([series], now=now)
        if not must_lapse(course):
            return
        row = course.series
        before = row.status
        row.status, row.version = SeriesStatus.LAPSED, row.version + 1
        row.save(update_fields=["status", "version"])
        journal.record(
            "series_lapsed",
            actor=SYSTEM,
            now=now,
            series=row,
            before={"status": before},
            after={"status": row.status},
            reason="A gap grew longer than the treatment allows.",
        )


def _batches(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
