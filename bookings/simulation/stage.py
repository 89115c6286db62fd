"""What everybody in a simulation shares: the clock, the luck, the premises, and who is who."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bookings.demo.agenda import Agenda, Deed
from bookings.models import Patient, Series
from bookings.simulation.chance import Chance, Person
from bookings.simulation.premises import Premises
from bookings.simulation.world import Arm, World


@dataclass(frozen=True)
class Course:
    """One series of somebody: the `order`-th that they were booked, from 0 on."""

    person: Person
    patient: Patient
    phase: str
    order: int


@dataclass
class Stage:
    """One simulation under way."""

    world: World
    arm: Arm
    premises: Premises
    chance: Chance
    agenda: Agenda
    settle: Callable[[datetime], None]  # has the workers do what a deed has left for them
    courses: dict[UUID, Course] = field(default_factory=dict)  # by series
    calls: Counter[str] = field(default_factory=Counter)  # what the desk rang about
    asked: Counter[str] = field(default_factory=Counter)  # what became of those who asked for a first course
    wanted: dict[UUID, Course] = field(default_factory=dict)  # by patient: what they are about to have
    asked_at: dict[UUID, datetime] = field(default_factory=dict)  # by patient: when they first asked
    waits: dict[UUID, datetime] = field(default_factory=dict)  # first courses: when they were asked for

    def put(self, at: datetime, deed: Deed) -> None:
        """The deed will be done at that moment, and the workers do their part after it, refused or not."""

        def done(then: datetime) -> None:
            try:
                deed(then)
            finally:
                self.settle(then)

        self.agenda.put(at, done)

    def course_of(self, series: Series | UUID) -> Course:
        """Whose course that is."""
        return self.courses[series if isinstance(series, UUID) else series.id]

    def courses_of(self, patient: Patient) -> bool:
        """Whether the patient has had any course."""
        return any(one.patient.id == patient.id for one in self.courses.values())

    def ring(self, about: str) -> None:
        """Somebody at the desk picks up the telephone."""
        self.calls[about] += 1
