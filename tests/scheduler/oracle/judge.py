"""The rules of the contract, written down a second time and slowly: the judge that the engine is compared
with.

Nothing here comes from `scheduler.rules`: minutes are walked one by one, dates are taken from datetimes,
chairs are tried one after another. Only the values (`Case`, `Protocol`, `Supply`) are shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.case import Case
from scheduler.diary import PatientSession
from scheduler.protocol import NurseNeed, Washout
from scheduler.supply import NursingMode

HOUR, DAY = 60, 24 * 60


def shown(case: Case, at: int) -> datetime:
    """What the clinic's clock shows."""
    return clock_in(case.supply.time_zone, at)


@lru_cache(200_000)
def clock_in(zone: ZoneInfo, at: int) -> datetime:
    return datetime.fromtimestamp(at * 60, UTC).astimezone(zone)


def on(case: Case, at: int) -> date:
    return shown(case, at).date()


def grid_starts(case: Case, first: date, last: date) -> list[int]:
    """Every minute of the dates at which the clock shows a multiple of the grid."""
    return _grid_starts(case.supply.time_zone, case.supply.grid_minutes, first, last)


@lru_cache(5_000)
def _grid_starts(zone: ZoneInfo, grid: int, first: date, last: date) -> list[int]:
    begin = int(datetime.combine(first - timedelta(days=1), time(0), zone).timestamp()) // 60
    end = int(datetime.combine(last + timedelta(days=2), time(0), zone).timestamp()) // 60
    clocks = (
        (at, clock_in(zone, at)) for at in range(begin, end, 15)
    )  # every zone's clock is on the quarter
    return [
        at
        for at, clock in clocks
        if first <= clock.date() <= last and (clock.hour * 60 + clock.minute) % grid == 0
    ]


def keeps(case: Case, starts: Sequence[int]) -> bool:
    """Whether sessions at those starts may all be booked together."""
    return patient_side(case, starts) and clinic_side(case, starts)


def alone(case: Case, start: int) -> bool:
    """Whether a start could be part of a plan at all; the gap before it depends on the others and is not
    judged.
    """
    return patient_side(case, [start], longest_gap=False) and clinic_side(case, [start])


def clinic_side(case: Case, starts: Sequence[int]) -> bool:
    return all(is_open(case, at) for at in starts) and seated(case, sorted(starts), [])


def is_open(case: Case, start: int) -> bool:
    """Inside weekly hours and outside closures of the clinic for every minute until the patient leaves."""
    minutes = range(start, start + case.protocol.visit_minutes)
    return all(within_hours(case, at) and not shut(case, at, None) for at in minutes)


def within_hours(case: Case, at: int) -> bool:
    """Open at a wall time that occurs twice from its first to its last occurrence, and from the end of
    a gap.
    """
    zone = case.supply.time_zone
    today = shown(case, at).date()
    return any(
        row.weekday == day.isoweekday()
        and instants(zone, day, row.opens)[0] <= at < closing(zone, day, row.closes)
        for day in (today - timedelta(days=1), today, today + timedelta(days=1))
        for row in case.supply.hours
    )


def closing(zone: ZoneInfo, day: date, closes: time) -> int:
    if closes == time(0):
        return instants(zone, day + timedelta(days=1), time(0))[0]
    return instants(zone, day, closes)[-1]


