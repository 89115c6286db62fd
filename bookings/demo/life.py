"""Twelve weeks of two clinics, lived through the verbs that people use, in the order of time.

Patients ask for courses and get the best plan there is at that moment. A deed may lead to later ones: whoever
books six sessions comes to most of them (`bookings.demo.fates`), and goes on to the next course after one.
Deeds after the present are dropped, so the journal is whole, today's patients are where they would be at this
hour, and the future holds what has been booked by now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from bookings.actors import patient_actor
from bookings.commands.book import book_series
from bookings.commands.clearance import grant_clearance
from bookings.commands.consents import give_consent
from bookings.commands.patients import DETAILS, add_patient
from bookings.demo.agenda import Agenda
from bookings.demo.building import Stage
from bookings.demo.courses import Course
from bookings.demo.fates import Attendance, Fates, question
from bookings.demo.people import MAY_WE_TEXT, DemoPatient
from bookings.models import Clinic, ConsentPurpose, ConsentSource, Patient
from scheduler.case import Wish
from scheduler.protocol import Phase
from scheduler.series import Unplannable, plan_series
from scheduler.spans import instant

CLEARED_FIRST = 75  # of a hundred courses that need a clearance; the others are asked for first, and wait
CLEARANCE_DAYS = 150


class Life:
    """The people of a stage, and what they are going to do."""

    def __init__(self, stage: Stage, agenda: Agenda, *, random: Random) -> None:
        self._stage, self._agenda, self._random = stage, agenda, random
        self._fates = Fates(stage, agenda, random=random, ask=self._ask)

    def expect(self, person: DemoPatient, course: Course) -> None:
        """A patient will come for a course, at the moment at which they ask for it."""
        self._agenda.put(course.books_at, lambda at: self._welcome(person, course, at))

    def _welcome(self, person: DemoPatient, course: Course, at: datetime) -> None:
        details = {name: getattr(person, name) for name in DETAILS}
        desk = self._stage.actors["front_desk"]
        patient = add_patient(details=details, actor=desk, now=at)
        if person.agrees_to_texts:
            give_consent(
                patient,
                purpose=ConsentPurpose.TEXTS,
                wording=MAY_WE_TEXT[person.language],
                language=person.language,
                source=ConsentSource.DESK,
                actor=desk,
                now=at,
            )
        self._ask(patient, self._stage.clinics[person.clinic], course, at)

    def _ask(self, patient: Patient, clinic: Clinic, course: Course, at: datetime) -> None:
        protocol = self._stage.protocols[course.protocol]
        rules = self._stage.rules[course.protocol]
        waits = rules.needs_clearance and self._random.random() * 100 >= CLEARED_FIRST

        def clear(then: datetime) -> None:
            grant_clearance(
                patient,
                protocol=protocol,
                sessions=course.sessions,
                expires=then.date() + timedelta(days=CLEARANCE_DAYS),
                actor=self._stage.actors["prescriber"],
                now=then,
            )

        if rules.needs_clearance and not waits:
            clear(at)
        coming = Attendance(patient, clinic, course, rules)
        starts = self._starts(coming, at)
        if starts is None:
            self._agenda.refusals["unplannable"] += 1
            return
        series = book_series(
            patient,
            clinic=clinic,
            protocol=protocol,
            phase=course.phase,
            starts=starts,
            actor=patient_actor(patient) if course.online else self._stage.actors["front_desk"],
            now=at,
        )
        if waits:
            self._agenda.put(at + timedelta(hours=self._random.randrange(3, 72)), clear)
        for session in series.sessions.order_by("start"):
            self._fates.foresee(session, coming, at)

    def _starts(self, coming: Attendance, at: datetime) -> list[datetime] | None:
        """The best plan for the patient's wish, else the best without it; None when there is no plan."""
        course, phase = coming.course, coming.phase
        earliest = max(course.earliest, at.astimezone(coming.clinic.zone).date() + timedelta(days=1))
        latest = earliest + timedelta(days=_longest(phase, course.sessions))
        case = question(coming, at, first=earliest, last=latest)
        wish = Wish(frozenset(course.weekdays), course.not_before, course.not_after)
        for asked in (replace(case, wish=wish), case):
            numbers = range(1, course.sessions + 1)
            plans = plan_series(asked, numbers=numbers, earliest=earliest, latest=latest, limit=1)
            if not isinstance(plans, Unplannable):
                return [instant(place.start) for place in plans[0].places]
        return None


def _longest(phase: Phase, sessions: int) -> int:
    """Days within which there is room for a good plan: the target gaps, half as much again, and two weeks."""
    gap = phase.spacing.target_gap_days or phase.spacing.min_gap_days or 1
    return gap * (sessions - 1) * 3 // 2 + 14
