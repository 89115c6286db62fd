"""One patient's question to one clinic: everything that the rules may look at, as one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property

from scheduler.diary import Diary, PatientSession
from scheduler.protocol import Phase, Protocol, Spacing, Washout
from scheduler.spans import Minute
from scheduler.supply import Supply


@dataclass(frozen=True, slots=True)
class Wish:
    """What the patient asks for, in clinic wall-clock. An empty wish is always kept."""

    weekdays: frozenset[int] = frozenset()  # ISO, 1 is Monday; empty means any
    not_before: time | None = None  # earliest start, inclusive
    not_after: time | None = None  # latest start, inclusive
    same_time: bool = False  # all sessions start at one wall-clock time


@dataclass(frozen=True, slots=True)
class Clearance:
    """A prescriber's permission: how many sessions may still be booked under it, and until when."""

    sessions: int
    expires: date  # the last permitted clinic-local date


@dataclass(frozen=True, slots=True)
class Place:
    """Where one session would be. `chair` None means any free chair."""

    number: int
    start: Minute
    chair: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One session in a patient's timeline: booked already, or `placed` by the question."""

    start: Minute
    end: Minute  # when the patient leaves
    date: date
    number: int
    group: str
    own: bool  # of the series in question
    placed: bool
    spacing: Spacing  # of its own phase
    washouts: tuple[Washout, ...]  # of its own protocol


@dataclass(frozen=True)
class Case:
    """One patient's question to one clinic."""

    supply: Supply
    diary: Diary
    protocol: Protocol
    phase: Phase
    now: Minute
    by_patient: bool = True  # lead_time and horizon bind patients only
    # What the patient has, live or finished, in any clinic and series, without the sessions being placed.
    booked: tuple[PatientSession, ...] = ()
    series: str | None = None  # complete_within and max_gap look at the sessions of this series
    clearance: Clearance | None = None  # None: nothing to check
    wish: Wish = field(default_factory=Wish)

    @cached_property
    def history(self) -> tuple[Visit, ...]:
        """The patient's booked sessions, in order of time."""
        visits = (
            Visit(
                start=session.start,
                end=session.end,
                date=session.date,
                number=session.number,
                group=session.spacing_group,
                own=self.series is not None and session.series == self.series,
                placed=False,
                spacing=_spacing_of(session),
                washouts=session.protocol.washouts if session.protocol else (),
            )
            for session in self.booked
        )
        return tuple(sorted(visits, key=_by_time))

    @cached_property
    def cleared_on(self) -> date | None:
        """The clinic-local date on which a prescriber last cleared the series; places are not earlier."""
        own = (one for one in self.booked if self.series is not None and one.series == self.series)
        cleared = max((one.cleared for one in own if one.cleared is not None), default=None)
        return None if cleared is None else self.supply.date_of(cleared)

    def gap_from(self, day: date) -> date:
        """Whence the longest gap after a session on that date is counted: anew where the series was cleared
        since.
        """
        return max(day, self.cleared_on or day)

    def visit(self, place: Place) -> Visit:
        """A place as a session in the patient's timeline."""
        return Visit(
            start=place.start,
            end=place.start + self.protocol.visit_minutes,
            date=self.supply.date_of(place.start),
            number=place.number,
            group=self.protocol.spacing_group,
            own=True,
            placed=True,
            spacing=self.phase.spacing,
            washouts=self.protocol.washouts,
        )

    def timeline(self, places: Sequence[Place]) -> tuple[Visit, ...]:
        """The patient's sessions, booked and placed, in order of time."""
        return tuple(sorted((*self.history, *map(self.visit, places)), key=_by_time))


def _spacing_of(session: PatientSession) -> Spacing:
    return session.protocol.phase(session.phase).spacing if session.protocol else Spacing()


def _by_time(visit: Visit) -> tuple[Minute, int]:
    return visit.start, visit.number
