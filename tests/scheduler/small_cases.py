"""Questions small enough to try every answer: a few days around a change of clock, a few starts a day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from scheduler.case import Case, Clearance, Wish
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.hours import day_start, local
from scheduler.protocol import NurseNeed, Phase, Protocol, RollingLimit, Spacing, Step, Washout
from scheduler.series import Remaining
from scheduler.spans import Span
from scheduler.start_template import Opened, StartTemplate
from scheduler.supply import Chair, Closure, NursingMode, OpeningHours, Shift, StartStagger, Supply
from tests.scheduler.oracle.judge import grid_starts

DAY = 24 * 60
#: Each zone with the dates of both its changes of clock in 2026, where it has them, and a quiet one.
ZONES = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1), date(2026, 5, 20)),
    "America/Phoenix": (date(2026, 3, 8),),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
}


@dataclass(frozen=True)
class Question:
    """A case, the dates asked about and the number of sessions."""

    case: Case
    first: date
    last: date
    count: int


def spacings(*, several_a_day: bool) -> st.SearchStrategy[Spacing]:
    if several_a_day:
        return st.builds(
            Spacing,
            min_gap_minutes=st.sampled_from([0, 50, 120]),
            max_gap_days=st.none() | st.integers(0, 2),
            rolling_limit=st.none() | st.builds(RollingLimit, st.integers(1, 3), st.integers(1, 2)),
            complete_within_days=st.none() | st.integers(0, 3),
        )
    return st.builds(
        Spacing,
        min_gap_minutes=st.sampled_from([0, 20 * 60, DAY, 44 * 60, 48 * 60]),
        min_gap_days=st.integers(0, 3),
        target_gap_days=st.sampled_from([None, 1, 2, 3, 4, 7]),
        max_gap_days=st.none() | st.integers(1, 5),
        rolling_limit=st.none() | st.builds(RollingLimit, st.integers(1, 3), st.integers(1, 5)),
        complete_within_days=st.none() | st.integers(2, 9),
    )


@st.composite
def questions(draw: st.DrawFn, *, most: int = 4) -> Question:
    name = draw(st.sampled_from(list(ZONES)))
    zone, change = ZoneInfo(name), draw(st.sampled_from(ZONES[name]))
    several = draw(st.integers(0, 4)) == 0
    days = draw(st.integers(2, 3)) if several else draw(st.integers(3, 9))
    first = change - timedelta(days=draw(st.integers(0, days)))
    last = first + timedelta(days=days - 1)
    supply = draw(supplies(zone, first, last, several=several))
    protocol = draw(protocols(several=several))
    supply = replace(supply, template=draw(st.none() | templates(protocol.chair_minutes)))
    steps = draw(st.sampled_from([protocol.timed_steps, draw(protocols(several=several)).timed_steps]))
    starts = st.sampled_from(_in_hours(supply, first, last) or [day_start(first, zone)])
    claims = tuple(
        Claim(f"claim {k}", draw(st.sampled_from(supply.chairs)).id, draw(starts), steps)
        for k in range(draw(st.integers(0, 8)))
    )
    near = st.integers(-8 * DAY // 30, (days + 5) * DAY // 30).map(
        lambda half: day_start(first, zone) + half * 30
    )
    before = st.integers(0, 6).map(lambda back: day_start(first, zone) - back * DAY)
    drawn = [draw(sessions(near, before, zone, k)) for k in range(draw(st.integers(0, 3)))]
    booked = tuple({one.start: one for one in drawn}.values())  # a patient is in one place at a time
    clocks = st.none() | st.sampled_from([time(9), time(10), time(11)])
    wishes = st.builds(Wish, st.frozensets(st.integers(1, 7), max_size=5), clocks, st.none(), st.booleans())
    case = Case(
        supply=supply,
        diary=Diary(claims),
        protocol=protocol,
        phase=draw(st.sampled_from(protocol.phases)),
        now=day_start(first, zone) + draw(st.sampled_from([-5 * DAY, -DAY, 0, 10 * 60])),
        by_patient=draw(st.booleans()),
        booked=booked,
        series=draw(st.sampled_from([None, "own", "own"])),
        clearance=draw(
            st.none() | st.none() | st.builds(Clearance, st.integers(1, 4), st.dates(first, last))
        ),
        wish=draw(st.just(Wish()) | st.just(Wish()) | wishes),
    )
    return Question(case, first, last, draw(st.integers(1, most)))


def templates(length: int) -> st.SearchStrategy[StartTemplate]:
    """Templates that open some quarters for visits of that length and of another."""
    opened = st.builds(
        Opened,
        st.integers(1, 7),
        st.sampled_from([quarter * 15 for quarter in (*range(4, 16), *range(32, 48), 88)]),
        st.sampled_from([length, length, length + 15]),
        st.integers(0, 2),
    )
    return st.builds(StartTemplate, st.lists(opened, max_size=8).map(tuple))


@st.composite
def protocols(draw: st.DrawFn, *, several: bool) -> Protocol:
    needs = st.sampled_from(list(NurseNeed))
    steps = [Step("set-up", draw(st.sampled_from([15, 30])), draw(needs))]
    if not several:
        steps.append(Step("infusion", draw(st.sampled_from([30, 60])), draw(needs)))
    if draw(st.booleans()):
        steps.append(Step("turnover", draw(st.sampled_from([15, 45])), draw(needs), patient=False))
    spacing = draw(spacings(several_a_day=several))
    washouts = st.builds(Washout, st.sampled_from(["*", "iron"]), st.integers(0, 2))
    return Protocol(
        slug="made-up",
        name="Made-up",
        spacing_group="ketamine",
        phases=(Phase("induction", 6, spacing), Phase("maintenance", None, spacing)),
        steps=tuple(steps),
        washouts=tuple(draw(st.lists(washouts, max_size=1))),
        lead_time_hours=draw(st.sampled_from([0, 0, 30])),
        horizon_days=draw(st.sampled_from([4, 365, 365])),
    )


@st.composite
def supplies(draw: st.DrawFn, zone: ZoneInfo, first: date, last: date, *, several: bool) -> Supply:
    rows = draw(
        st.lists(
            st.sampled_from(
                [(time(8), time(11)), (time(9), time(12)), (time(1), time(4)), (time(22), time(0))]
            ),
            min_size=1,
            max_size=1 if several else 2,
        )
    )
    weekdays = draw(st.frozensets(st.integers(1, 7), min_size=3))
    origin, length = day_start(first, zone), ((last - first).days + 1) * DAY
    spans = st.builds(
        lambda begins, lasts: Span(origin + begins * 60, origin + begins * 60 + lasts * 60),
        st.integers(0, length // 60),
        st.integers(1, 30),
    )
    chairs = tuple(Chair(f"c{k}", f"C{k}") for k in range(draw(st.integers(1, 2))))
    closures = st.builds(
        Closure, spans, st.just(""), st.none() | st.sampled_from([chair.id for chair in chairs])
    )
    whole = Shift("n0", Span(origin - DAY, origin + length + DAY))
    return Supply(
        time_zone=zone,
        hours=tuple(OpeningHours(weekday, *row) for weekday in sorted(weekdays) for row in rows),
        chairs=chairs,
        shifts=(whole, *(Shift("n1", draw(spans)) for _ in range(draw(st.integers(0, 2))))),
        closures=tuple(draw(st.lists(closures, max_size=2))),
        grid_minutes=draw(st.sampled_from([30, 60] if several else [60, 60, 45])),
        nursing_mode=draw(st.sampled_from(list(NursingMode))),
        patients_per_nurse=draw(st.integers(1, 3)),
        start_stagger=draw(st.none() | st.builds(StartStagger, st.integers(1, 2), st.sampled_from([30, 61]))),
    )


@st.composite
def sessions(
    draw: st.DrawFn,
    starts: st.SearchStrategy[int],
    clearances: st.SearchStrategy[int],
    zone: ZoneInfo,
    number: int,
) -> PatientSession:
    start, elsewhere = draw(starts), draw(st.sampled_from([zone, zone, ZoneInfo("America/Phoenix")]))
    return PatientSession(
        id=f"session {number}",
        series=draw(st.sampled_from(["own", "own", "other"])),
        number=number,
        spacing_group=draw(st.sampled_from(["ketamine", "ketamine", "iron"])),
        phase="induction",
        start=start,
        end=start + 60,
        date=local(start, elsewhere).date(),
        protocol=draw(st.none() | protocols(several=False)),
        cleared=draw(st.none() | st.none() | clearances),
    )


@st.composite
def changes(draw: st.DrawFn) -> tuple[Question, tuple[Remaining, ...]]:
    """A question about what is left of a series: some sessions have an old place, on or off what is possible
    now.
    """
    question = draw(questions(most=4))
    starts = st.sampled_from(_in_hours(question.case.supply, question.first, question.last) or [0])
    olds = draw(st.lists(starts, unique=True, max_size=question.count))
    places = [*olds, *[None] * (question.count - len(olds))]
    order = draw(st.permutations(places))
    return question, tuple(Remaining(number, start) for number, start in enumerate(order, start=3))


def _in_hours(supply: Supply, first: date, last: date) -> list[int]:
    case = Case(supply, Diary(), Protocol("p", "P", "g", (Phase("f", 1),), ()), Phase("f", 1), 0)
    found = []
    for at in grid_starts(case, first, last):
        clock = local(at, supply.time_zone)
        if any(
            row.weekday == clock.isoweekday()
            and row.opens <= clock.time()
            and (clock.time() < row.closes or row.closes == time(0))
            for row in supply.hours
        ):
            found.append(at)
    return found
