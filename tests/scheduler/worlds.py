"""The clinic of the scenarios: NORTH in New York, three chairs, two nurses, and the protocol KET6."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.case import Case
from scheduler.diary import Diary, PatientSession
from scheduler.protocol import NurseNeed, Phase, Protocol, Spacing, Step
from scheduler.spans import Span, minute
from scheduler.supply import Chair, OpeningHours, Shift, Supply

NEW_YORK = ZoneInfo("America/New_York")
KET6 = Spacing(
    min_gap_minutes=44 * 60,
    min_gap_days=2,
    target_gap_days=3,
    soft_max_gap_days=7,
    max_gap_days=14,
    complete_within_days=21,
)


def at(text: str) -> int:
    """The minute that the wall clock of NORTH shows as such a text: "2026-04-06 10:00"."""
    return minute(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK))


def protocol(spacing: Spacing = KET6, *, sessions: int | None = 6) -> Protocol:
    return Protocol(
        slug="ket6",
        name="KET6",
        spacing_group="ketamine",
        phases=(Phase("induction", sessions, spacing),),
        steps=(
            Step("check-in", 15),
            Step("set-up", 15, NurseNeed.EXCLUSIVE),
            Step("infusion", 40, NurseNeed.SHARED),
            Step("recovery", 60, NurseNeed.SHARED),
            Step("turnover", 20, patient=False),
        ),
    )


def north(
    first: date = date(2026, 3, 30), *, weeks: int = 8, weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
) -> Supply:
    days = [first + timedelta(days=k) for k in range(weeks * 7)]
    open_days = [day for day in days if day.isoweekday() in weekdays]

    def on(day: date, clock: time) -> int:
        return minute(datetime.combine(day, clock, NEW_YORK))

    return Supply(
        time_zone=NEW_YORK,
        hours=tuple(OpeningHours(weekday, time(8), time(17)) for weekday in weekdays),
        chairs=tuple(Chair(name, name) for name in ("N1", "N2", "N3")),
        shifts=(
            *(Shift("Ana", Span(on(day, time(8)), on(day, time(16, 30)))) for day in open_days),
            *(Shift("Ben", Span(on(day, time(8)), on(day, time(17)))) for day in open_days),
        ),
    )


def ask(now: str = "2026-04-01 09:00", *, treatment: Protocol | None = None, **parts: object) -> Case:
    """A patient's question to NORTH with an empty diary."""
    treatment = treatment or protocol()
    given = {"supply": north(), "diary": Diary(), "phase": treatment.phases[0], **parts}
    return Case(protocol=treatment, now=at(now), **given)  # type: ignore[arg-type]


def session(number: int, text: str, *, series: str = "own", group: str = "ketamine") -> PatientSession:
    start = at(text)
    return PatientSession(
        id=f"{series} {number}",
        series=series,
        number=number,
        spacing_group=group,
        phase="induction",
        start=start,
        end=start + 130,
        date=date.fromisoformat(text[:10]),
    )
