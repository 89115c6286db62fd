"""How the day of a visit is prepared: until when to eat and to drink, and from when on to drive again. Pure.

The numbers are the protocol's own, which every clinic sets (`preparation` in its rules); none are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a visit asks of the patient. None: the protocol says nothing about it."""

    solids_hours: int | None = None  # nothing to eat for so many hours before the start
    clear_fluids_hours: int | None = None  # nor water for so many
    no_driving_hours: int | None = None  # after the patient has left
    texts: Mapping[str, str] = field(default_factory=dict)  # the clinic's own words, by language

    def text(self, language: str) -> str:
        """The clinic's own words in that language, in another one where it has none there, or nothing."""
        return self.texts.get(language) or next((text for text in self.texts.values() if text), "")


class Fasting(NamedTuple):
    """The last moments to eat and to drink, by the clinic's wall-clock; None where there is no such bound."""

    solids_until: datetime | None
    clear_fluids_until: datetime | None


def preparation_of(rules: Mapping[str, Any]) -> Preparation:
    """What a version's rules say about it; all of it None where they say nothing."""
    said = rules.get("preparation") or {}
    hours = {name: said.get(name) for name in ("solids_hours", "clear_fluids_hours", "no_driving_hours")}
    return Preparation(**hours, texts=said.get("text") or {})


def fasting(start: datetime, zone: ZoneInfo, preparation: Preparation) -> Fasting:
    """Elapsed hours back from the start of the visit, as the clinic's wall shows them.

    A stomach empties by the hour and not by the clock: where the clocks change in the night before, the time
    on the wall is another one than the same number of hours would give on any other day.
    """
    return Fasting(
        _elapsed(start, preparation.solids_hours, zone, sign=-1),
        _elapsed(start, preparation.clear_fluids_hours, zone, sign=-1),
    )


def driving_from(end: datetime, zone: ZoneInfo, preparation: Preparation) -> datetime | None:
    """Elapsed hours on from the end of the visit, when the patient leaves, as the clinic's wall shows
    them.
    """
    return _elapsed(end, preparation.no_driving_hours, zone, sign=1)


def _elapsed(at: datetime, hours: int | None, zone: ZoneInfo, *, sign: int) -> datetime | None:
    if hours is None:
        return None
    # Through UTC: Python would add hours to an aware time by its wall-clock.
    return (at.astimezone(UTC) + sign * timedelta(hours=hours)).astimezone(zone)