@lru_cache(20_000)
def instants(zone: ZoneInfo, day: date, clock: time) -> list[int]:
    """The minutes at which the clock shows that time on that date; if none, the first one after the gap."""
    near = int(datetime.combine(day, clock, UTC).timestamp()) // 60
    want = datetime.combine(day, clock)
    around = range(near - 16 * HOUR, near + 16 * HOUR)
    offsets = {clock_in(zone, at).utcoffset() or timedelta(0) for at in (around[0], around[-1])}
    possible = {near - int(offset.total_seconds()) // 60 for offset in offsets}
    exact = sorted(at for at in possible if clock_in(zone, at).replace(tzinfo=None) == want)
    return exact or [next(at for at in around if clock_in(zone, at).replace(tzinfo=None) > want)]


def shut(case: Case, at: int, chair: str | None) -> bool:
    return any(c.chair == chair and c.span.start <= at < c.span.end for c in case.supply.closures)


def seated(case: Case, starts: Sequence[int], mine: list[tuple[str, int]]) -> bool:
    """Whether the visits find chairs, nurses and room to begin, one after another in order of time."""
    if not starts:
        return True
    start, later = starts[0], starts[1:]
    if not nursed(case, start, mine) or not staggered(case, start, mine):
        return False
    hold = range(start, start + case.protocol.chair_minutes)
    for chair in case.supply.chairs:
        if not case.protocol.chair_features <= chair.features:
            continue
        taken = [(c.start, c.end) for c in case.diary.claims if c.chair == chair.id]
        taken += [(at, at + case.protocol.chair_minutes) for name, at in mine if name == chair.id]
        free = all(not (begins < hold.stop and hold.start < ends) for begins, ends in taken)
        if (
            free
            and not any(shut(case, at, chair.id) for at in hold)
            and seated(case, later, [*mine, (chair.id, start)])
        ):
            return True
    return False


def nursed(case: Case, start: int, mine: Sequence[tuple[str, int]]) -> bool:
    visits = [(c.start, c.steps) for c in case.diary.claims]
    visits += [(at, case.protocol.timed_steps) for _, at in mine]
    visits.append((start, case.protocol.timed_steps))
    supply = case.supply
    for timed in case.protocol.timed_steps:
        if timed.step.nurse is NurseNeed.NONE:
            continue
        for at in range(start + timed.starts, start + timed.ends):
            under_way = [
                step.step.nurse
                for begins, steps in visits
                for step in steps
                if begins + step.starts <= at < begins + step.ends
            ]
            exclusive, shared = under_way.count(NurseNeed.EXCLUSIVE), under_way.count(NurseNeed.SHARED)
            nurses = sum(shift.span.start <= at < shift.span.end for shift in supply.shifts)
            if supply.nursing_mode is NursingMode.STRICT:
                enough = nurses >= exclusive + -(-shared // supply.patients_per_nurse)
            else:
                enough = nurses >= exclusive and nurses * supply.patients_per_nurse >= exclusive + shared
            if not enough:
                return False
    return True


def staggered(case: Case, start: int, mine: Sequence[tuple[str, int]]) -> bool:
    stagger = case.supply.start_stagger
    if stagger is None:
        return True
    starts = [c.start for c in case.diary.claims] + [at for _, at in mine] + [start]
    windows = range(start - stagger.minutes + 1, start + 1)
    return all(sum(w <= at < w + stagger.minutes for at in starts) <= stagger.starts for w in windows)


def patient_side(case: Case, starts: Sequence[int], *, longest_gap: bool = True) -> bool:
    return all(
        (
            noticed(case, starts),
            apart(case, starts),
            not longest_gap or reached(case, starts),
            limited(case, starts),
            wished(case, starts),
        )
    )


def noticed(case: Case, starts: Sequence[int]) -> bool:
    protocol, cleared = case.protocol, case.clearance
    today = on(case, case.now)
    for at in starts:
        if at < case.now or (case.by_patient and at < case.now + protocol.lead_time_hours * HOUR):
            return False
        if case.by_patient and on(case, at) > today + timedelta(days=protocol.horizon_days):
            return False
        if cleared is not None and on(case, at) > cleared.expires:
            return False
    return cleared is None or len(starts) <= cleared.sessions


def apart(case: Case, starts: Sequence[int]) -> bool:
    """Overlap, least gap, one a day and washout, every pair by itself."""
    protocol = case.protocol
    mine = Asked(case.phase.spacing.min_gap_minutes, case.phase.spacing.min_gap_days, protocol.washouts)
    placed = [(at, at + protocol.visit_minutes, on(case, at), protocol.spacing_group, mine) for at in starts]
    booked = [(s.start, s.end, s.date, s.spacing_group, asked_by(s)) for s in case.booked]
    pairs = [(one, two) for i, one in enumerate(placed) for two in [*placed[i + 1 :], *booked]]
    for one, two in pairs:
        if one[0] < two[1] and two[0] < one[1]:
            return False
        days = abs((one[2] - two[2]).days)
        if one[3] == two[3]:
            if any(days < side.days or abs(one[0] - two[0]) < side.minutes for side in (one[4], two[4])):
                return False
        else:
            asked = [w.days for w in one[4].washouts if w.spacing_group in (two[3], "*")]
            asked += [w.days for w in two[4].washouts if w.spacing_group in (one[3], "*")]
            if days < max(asked, default=0):
                return False
    return True


class Asked(NamedTuple):
    """What a session asks of those near it."""

    minutes: int
    days: int
    washouts: tuple[Washout, ...]


def asked_by(session: PatientSession) -> Asked:
    if session.protocol is None:
        return Asked(0, 0, ())
    spacing = next(phase for phase in session.protocol.phases if phase.name == session.phase).spacing
    return Asked(spacing.min_gap_minutes, spacing.min_gap_days, session.protocol.washouts)


def timeline(case: Case, starts: Sequence[int]) -> list[tuple[int, date, bool, bool]]:
    """The spacing group's sessions in order of time: start, date, of this series, placed now."""
    group = case.protocol.spacing_group
    booked = [
        (s.start, s.date, case.series is not None and s.series == case.series, False)
        for s in case.booked
        if s.spacing_group == group
    ]
    return sorted([*booked, *((at, on(case, at), True, True) for at in starts)])


def reached(case: Case, starts: Sequence[int]) -> bool:
    """The longest gap: into each placed session, and into the booked one of the series that comes next after
    one.
    """
    longest = case.phase.spacing.max_gap_days
    if longest is None:
        return True
    line = timeline(case, starts)
    cleared = [
        on(case, s.cleared)
        for s in case.booked
        if case.series is not None and s.series == case.series and s.cleared is not None
    ]
    course_begins = case.phase.name == case.protocol.phases[0].name
    for index, (_, day, own, placed) in enumerate(line):
        earlier = line[:index]
        own_before = [visit for visit in earlier if visit[2]]
        if not earlier or (course_begins and not own_before):
            continue
        since = max([earlier[-1][1], *cleared])
        if (placed or (own and own_before and own_before[-1][3])) and (day - since).days > longest:
            return False
    return True


def limited(case: Case, starts: Sequence[int]) -> bool:
    """The rolling limit, and the days from the first to the last of the series."""
    spacing = case.phase.spacing
    line = timeline(case, starts)
    if spacing.rolling_limit is not None:
        for first, *_ in line:
            crowd = [visit for visit in line if first <= visit[0] < first + spacing.rolling_limit.days * DAY]
            for count in range(spacing.rolling_limit.sessions + 1, len(crowd) + 1):
                if any(visit[3] for visit in crowd[:count]):
                    return False
    if spacing.complete_within_days is not None:
        dates = [on(case, at) for at in starts]
        dates += [s.date for s in case.booked if case.series is not None and s.series == case.series]
        if (max(dates) - min(dates)).days > spacing.complete_within_days:
            return False
    return True


def wished(case: Case, starts: Sequence[int]) -> bool:
    wish = case.wish
    clocks = [shown(case, at).time() for at in starts]
    return (
        (not wish.weekdays or all(on(case, at).isoweekday() in wish.weekdays for at in starts))
        and (wish.not_before is None or min(clocks) >= wish.not_before)
        and (wish.not_after is None or max(clocks) <= wish.not_after)
        and (not wish.same_time or len(set(clocks)) == 1)
    )


def beyond(case: Case, start: int) -> int | None:
    """By how many visits of its length the quarter of an hour of a start would be beyond the template, and
    by how many of all: the sum of both. None where no template knows the length.
    """
    length = case.protocol.chair_minutes
    opened = [] if case.supply.template is None else case.supply.template.opened
    if length not in {one.length for one in opened}:
        return None

    def quarter(at: int) -> tuple[date, int, object]:
        clock = shown(case, at)
        return clock.date(), (clock.hour * 60 + clock.minute) // 15 * 15, clock.utcoffset()

    day, begins, _ = quarter(start)
    room = [one for one in opened if (one.weekday, one.clock) == (day.isoweekday(), begins)]
    there = [c.end - c.start for c in case.diary.claims if quarter(c.start) == quarter(start)]
    like = sum(one.starts for one in room if one.length == length)
    return max(0, there.count(length) + 1 - like) + max(0, len(there) + 1 - sum(one.starts for one in room))
