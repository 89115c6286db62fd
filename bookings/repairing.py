"""Several series placed together: each judged by every rule in the diary that all of them make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from bookings import lifecycle, placing, snapshot
from bookings.actors import Actor
from bookings.carrying_out import question_about
from bookings.judging import Question
from bookings.models import Clinic, Series, Session
from bookings.replanning import Left, under_clearance
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.rules import Case, Clearance, Place, check
from scheduler.spans import Span, minute
from scheduler.supply import Supply
from scheduler.violations import Rule, Violation


@dataclass(frozen=True)
class Placed:
    """New places for sessions of one series, each with its chair.

    `offered`: what is booked stays in the diary beside them, until the patient has answered.
    """

    left: Left
    places: tuple[Place, ...]
    offered: bool = False

    @property
    def question(self) -> Question:
        """The question to the diary that those places are."""
        return question_about(self.left, self.places)

    @property
    def old_spans(self) -> list[Span]:
        """When the sessions that change hold their chairs now."""
        numbers = {place.number for place in self.places}
        return [
            Span(minute(one.start), minute(one.chair_until))
            for one in self.left.sessions
            if one.number in numbers
        ]


@dataclass(frozen=True)
class Together:
    """What several series of one clinic would be if all of them were placed so. Everything was read when it
    was made.
    """

    supply: Supply
    diary: Diary  # as it is, with every old place
    timelines: Mapping[UUID, tuple[PatientSession, ...]]  # by patient, with every old place
    clearances: Mapping[UUID, Clearance | None]  # by series
    placed: Mapping[UUID, Placed]  # likewise

    def broken(
        self, series: UUID, beside: Collection[UUID], *, skip: frozenset[Rule] = frozenset()
    ) -> tuple[Violation, ...]:
        """The rules that the places of the series break when those `beside` it have theirs, too, and all
        others are where they are booked.
        """
        one = self.placed[series]
        return check(self.case(series, beside), one.places, skip=skip)

    def refused(
        self, wanted: Collection[UUID], *, skip: frozenset[Rule] = frozenset()
    ) -> dict[UUID, tuple[Violation, ...]]:
        """Those of the series that cannot be where they would be if all that are `wanted` were carried out,
        and the rules that say so.
        """
        found = {one: self.broken(one, wanted, skip=skip) for one in wanted}
        return {one: violations for one, violations in found.items() if violations}

    def possible(self, wanted: Iterable[UUID]) -> list[UUID]:
        """What is left of the wanted series when those that cannot be are left out, one after another."""
        left = list(wanted)
        while refused := self.refused(left):
            left.remove(next(one for one in reversed(left) if one in refused))
        return left

    def stand_in_the_way(self, series: UUID, beside: Collection[UUID]) -> list[UUID]:
        """Those of the others whose old places alone keep this series from its new ones."""
        others = [one for one in self.placed if one != series and one not in beside]
        return [one for one in others if not self.broken(series, [*beside, one])]

    def case(self, series: UUID, beside: Collection[UUID]) -> Case:
        """The question about one series when those beside it have their new places already."""
        one = self.placed[series]
        others = [self.placed[other] for other in beside if other != series]
        gone = {name for other in others if not other.offered for name in other.question.leaving}
        own = one.question.leaving
        diary = self.diary.without(gone if one.offered else gone | own)
        patient = one.left.series.patient_id
        kept = [visit for visit in self.timelines[patient] if visit.id not in gone | own]
        for other in others:
            diary = diary.with_claims(_claims(other))
            if other.left.series.patient_id == patient:
                kept.extend(_visits(other, self.supply))
        protocol = snapshot.protocol_of(one.left.version)
        return Case(
            supply=self.supply,
            diary=diary,
            protocol=protocol,
            phase=protocol.phase(one.left.series.phase),
            now=minute(one.left.now),
            by_patient=False,
            booked=tuple(sorted(kept, key=lambda visit: visit.start)),
            series=str(one.left.series.id),
            clearance=self.clearances.get(series),
        )


def read_left(series: Collection[UUID], *, actor: Actor, now: datetime) -> dict[UUID, Left]:
    """What can still be placed elsewhere of each of these series. Two queries."""
    rows = (
        Series.objects.filter(id__in=series)
        .select_related("protocol_version__protocol", "clinic", "patient")
        .order_by("id")
    )
    ahead = Session.objects.filter(series__in=series, status__in=lifecycle.MOVABLE, start__gt=now)
    sessions: dict[UUID, list[Session]] = defaultdict(list)
    for session in ahead.order_by("number"):
        sessions[session.series_id].append(session)
    return {
        row.id: Left(
            series=row,
            version=row.protocol_version,
            onto=None,
            sessions=tuple(sessions[row.id]),
            missing=(),
            actor=actor,
            now=now,
        )
        for row in rows
    }


def look_together(
    clinic: Clinic,
    placed: Mapping[UUID, Placed],
    *,
    holds: Collection[UUID] = (),
    cleared: bool = True,
    now: datetime,
) -> Together:
    """The diary around the places and the patients as they are now: two queries, and one more for each series
    under a clearance, unless told not to look at those. The places of those `holds` are free.
    """
    supply = snapshot.supply_of(clinic)
    margin = supply.start_stagger.minutes if supply.start_stagger else 0
    spans = [
        Span(place.start - margin, place.start + _minutes(one) + margin)
        for one in placed.values()
        for place in one.places
    ]
    patients = {one.left.series.patient_id for one in placed.values()}
    diary = snapshot.load_spans(clinic.id, spans, now=now, without_holds=holds)
    together = Together(supply, diary, snapshot.load_patients(patients), {}, placed)
    if not cleared:
        return together
    under = {
        series: under_clearance(together.case(series, ()), one.question, one.left.series).clearance
        for series, one in placed.items()
        if one.left.series.clearance_id is not None
    }
    return replace(together, clearances=under)


def days_of(clinic_id: UUID, supply: Supply, placed: Collection[Placed]) -> set[tuple[UUID, date]]:
    """Every clinic-day of the old places and the new."""
    spans = [(span.start, span.end) for one in placed for span in one.old_spans]
    spans += [(place.start, place.start + _minutes(one)) for one in placed for place in one.places]
    return placing.clinic_days(clinic_id, supply, spans)


def _minutes(one: Placed) -> int:
    return snapshot.protocol_of(one.left.version).chair_minutes


def _claims(one: Placed) -> list[Claim]:
    steps = snapshot.protocol_of(one.left.version).timed_steps
    series = one.left.series.id
    return [Claim(f"{series}:{place.number}", place.chair or "", place.start, steps) for place in one.places]


def _visits(one: Placed, supply: Supply) -> list[PatientSession]:
    protocol = snapshot.protocol_of(one.left.version)
    by_number = {session.number: session for session in one.left.sessions}
    return [
        PatientSession(
            id=str(by_number[place.number].id),
            series=str(one.left.series.id),
            number=place.number,
            spacing_group=protocol.spacing_group,
            phase=one.left.series.phase,
            start=place.start,
            end=place.start + protocol.visit_minutes,
            date=supply.date_of(place.start),
            protocol=protocol,
        )
        for place in one.places
    ]
