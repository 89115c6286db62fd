"""A series with all that is needed to judge it, and what there is to look at in it: values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from bookings.lifecycle import FINISHED, LIVE, MOVABLE
from bookings.missed import Interruption, interruption
from bookings.models import Decision, Series, Session, TaskKind
from scheduler.case import Case, Place
from scheduler.diary import Diary, PatientSession
from scheduler.protocol import Phase, Protocol
from scheduler.spans import minute
from scheduler.supply import Supply
from scheduler.violations import Violation


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `session` is None where it is about the series.

    `deadline` is the instant from which on it cannot be mended any more; None where only a decision mends it.
    """

    kind: TaskKind
    session: UUID | None
    detail: str
    deadline: datetime | None = None


@dataclass(frozen=True)
class Course:
    """A series with all that is needed to judge it."""

    series: Series  # with its clearance, if it has one
    sessions: tuple[Session, ...]
    timeline: tuple[PatientSession, ...]  # what the patient has, live or finished, in whatever series
    protocol: Protocol
    supply: Supply
    displaced: Mapping[UUID, tuple[Violation, ...]]  # by session: rules of the place that are broken now
    now: datetime
    decisions: tuple[Decision, ...] = ()  # of prescribers, about this series
    #: Sessions that count under the clearance of the series, by id, in order of time; whatever their series.
    under_clearance: tuple[UUID, ...] = ()
    #: Under which clearances of the treatment more may be booked: how many sessions, up to which date.
    cleared_for: tuple[tuple[int, date], ...] = ()

    @cached_property
    def ahead(self) -> tuple[Session, ...]:
        """The sessions that can still be placed elsewhere."""
        return tuple(one for one in self.sessions if one.status in MOVABLE and one.start > self.now)

    @cached_property
    def kept(self) -> tuple[Session, ...]:
        """The sessions that take place or took place, in order of time."""
        kept = (one for one in self.sessions if one.status in LIVE | FINISHED)
        return tuple(sorted(kept, key=lambda one: one.start))

    @cached_property
    def case(self) -> Case:
        """The question whether the sessions ahead may be where they are, by the rules between sessions."""
        ahead = {str(one.id) for one in self.ahead}
        return Case(
            supply=self.supply,
            diary=Diary(),
            protocol=self.protocol,
            phase=self.protocol.phase(self.series.phase),
            now=minute(self.now),
            by_patient=False,
            booked=tuple(one for one in self.timeline if one.id not in ahead),
            series=str(self.series.id),
        )

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The sessions ahead as places."""
        return tuple(Place(one.number, minute(one.start), str(one.chair_id)) for one in self.ahead)

    @cached_property
    def broken_off(self) -> Interruption | None:
        """How a missed session broke the series off, if one did."""
        phase = self.case.phase
        return interruption(phase, self.sessions, self.decisions, now=self.now, date_of=self.date_of)

    @cached_property
    def cleared_on(self) -> date | None:
        """The day on which a prescriber last looked at the patient: a gap is counted anew from there."""
        granted = self.series.clearance and self.series.clearance.granted_at
        return self.date_of(granted) if granted else None

    def is_cleared_for(self, phase: Phase) -> bool:
        """Whether a phase may be booked from now on: whole, or the first session of an open-ended one."""
        today = self.date_of(self.now)
        return not self.protocol.needs_clearance or any(
            sessions >= (phase.sessions or 1) and expires >= today for sessions, expires in self.cleared_for
        )

    def date_of(self, at: datetime) -> date:
        """The clinic-local date of an instant."""
        return self.supply.date_of(minute(at))

    def after(self, day: date, *, days: int = 0) -> datetime:
        """The clinic-local midnight that ends the day so many days later."""
        return datetime.combine(day + timedelta(days=days + 1), time(), self.series.clinic.zone)
