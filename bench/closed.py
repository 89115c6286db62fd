"""A clinic that must shut: three treatments, and days filled by whole courses.

Drawn by dice with a seed, so that one seed is one clinic for ever. All courses keep every rule before the
clinic shuts; what falls on the shut dates has lost its place.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.case import Case
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.hours import day_start, local, opening_span
from scheduler.joint import Horizon, Stricken
from scheduler.openings import choose_chair, openings
from scheduler.plans import Remaining
from scheduler.protocol import NurseNeed, Phase, Protocol, RollingLimit, Spacing, Step
from scheduler.rules import Place, check
from scheduler.spans import Minute, Span
from scheduler.supply import Chair, Closure, NursingMode, OpeningHours, Shift, StartStagger, Supply

ZONE = ZoneInfo("America/New_York")
OPENS, CLOSES = time(8), time(17)
MONDAY, WEEKS = date(2027, 2, 1), 14  # the clocks go forward on 14 March
TRIES = 10_000  # dates drawn for courses of one kind, before that is given up
NEAR = 150  # minutes off a course's usual hour at which a session of it may be


def _treatment(
    slug: str,
    sessions: int,
    spacing: Spacing,
    *,
    set_up: int,
    watched: int,
    features: frozenset[str] = frozenset(),
) -> Protocol:
    return Protocol(
        slug=slug,
        name=slug,
        spacing_group=slug,
        phases=(Phase("course", sessions, spacing),),
        steps=(
            Step("check-in", 10),
            Step("set-up", set_up, NurseNeed.EXCLUSIVE),
            Step("infusion", watched, NurseNeed.SHARED),
            Step("turnover", 15, patient=False),
        ),
        chair_features=features,
    )


KETAMINE = _treatment(
    "ketamine",
    6,
    Spacing(2640, 2, 3, 7, 14, RollingLimit(3, 7), 35),
    set_up=15,
    watched=95,
    features=frozenset({"monitor"}),
)
ESKETAMINE = _treatment(
    "esketamine", 8, Spacing(2880, 2, 3, 7, 14, RollingLimit(2, 6)), set_up=10, watched=120
)
#: Morning and afternoon of five open days, one after another.
TWICE_DAILY = _treatment(
    "twice", 10, Spacing(300, max_gap_days=4, rolling_limit=RollingLimit(3, 1)), set_up=10, watched=35
)
RHYTHMS = {
    KETAMINE.slug: [(1, 3, 5), (1, 4), (2, 4), (2, 5), (3, 5)],
    ESKETAMINE.slug: [(1, 3), (1, 4), (2, 4), (2, 5), (3, 5)],
    TWICE_DAILY.slug: [(1, 1, 2, 2, 3, 3, 4, 4, 5, 5)],
}


@dataclass(frozen=True)
class Shut:
    """What `repair` is asked after the clinic shut."""

    stricken: tuple[Stricken, ...]
    supply: Supply
    diary: Diary
    now: Minute
    horizon: Horizon

    @property
    def lost(self) -> int:
        """How many sessions have lost their place."""
        return sum(len(one.lost) for one in self.stricken)


def closed_day(*, seed: int, mode: NursingMode) -> Shut:
    """A Wednesday shut, known two days before: 40 sessions in 25 series, 15 of which come twice that day.

    The clinic has 10 chairs and 4 nurses.
    """
    day, clinic = MONDAY + timedelta(days=23), _Clinic(random.Random(seed), mode, chairs=10, nurses=4)
    for protocol, count in ((KETAMINE, 5), (ESKETAMINE, 5), (TWICE_DAILY, 15)):
        clinic.book(protocol, count, lambda dates: day in dates)
    for protocol, count in ((KETAMINE, 30), (ESKETAMINE, 20), (TWICE_DAILY, 20)):
        clinic.book(protocol, count, lambda dates: day not in dates)
    return clinic.shut(day, day)


def closed_week(*, seed: int, mode: NursingMode) -> Shut:
    """A week shut, known two days before: some 200 sessions in 90 series.

    The clinic has 15 chairs and 6 nurses.
    """
    first = MONDAY + timedelta(days=21)
    last, clinic = first + timedelta(days=6), _Clinic(random.Random(seed), mode, chairs=15, nurses=6)
    for protocol, count in ((TWICE_DAILY, 10), (KETAMINE, 42), (ESKETAMINE, 38)):
        clinic.book(protocol, count, lambda dates: any(first <= day <= last for day in dates))
    return clinic.shut(first, last)


class _Clinic:
    """Courses booked one after another. Claims are kept by date, so that it is quick to ask about one."""

    def __init__(self, dice: random.Random, mode: NursingMode, *, chairs: int, nurses: int) -> None:
        self.dice, self.mode, self.chairs, self.nurses = dice, mode, chairs, nurses
        self.supply = self._supply()
        self.days: dict[date, list[Claim]] = {}
        self.courses: list[tuple[Protocol, list[Claim]]] = []

    def book(self, protocol: Protocol, count: int, wanted: Callable[[list[date]], bool]) -> None:
        """So many further courses whose dates are as wanted."""
        until = len(self.courses) + count
        for _ in range(TRIES):
            if len(self.courses) == until:
                return
            dates = self._dates(protocol)
            claims = self._placed(protocol, dates) if wanted(dates) else []
            if claims:
                self.courses.append((protocol, claims))
                for day, claim in zip(dates, claims, strict=True):
                    self.days.setdefault(day, []).append(claim)
        raise RuntimeError("the clinic is too small for so many courses")

    def shut(self, first: date, last: date) -> Shut:
        """The question after these dates are shut, asked at noon two days before."""
        closed = Span(day_start(first, ZONE), day_start(last + timedelta(days=1), ZONE))
        now = day_start(first - timedelta(days=2), ZONE) + 12 * 60
        supply, stricken, staying = self._supply(Closure(closed)), [], list[Claim]()
        for index, (protocol, claims) in enumerate(self.courses):
            lost = {number for number, one in enumerate(claims, 1) if closed.start <= one.start < closed.end}
            if not lost:
                staying += claims
                continue
            series = f"{protocol.slug} {index:03}"
            had = [(number, one) for number, one in enumerate(claims, 1) if one.start < now]
            staying += [one for _, one in had]
            booked = tuple(_session(series, number, one, protocol) for number, one in had)
            case = Case(supply, Diary(), protocol, protocol.phases[0], now, booked=booked, series=series)
            remaining = [
                Remaining(number, one.start, one.chair)
                for number, one in enumerate(claims, 1)
                if one.start >= now
            ]
            stricken.append(Stricken(series, case, tuple(remaining), frozenset(lost)))
        horizon = Horizon(first - timedelta(days=1), last + timedelta(days=35))
        return Shut(tuple(stricken), supply, Diary(tuple(staying)), now, horizon)

    def _dates(self, protocol: Protocol) -> list[date]:
        rhythm = self.dice.choice(RHYTHMS[protocol.slug])
        begins = MONDAY + timedelta(days=self.dice.randrange(6 * 7))
        found = [
            monday + timedelta(days=weekday - 1)
            for monday in (begins - timedelta(days=begins.weekday()) + timedelta(weeks=k) for k in range(6))
            for weekday in rhythm
        ]
        return [day for day in found if day >= begins][: protocol.phases[0].sessions]

    def _placed(self, protocol: Protocol, dates: list[date]) -> list[Claim]:
        """Places near the course's hour on each date; none of them where one date has none."""
        hour, found = self.dice.randrange(8 * 4, 15 * 4) * 15, list[Claim]()
        for at, day in enumerate(dates):
            again = bool(found) and dates[at - 1] == day
            taken = Diary((*self.days.get(day, ()), *(found[-1:] if again else ())))
            case = Case(self.supply, taken, protocol, protocol.phases[0], now=0, by_patient=False)
            if protocol is TWICE_DAILY:
                hour = self.dice.randrange(*(13 * 4, 16 * 4) if again else (8 * 4, 11 * 4)) * 15
            goal = day_start(day, ZONE) + hour
            soonest = found[-1].start + protocol.phases[0].spacing.min_gap_minutes if found else 0
            there = [one.start for one in openings(case, first=day, last=day)[day]]
            near = [start for start in there if abs(start - goal) <= NEAR and start >= soonest]
            if not near:
                return []
            start = min(near, key=lambda one: abs(one - goal))
            chair = choose_chair(case, start)
            assert chair is not None, "an opening has a chair"
            found.append(Claim(f"{len(self.courses)} {at}", chair, start, protocol.timed_steps))
        alone = Case(
            self.supply, Diary(), protocol, protocol.phases[0], now=0, by_patient=False, series="own"
        )
        return [] if check(alone, [Place(n, one.start) for n, one in enumerate(found, 1)]) else found

    def _supply(self, *closures: Closure) -> Supply:
        days = [MONDAY + timedelta(days=n) for n in range(WEEKS * 7)]
        return Supply(
            time_zone=ZONE,
            hours=tuple(OpeningHours(weekday, OPENS, CLOSES) for weekday in range(1, 6)),
            chairs=tuple(
                Chair(f"{k:02}", f"Chair {k}", frozenset({"monitor"} if k <= self.chairs * 3 // 5 else ()))
                for k in range(1, self.chairs + 1)
            ),
            shifts=tuple(
                Shift(f"nurse {k}", opening_span(day, OPENS, CLOSES, ZONE))
                for day in days
                for k in range(self.nurses)
            ),
            closures=closures,
            nursing_mode=self.mode,
            patients_per_nurse=4,
            start_stagger=StartStagger(3, 15),
        )


def _session(series: str, number: int, claim: Claim, protocol: Protocol) -> PatientSession:
    return PatientSession(
        id=claim.id,
        series=series,
        number=number,
        spacing_group=protocol.spacing_group,
        phase=protocol.phases[0].name,
        start=claim.start,
        end=claim.start + protocol.visit_minutes,
        date=local(claim.start, ZONE).date(),
        protocol=protocol,
    )
