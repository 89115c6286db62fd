"""The watch over the rules of spacing: series that are out of line get a task, and lose it when they are
mended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from bookings import journal, tasklist, watchlist
from bookings.actors import SYSTEM
from bookings.course import Course
from bookings.findings import findings, must_lapse
from bookings.hoped import to_be_searched_again
from bookings.locking import diary_lock
from bookings.milestones import milestones
from bookings.models import Clinic, Series, SeriesStatus, Task, TaskKind
from bookings.proposing import propose
from bookings.shown import outdated

BATCH = 200
#: Searching takes its time, most of all where no plan exists; what is not searched for in this round is in
#: a later one.
PROPOSALS_A_ROUND = 10
#: The beat looks back as far as three of its rounds, so that what one misses is in the next.
LOOK_BACK = timedelta(minutes=15)
KINDS = (
    TaskKind.SOFT_GAP,
    TaskKind.HARD_GAP,
    TaskKind.NO_LONGER_FITS,
    TaskKind.INCOMPLETE,
    TaskKind.CLEARANCE_NEEDED,
    TaskKind.NOT_ARRIVED,
    TaskKind.ASSESS,
    TaskKind.DECIDE,
    TaskKind.PHASE_FINISHED,
)


def watch_series(series: Collection[UUID], *, now: datetime) -> None:
    """Bring the tasks of these series in line with their state, and let lapse those whose gap has grown too
    long.

    Afterwards each thing to look at has exactly one open task with its reason, and no task is open whose
    matter is mended. One that a person closed is not raised again for the same reason. Safe to run twice,
    also at once.
    """
    searches = PROPOSALS_A_ROUND
    for some in _batches(sorted(series)):
        searches = _watch(some, searches=searches, now=now)


def watch_after(entries: Collection[int], *, now: datetime) -> None:
    """Watch the series that these journal rows concern."""
    watch_series(watchlist.concerned(entries, now=now), now=now)


def watch_recent(*, now: datetime) -> None:
    """Watch the series that may have got out of line, or back, within the last quarter of an hour.

    The safety net under the nudge after each change; and the only one who sees that a patient has not come.
    """
    watch_series(watchlist.due(since=now - LOOK_BACK, now=now), now=now)


def watch_new_days(*, now: datetime) -> None:
    """Watch everything at the clinics whose day is a new one, because a gap grows past its bound overnight.

    Once on each clinic-local day, as soon as a worker is there for it.
    """
    for clinic in Clinic.objects.all():
        today = now.astimezone(clinic.zone).date()
        if clinic.watched_on != today:
            _watch_all(watchlist.watched(now=now).filter(clinic=clinic), now=now)
            Clinic.objects.filter(id=clinic.id).update(watched_on=today)


def _watch_all(rows: QuerySet[Series], *, now: datetime) -> None:
    """In batches, each in transactions of its own."""
    last: UUID | None = None
    searches = PROPOSALS_A_ROUND
    rows = rows.order_by("id")
    while True:
        some = list(
            (rows.filter(id__gt=last) if last else rows).values_list("id", flat=True).distinct()[:BATCH]
        )
        if not some:
            return
        searches = _watch(some, searches=searches, now=now)
        last = some[-1]


def _watch(series: Collection[UUID], *, searches: int, now: datetime) -> int:
    """Watch one batch; how many of the searches for proposals are left."""
    courses = watchlist.load(series, now=now)
    lapsing = [course.series.id for course in courses if must_lapse(course)]
    for one in lapsing:
        _lapse(one, now=now)
    return _bring_in_line(watchlist.load(series, now=now) if lapsing else courses, searches=searches, now=now)


def _bring_in_line(courses: Sequence[Course], *, searches: int, now: datetime) -> int:
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
    shown = [(standing[slot], course) for slot, (course, _) in wanted.items() if slot in standing]
    fallen = outdated(shown) | to_be_searched_again(shown, now=now)
    wishing = [
        course
        for slot, (course, one) in wanted.items()
        if one.kind in watchlist.WITH_PROPOSAL and not _has_proposal(one, standing.get(slot), fallen)
    ]
    searched = list({course.series.id: course for course in wishing}.values())[:searches]
    proposals = {course.series.id: propose(course) for course in searched}
    changed = [
        _with_way(one, proposals, now=now) if one.kind in watchlist.WITH_PROPOSAL else one
        for slot, (_, one) in wanted.items()
        if _is_news(one, standing.get(slot), fallen) or one.series.id in proposals
    ]
    mended = [task for slot, task in standing.items() if slot not in wanted]
    with transaction.atomic(durable=True):
        tasklist.put(changed, now=now)
        tasklist.close(mended, why="mended", now=now)
    return searches - len(searched)


def _wanted(course: Course) -> Iterator[tasklist.Wanted]:
    for one in (*findings(course), *milestones(course)):
        detail = one.detail[: tasklist.DETAIL_LENGTH]
        yield tasklist.Wanted(one.kind, course.series, one.session, detail, deadline=one.deadline)


def _with_way(
    wanted: tasklist.Wanted, proposals: Mapping[UUID, dict[str, Any] | None], *, now: datetime
) -> tasklist.Wanted:
    """With what was found for its series, if that was searched for in this round."""
    if wanted.series.id not in proposals:
        return wanted
    return replace(wanted, proposal=proposals[wanted.series.id], searched_at=now)


def _is_news(wanted: tasklist.Wanted, task: Task | None, fallen: set[UUID]) -> bool:
    if task is None or task.id in fallen:
        return True  # with what was searched for it, or, until a later round, with no way at all
    return (task.detail, task.deadline) != (wanted.detail, wanted.deadline)


def _has_proposal(wanted: tasklist.Wanted, task: Task | None, fallen: set[UUID]) -> bool:
    if task is None or task.id in fallen:
        return False
    return task.detail == wanted.detail and task.proposal is not None


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
