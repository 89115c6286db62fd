"""A course as a small picture of weeks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Cell:
    """One date of the picture."""

    date: date
    number: int | None  # of the visit on it; the first where there are several
    new_month: bool  # within the first seven days of a month: a line above it
    first: bool  # the first of a month: a line before it


@dataclass(frozen=True)
class Week:
    """Monday to Sunday."""

    month: date | None  # of whose month the name is to be said beside it
    cells: tuple[Cell, ...]


def weeks(visits: Mapping[date, int]) -> tuple[Week, ...]:
    """Whole weeks from the first visit to the last; nothing without a visit."""
    if not visits:
        return ()
    monday = _monday(min(visits))
    found: list[Week] = []
    while monday <= max(visits):
        days = [monday + timedelta(days=ahead) for ahead in range(7)]
        begins = next((day for day in days if day.day == 1), None)
        named = begins or (days[0] if not found else None)
        found.append(Week(named, tuple(_cell(day, visits, bool(found)) for day in days)))
        monday += timedelta(days=7)
    return tuple(found)


def _cell(day: date, visits: Mapping[date, int], later: bool) -> Cell:
    begins = day.day == 1
    return Cell(
        date=day,
        number=visits.get(day),
        new_month=later and day.day <= 7,
        first=begins and day.isoweekday() != 1,
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)
