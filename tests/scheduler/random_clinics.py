"""Small random clinics for hypothesis: near a change of clock, open over midnight, odd grids, odd visits."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from scheduler.case import Case, Clearance, Wish
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.hours import day_start, local
from scheduler.protocol import NurseNeed, Phase, Protocol, RollingLimit, Spacing, Step, Washout
from scheduler.spans import Span
from scheduler.supply import Chair, Closure, NursingMode, OpeningHours, Shift, StartStagger, Supply

#: Zones, each with dates of both changes of clock in 2026 where it has them.
ZONES = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Phoenix": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),  # changes at midnight
}
GROUPS = ("ketamine", "iron", "biologic")
#: Hours of a date; most weekdays of a clinic have them.
WEEKS = (
    [(time(0), time(0))],
    [(time(7, 30), time(17))],
    [(time(0), time(4, 30)), (time(18), time(0))],
    [(time(1, 15), time(2, 45)), (time(8), time(13))],
)
DAY = 24 * 60


def mostly(usual: object, otherwise: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Three times of four the usual; rules that refuse much would else leave nothing for the others."""
    return st.integers(0, 3).flatmap(lambda roll: otherwise if roll == 3 else st.just(usual))


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    needs = st.sampled_from(list(NurseNeed))
    count = draw(st.integers(1, 4))
    steps = [
        Step(f"step {k}", draw(st.sampled_from([5, 10, 15, 16, 40, 61])), draw(needs)) for k in range(count)
    ]
    if draw(st.booleans()):
        steps.append(Step("turnover", draw(st.sampled_from([5, 20])), draw(needs), patient=False))
    spacing = Spacing(
        min_gap_minutes=draw(st.sampled_from([0, 60, 300, 20 * 60, 44 * 60])),
        min_gap_days=draw(st.integers(0, 3)),
        soft_max_gap_days=draw(st.none() | st.integers(0, 3)),
        max_gap_days=draw(mostly(None, st.integers(0, 4))),
        rolling_limit=draw(st.none() | st.builds(RollingLimit, st.integers(1, 3), st.integers(1, 3))),
        complete_within_days=draw(mostly(None, st.integers(0, 5))),
    )
    washouts = st.builds(Washout, st.sampled_from(["*", *GROUPS[1:]]), st.integers(0, 3))
    first = Phase("induction", 6, spacing)
    return Protocol(
        slug="made-up",
        name="Made-up",
        spacing_group=GROUPS[0],
        phases=(first, Phase("maintenance", None, spacing)),
        steps=tuple(steps),
        washouts=tuple(draw(mostly([], st.lists(washouts, max_size=2)))),
        lead_time_hours=draw(st.sampled_from([0, 0, 5, 30])),
        horizon_days=draw(st.sampled_from([1, 3, 365])),
        chair_features=draw(mostly(frozenset(), st.just(frozenset({"monitor"})))),
    )


@st.composite
def supplies(draw: st.DrawFn, zone: ZoneInfo, origin: int) -> Supply:
    minutes = st.integers(0, 5 * DAY // 15).map(lambda quarter: origin + quarter * 15)
    lengths = st.sampled_from([15, 40, 120, 480, 1000])
    spans = st.builds(lambda start, length: Span(start, start + length), minutes, lengths)
    chairs = tuple(
        Chair(
            f"c{k}",
            f"C{k}",
            draw(st.sampled_from([frozenset({"monitor"}), frozenset({"monitor", "bed"}), frozenset()])),
        )
        for k in range(draw(st.integers(1, 4)))
    )
    hours = tuple(
        OpeningHours(weekday, *row)
        for row in draw(st.sampled_from(WEEKS))
        for weekday in range(1, 8)
        if draw(st.integers(0, 5)) > 0
    )
    where = st.none() | st.sampled_from([chair.id for chair in chairs])
    team = draw(st.integers(0, 4))  # always there, besides those who come and go
    shifts = [Shift(f"always {k}", Span(origin - DAY, origin + 7 * DAY)) for k in range(team)]
    shifts += [Shift(f"n{k}", draw(spans)) for k in range(draw(st.integers(0, 6)))]
    return Supply(
        time_zone=zone,
        hours=hours,
        chairs=chairs,
        shifts=tuple(shifts),
        closures=tuple(Closure(draw(spans), chair=draw(where)) for _ in range(draw(st.integers(0, 2)))),
        grid_minutes=draw(st.sampled_from([15, 15, 1, 5, 20, 60, 45])),
        nursing_mode=draw(st.sampled_from(list(NursingMode))),
        patients_per_nurse=draw(st.integers(1, 4)),
        start_stagger=draw(
            st.none() | st.builds(StartStagger, st.integers(1, 3), st.sampled_from([1, 15, 40]))
        ),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, date, date]:
    """A case, and the first and the last of five dates around a change of clock on which to ask it."""
    name = draw(st.sampled_from(list(ZONES)))
    zone, change = ZoneInfo(name), draw(st.sampled_from(ZONES[name]))
    first, last = change - timedelta(days=2), change + timedelta(days=2)
    origin = day_start(first, zone)
    protocol, supply = draw(protocols()), draw(supplies(zone, origin))
    kinds = [protocol.timed_steps, draw(protocols()).timed_steps]
    starts = st.integers(-40, 5 * DAY // 5).map(lambda five: origin + five * 5)
    claims = tuple(
        Claim(
            f"claim {k}", draw(st.sampled_from(supply.chairs)).id, draw(starts), draw(st.sampled_from(kinds))
        )
        for k in range(draw(st.integers(0, 20)))
    )
    booked = tuple(draw(sessions(starts, zone, k)) for k in range(1, draw(st.integers(0, 3)) + 1))
    weekdays = st.frozensets(st.integers(1, 7), max_size=4)
    clocks = st.none() | st.sampled_from([time(1, 30), time(9), time(12, 7), time(23, 15)])
    case = Case(
        supply=supply,
        diary=Diary(claims),
        protocol=protocol,
        phase=draw(st.sampled_from(protocol.phases)),
        now=origin + draw(st.sampled_from([-DAY, 0, DAY + 95])),
        by_patient=draw(st.booleans()),
        booked=booked,
        series=draw(st.sampled_from([None, "own"])),
        clearance=draw(mostly(None, st.builds(Clearance, st.integers(0, 2), st.dates(first, last)))),
        wish=draw(mostly(Wish(), st.builds(Wish, weekdays, clocks, clocks, st.booleans()))),
    )
    return case, first, last


@st.composite
def sessions(draw: st.DrawFn, starts: st.SearchStrategy[int], zone: ZoneInfo, number: int) -> PatientSession:
    start, elsewhere = draw(starts), draw(st.sampled_from([zone, ZoneInfo("America/Phoenix")]))
    protocol = draw(st.none() | protocols())
    return PatientSession(
        id=f"session {number}",
        series=draw(st.sampled_from(["own", "other"])),
        number=number,
        spacing_group=draw(st.sampled_from([GROUPS[0], *GROUPS])),
        phase=protocol.phases[0].name if protocol else "induction",
        start=start,
        end=start + 60,
        date=local(start, elsewhere).date(),
        protocol=protocol,
    )


def at(text: str, zone: str = "America/New_York") -> int:
    """The minute that a wall clock in the zone shows as `text`, such as "2026-03-08 10:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) // 60
