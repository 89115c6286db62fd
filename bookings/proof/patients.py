"""Each patient's sessions against one another: overlap, gaps, rolling limits, windows, washouts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID

from django.db.models import F, Q

from bookings import snapshot
from bookings.gaps import long_gaps
from bookings.models import Clinic, ProtocolVersion, Series, SeriesStatus
from bookings.proof.findings import Excuse, Finding, found
from bookings.proof.rows import Row
from scheduler.diary import Diary, PatientSession
from scheduler.protocol import Protocol
from scheduler.rules import Case, Place, check
from scheduler.spans import Minute
from scheduler.violations import Rule

_JUDGED = frozenset({
    Rule.PATIENT_OVERLAP, Rule.MIN_GAP, Rule.ONE_PER_DAY, Rule.ROLLING_LIMIT, Rule.WASHOUT
})  # fmt: skip
_NOT_JUDGED = frozenset(Rule) - _JUDGED
_WAITING = (SeriesStatus.REQUESTED, SeriesStatus.LAPSED)
_DAY: Minute = 24 * 60


@dataclass(frozen=True)
class AcceptedGaps:
    """Series, by id, that wait for a prescriber; and those that one has cleared, with the local date."""

    waiting: frozenset[str]
    cleared_on: Mapping[str, date]


@dataclass(frozen=True)
class Known:
    """What the proof has read already, by id."""

    clinics: Mapping[UUID, Clinic]
    versions: Mapping[UUID, ProtocolVersion]
    gaps: AcceptedGaps

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
        timeline = [row.as_patient_session(known.protocol(row)) for row in sessions]
        decided = {row.session or "" for row in sessions if Rule.MAX_GAP in row.overridden}
        for one in series:
            yield from _judge_window(one, known)
            yield from _judge_gaps(one, timeline, decided, known)


def accepted_gaps() -> AcceptedGaps:
    """The series whose gaps are known to a prescriber, or wait for one. One query."""
    known = Series.objects.filter(Q(status__in=_WAITING) | Q(clearance__granted_at__gt=F("created_at")))
    waiting, cleared_on = set(), {}
    for one in known.select_related("clearance", "clinic"):
        if one.status in _WAITING:
            waiting.add(str(one.id))
        elif one.clearance is not None:
            cleared_on[str(one.id)] = one.clearance.granted_at.astimezone(one.clinic.zone).date()
    return AcceptedGaps(waiting=frozenset(waiting), cleared_on=cleared_on)


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


def _judge_gaps(
    series: Sequence[Row], timeline: Sequence[PatientSession], decided: Collection[str], known: Known
) -> Iterator[Finding]:
    """The gaps into each session of a series but its first, from the latest of the spacing group."""
    own = series[0].series or ""
    if own in known.gaps.waiting:
        return
    rows = {row.session: row for row in series}
    for gap in long_gaps(timeline, series=own, decided=decided, cleared_on=known.gaps.cleared_on.get(own)):
        if gap.cleared and not gap.overridden:
            continue
        excuse = Excuse.OVERRIDDEN if gap.overridden else Excuse.NONE
        detail = f"{gap.days} days after the one before, {gap.allowed} are allowed."
        yield found(rows[gap.session], Rule.MAX_GAP, detail, excuse)


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
