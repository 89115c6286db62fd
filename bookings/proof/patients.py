"""Each patient's sessions against one another: overlap, gaps, rolling limits, windows, washouts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from uuid import UUID

from bookings import snapshot
from bookings.models import Clinic, ProtocolVersion, Series, SeriesStatus
from bookings.proof.findings import Excuse, Finding, found
from bookings.proof.rows import Row
from scheduler.diary import Diary
from scheduler.protocol import Protocol
from scheduler.rules import Case, Place, check
from scheduler.spans import Minute
from scheduler.violations import Rule

_JUDGED = frozenset({
    Rule.PATIENT_OVERLAP, Rule.MIN_GAP, Rule.ONE_PER_DAY, Rule.ROLLING_LIMIT, Rule.WASHOUT
})  # fmt: skip
_NOT_JUDGED = frozenset(Rule) - _JUDGED
_DAY: Minute = 24 * 60


@dataclass(frozen=True)
class Known:
    """What the proof has read already, by id."""

    clinics: Mapping[UUID, Clinic]
    versions: Mapping[UUID, ProtocolVersion]

    def protocol(self, row: Row) -> Protocol:
        return snapshot.protocol_of(self.versions[row.version])


def judge_patients(rows: Iterable[Row], known: Known) -> Iterator[Finding]:
    """What sessions, by patient and in order of time, break of the rules between them."""
    for _, some in groupby(rows, key=lambda row: row.patient):
        sessions = list(some)
        starts = [row.start for row in sessions]
        series = _series_of(sessions)
        reach = max(_reach(known.protocol(row), row.phase) for row in sessions)
        for row in sessions:
            near = sessions[bisect_left(starts, row.start - reach) : bisect_right(starts, row.start + reach)]
            yield from _judge_session(row, near, known)
        for one in series:
            yield from _judge_window(one, known)
            yield from _judge_gaps(one, sessions, known)


def lapsed_or_cleared(series_ids: Sequence[str]) -> set[str]:
    """Those series whose long gaps are known: they wait for re-evaluation, or a prescriber has cleared them
    since.
    """
    rows = Series.objects.filter(id__in=series_ids).select_related("clearance")
    return {
        str(one.id)
        for one in rows
        if one.status == SeriesStatus.LAPSED
        or (one.clearance is not None and one.clearance.granted_at > one.created_at)
    }


def _judge_session(row: Row, near: Sequence[Row], known: Known) -> Iterator[Finding]:
    """The session against those that were booked before it, of those that are near enough to matter."""
    protocol = known.protocol(row)
    phase = protocol.phase(row.phase)
    case = Case(
        supply=snapshot.supply_of(known.clinics[row.clinic]),
        diary=Diary(),
        protocol=protocol,
        phase=phase,
        now=row.start,
        by_patient=False,
        booked=tuple(one.as_patient_session(known.protocol(one)) for one in near if one.id < row.id),
        series=row.series,
    )
    for violation in check(case, [Place(row.number, row.start, row.chair)], skip=_NOT_JUDGED):
        excuse = Excuse.OVERRIDDEN if violation.rule in row.overridden else Excuse.NONE
        yield found(row, violation.rule, violation.detail, excuse)


def _judge_window(sessions: Sequence[Row], known: Known) -> Iterator[Finding]:
    """The first and last date of a series, by the version of its last session."""
    first, last = sessions[0], sessions[-1]
    allowed = known.protocol(last).phase(last.phase).spacing.complete_within_days
    days = (last.date - first.date).days
    if allowed is None or days <= allowed:
        return
    decided = any(Rule.COMPLETE_WITHIN in row.overridden for row in sessions)
    excuse = Excuse.OVERRIDDEN if decided else Excuse.NONE
    yield found(last, Rule.COMPLETE_WITHIN, f"{days} days from first to last, {allowed} are allowed.", excuse)


def _judge_gaps(series: Sequence[Row], sessions: Sequence[Row], known: Known) -> Iterator[Finding]:
    """The gaps into each session of a series but its first, from the latest of the spacing group."""
    first = series[0]
    group = [row for row in sessions if row.group == first.group and row.start >= first.start]
    for before, row in pairwise(group):
        allowed = known.protocol(row).phase(row.phase).spacing.max_gap_days
        days = (row.date - before.date).days
        if row.series == first.series and allowed is not None and days > allowed:
            excuse = Excuse.OVERRIDDEN if Rule.MAX_GAP in row.overridden else Excuse.NONE
            yield found(
                row, Rule.MAX_GAP, f"{days} days after the one before, {allowed} are allowed.", excuse
            )


def _series_of(sessions: Sequence[Row]) -> list[list[Row]]:
    by_series: dict[str, list[Row]] = {}
    for row in sessions:
        by_series.setdefault(row.series or "", []).append(row)
    return list(by_series.values())


def _reach(protocol: Protocol, phase: str) -> Minute:
    """How many minutes away another session can matter; two days more for dates of distant zones."""
    spacing = protocol.phase(phase).spacing
    days = [spacing.min_gap_days, *(washout.days for washout in protocol.washouts)]
    if spacing.rolling_limit:
        days.append(spacing.rolling_limit.days)
    return max(spacing.min_gap_minutes, (max(days) + 2) * _DAY)
