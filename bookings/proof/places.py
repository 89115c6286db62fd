"""Each place against the clinic's diary: closed, chair, nursing, start_stagger."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from bookings import lifecycle, snapshot
from bookings.models import Clinic, ProtocolVersion
from bookings.proof.findings import Excuse, Finding, excuse_of, found
from bookings.proof.rows import Row
from scheduler.diary import Claim, Diary
from scheduler.rules import Case, Place, check
from scheduler.spans import Minute, minute
from scheduler.violations import Rule

_JUDGED = frozenset({Rule.CLOSED, Rule.CHAIR, Rule.NURSING, Rule.START_STAGGER})
_NOT_JUDGED = frozenset(Rule) - _JUDGED
_LONGEST: Minute = 24 * 60


def judge_places(
    clinic: Clinic, rows: Iterable[Row], versions: Mapping[UUID, ProtocolVersion], *, now: datetime
) -> Iterator[Finding]:
    """What the claims of a clinic, in order of time, break of the rules about one place."""
    supply = snapshot.supply_of(clinic)
    margin = supply.start_stagger.minutes if supply.start_stagger else 0
    for row, around in _with_neighbours(rows, margin=margin):
        protocol = snapshot.protocol_of(versions[row.version])
        earlier = (
            Claim(str(one.id), one.chair, one.start, snapshot.protocol_of(versions[one.version]).timed_steps)
            for one in around
            if one.id < row.id
        )
        case = Case(
            supply=supply,
            diary=Diary(tuple(earlier)),
            protocol=protocol,
            phase=protocol.phase(row.phase),
            now=row.start,
            by_patient=False,
        )
        for violation in check(case, [Place(row.number, row.start, row.chair)], skip=_NOT_JUDGED):
            excuse = excuse_of(row, violation.rule, roster_version=clinic.roster_version)
            if violation.rule is Rule.CHAIR and _shares_chair(row, around):
                excuse = Excuse.NONE  # two bodies in one chair are nobody's decision and no roster's doing
            if excuse is Excuse.DISPLACED and not _still_to_come(row, now=now):
                continue  # over and done: the roster of today says nothing about it
            yield found(row, violation.rule, violation.detail, excuse)


def _with_neighbours(rows: Iterable[Row], *, margin: Minute) -> Iterator[tuple[Row, list[Row]]]:
    """Each row with those whose chair time, stretched by the margin, touches its own. One pass."""
    waiting: deque[Row] = deque()
    near: deque[Row] = deque()
    for row in rows:
        while waiting and waiting[0].until + margin <= row.start:
            yield _around(waiting.popleft(), near, margin=margin)
        while near and near[0].start + _LONGEST + margin < (waiting[0].start if waiting else row.start):
            near.popleft()
        waiting.append(row)
        near.append(row)
    while waiting:
        yield _around(waiting.popleft(), near, margin=margin)


def _around(row: Row, near: Iterable[Row], *, margin: Minute) -> tuple[Row, list[Row]]:
    return row, [
        one
        for one in near
        if one.id != row.id and one.start < row.until + margin and one.until > row.start - margin
    ]


def _shares_chair(row: Row, around: Iterable[Row]) -> bool:
    return any(one.chair == row.chair and one.start < row.until and one.until > row.start for one in around)


def _still_to_come(row: Row, *, now: datetime) -> bool:
    return row.status in lifecycle.MOVABLE and row.until > minute(now)
