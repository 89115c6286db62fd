"""The two clinics of the demo: rooms, people and the days on which they are closed. Pure data and dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

PASSWORD = "demo-only-please-change"  # noqa: S105  it is printed in the README and works in a demo alone

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(1, 6)
WEEK = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)


@dataclass(frozen=True)
class DemoStaff:
    """Somebody who works at the named clinics. Those without a password are on shift but never sign in."""

    email: str
    first_name: str
    last_name: str
    role: str
    clinics: tuple[str, ...]
    password: str | None = None


@dataclass(frozen=True)
class WeeklyShift:
    """A nurse's usual days, clinic wall-clock."""

    nurse: str  # email
    weekdays: tuple[int, ...]
    starts: time
    ends: time


@dataclass(frozen=True)
class DemoClinic:
    """A clinic, its chairs with their features, its hours and its nurses' usual weeks."""

    settings: dict[str, Any]
    opens: time
    closes: time
    chairs: dict[str, tuple[str, ...]]
    shifts: tuple[WeeklyShift, ...]

    @property
    def slug(self) -> str:
        return str(self.settings["slug"])


BOTH = ("baltimore", "phoenix")

STAFF = (
    DemoStaff("manager@harbor.example", "Morgan", "Reyes", "manager", BOTH, PASSWORD),
    DemoStaff("prescriber@harbor.example", "Priya", "Raman", "prescriber", BOTH, PASSWORD),
    DemoStaff("desk@harbor.example", "Dolores", "Kim", "front_desk", BOTH, PASSWORD),
    DemoStaff("nurse@harbor.example", "Nadia", "Okafor", "nurse", BOTH, PASSWORD),
    DemoStaff("ben.sato@harbor.example", "Ben", "Sato", "nurse", ("baltimore",)),
    DemoStaff("carla.weiss@harbor.example", "Carla", "Weiss", "nurse", ("baltimore",)),
    DemoStaff("dev.anand@harbor.example", "Dev", "Anand", "nurse", ("baltimore",)),
    DemoStaff("cy.begay@harbor.example", "Cy", "Begay", "nurse", ("phoenix",)),
    DemoStaff("rosa.leon@harbor.example", "Rosa", "León", "nurse", ("phoenix",)),
)

CLINICS = (
    DemoClinic(
        settings={
            "slug": "baltimore",
            "name": "Harbor Infusion, Baltimore",
            "time_zone": "America/New_York",
            "phone": "+14105550199",
            "address": "1 Example Wharf, Baltimore, MD",
            "nursing_mode": "strict",
            # One example in the literature is four monitored patients a nurse; ours is three.
            "patients_per_nurse": 3,
            "stagger_starts": 2,
            "stagger_minutes": 15,
        },
        opens=time(8),
        closes=time(17),
        chairs={
            "Chair 1": ("certified-setting",),
            "Chair 2": ("certified-setting",),
            "Chair 3": ("certified-setting",),
            "Chair 4": (),
            "Chair 5": (),
            "Chair 6": (),
        },
        shifts=(
            WeeklyShift("nurse@harbor.example", WEEK, time(8), time(16, 30)),
            WeeklyShift("ben.sato@harbor.example", WEEK, time(8), time(17)),
            WeeklyShift("carla.weiss@harbor.example", (MONDAY, TUESDAY, THURSDAY, FRIDAY), time(8), time(17)),
            WeeklyShift(
                "dev.anand@harbor.example", (MONDAY, TUESDAY, WEDNESDAY, THURSDAY), time(8, 30), time(17)
            ),
        ),
    ),
    DemoClinic(
        settings={
            "slug": "phoenix",
            "name": "Harbor Infusion, Phoenix",
            # Arizona keeps one clock all year, so the two clinics are two hours apart in winter, three in
            # summer.
            "time_zone": "America/Phoenix",
            "phone": "+16025550199",
            "address": "2 Example Road, Phoenix, AZ",
            "nursing_mode": "line_of_sight",
            "patients_per_nurse": 2,
        },
        opens=time(9),
        closes=time(17),
        chairs={"Chair A": ("certified-setting",), "Chair B": (), "Chair C": ()},
        shifts=(
            WeeklyShift("cy.begay@harbor.example", WEEK, time(9), time(17)),
            WeeklyShift("rosa.leon@harbor.example", WEEK, time(9), time(17)),
        ),
    ),
)


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th such ISO weekday of a month; -1 is the last."""
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (n - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.isoweekday() - weekday) % 7)


def observed(day: date) -> date:
    """The working day on which a holiday is kept: Friday for a Saturday, Monday for a Sunday."""
    return day + timedelta(days={6: -1, 7: 1}.get(day.isoweekday(), 0))


def holidays(year: int) -> dict[date, str]:
    """The days of a year on which the demo's clinics are closed, with the reason that staff read."""
    thanksgiving = nth_weekday(year, 11, THURSDAY, 4)
    return {
        observed(date(year, 1, 1)): "New Year's Day",
        nth_weekday(year, 5, MONDAY, -1): "Memorial Day",
        observed(date(year, 7, 4)): "Independence Day",
        nth_weekday(year, 9, MONDAY, 1): "Labor Day",
        thanksgiving: "Thanksgiving",
        thanksgiving + timedelta(days=1): "Day after Thanksgiving",
        observed(date(year, 12, 25)): "Christmas Day",
    }


def closed_days(first: date, last: date) -> list[tuple[date, str]]:
    """Every holiday from `first` to `last`, both inclusive, in order."""
    years = range(first.year, last.year + 2)  # New Year's Day of the next year may be kept on 31 December
    return sorted(
        (day, reason) for year in years for day, reason in holidays(year).items() if first <= day <= last
    )


def working_days(first: date, last: date) -> Iterator[date]:
    """Every day from Monday to Friday, from `first` to `last`, both inclusive."""
    day = first
    while day <= last:
        if day.isoweekday() in WEEK:
            yield day
        day += timedelta(days=1)
