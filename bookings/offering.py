"""Those who wait for a place that came free, as the engine sees them.

They are looked at some at a time, in turn, as many as it takes: what is read does not grow with the list, but
with how many of it a place does not suit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import islice
from uuid import UUID

from django.db.models import QuerySet

from bookings import snapshot
from bookings.actors import patient_actor
from bookings.errors import Invalid, SpacingBroken
from bookings.judging import Question, standing_of, with_clearance
from bookings.models import Clearance, FreedPlace, ProtocolVersion, Series, SeriesStatus, WaitingEntry
from bookings.preparation import preparation_of
from bookings.replanning import under_clearance
from bookings.treatments import current_version
from bookings.turns import in_turn, passed
from scheduler.beginning import last_date
from scheduler.case import Case, Wish
from scheduler.diary import Diary, PatientSession
from scheduler.openings import openings
from scheduler.spans import Minute, Span, minute
from scheduler.waiters import Waiter

#: A patient who must be fetched needs a day to find somebody. A house default, no published number: fasting
#: and a driver make it unrealistic to fill a place from one day to the next.
DRIVER_HOURS = 24
#: So many of the list are read at once, whoever's turn it is first.
AT_ONCE = 50


@dataclass
class Around:
    """What is read about a place once for everybody who is looked at, as it was then."""

    place: FreedPlace
    span: Span  # in minutes; the place, or the part of it that is looked at again
    now: datetime
    _versions: dict[UUID, ProtocolVersion | None] = field(default_factory=dict)
    _newcomers: dict[tuple[UUID, str, Wish], Case | None] = field(default_factory=dict)
    _far: tuple[date, Diary] | None = None
    _near: Diary | None = None

    @property
    def dates(self) -> tuple[date, date]:
        """The first and the last date of the place, on the clinic's calendar."""
        supply = snapshot.supply_of(self.place.clinic)
        return supply.date_of(self.span.start), supply.date_of(self.span.end - 1)

    @property
    def near(self) -> Diary:
        """What is taken on those dates."""
        if self._near is None:
            self._near = snapshot.load_diary(self.place.clinic, *self.dates, now=self.now)
        return self._near

    def far(self, last: date) -> Diary:
        """What is taken from today to that date."""
        if self._far is None or self._far[0] < last:
            today = self.now.astimezone(self.place.clinic.zone).date()
            self._far = last, snapshot.load_diary(self.place.clinic, today, last, now=self.now)
        return self._far[1]

    def booked_under(self, entry: WaitingEntry) -> tuple[ProtocolVersion | None, str]:
        """By which version and phase they are booked, or would be; no version where the clinic does not offer
        the treatment any more.
        """
        if entry.session is not None:
            return entry.session.series.protocol_version, entry.session.series.phase
        key = entry.protocol_id
        if key not in self._versions:
            self._versions[key] = None
            with suppress(Invalid):
                self._versions[key] = current_version(entry.protocol, clinic=entry.clinic, now=self.now)
        return self._versions[key], entry.phase

    def waiters(self) -> Iterator[tuple[WaitingEntry, Waiter]]:
        """Whoever waits and has a start there that keeps the rules of the place, in turn. Three queries for
        each `AT_ONCE` that are looked at, and few for each of those that have a start.
        """
        ids = iter(in_turn(self.place, now=self.now))
        while chunk := list(islice(ids, AT_ONCE)):
            entries = with_all(WaitingEntry.objects.filter(id__in=chunk), now=self.now).in_bulk()
            patients = {entry.patient_id for entry in entries.values()}
            booked, known = snapshot.load_patients(patients), _with_standing(patients)
            for id in chunk:  # noqa: A001
                if (entry := entries.get(id)) is not None:
                    new = entry.session is None and entry.patient_id not in known
                    kept = booked[entry.patient_id]
                    waiter = self._newcomer(entry) if new and not kept else self._waiter(entry, kept)
                    if waiter is not None:
                        yield entry, waiter

    def _newcomer(self, entry: WaitingEntry) -> Waiter | None:
        """Somebody of whom nothing is known but what they wait for. All who wait for the same have one case,
        so that what it takes to plan it is done once.
        """
        key = entry.protocol_id, entry.phase, wish_of(entry)
        if key not in self._newcomers:
            waiter = self._waiter(entry, ())
            self._newcomers[key] = waiter.case if waiter is not None else None
        case, question = self._newcomers[key], _question(entry, self)
        return _waiter(entry, question, case) if case is not None and question is not None else None

    def _waiter(self, entry: WaitingEntry, booked: tuple[PatientSession, ...]) -> Waiter | None:
        question = _question(entry, self)
        if question is None:
            return None
        kept = tuple(one for one in booked if one.id not in question.leaving)
        case = question.case_in(entry.clinic, self.near, kept)
        case = replace(case, diary=self.near, wish=wish_of(entry))
        first, last = self.dates
        # By the rules of the staff, for whoever could be rung.
        anyhow, number = replace(case, by_patient=False), entry.session.number if entry.session else 1
        if not any(openings(anyhow, first=first, last=last, number=number).values()):
            return None
        if (allowed := _under_clearance(case, question, entry)) is None:
            return None
        if entry.session is None:
            allowed = replace(allowed, diary=self.far(last_date(allowed, self.span.end)))
        return _waiter(entry, question, allowed)


def _with_standing(patients: set[UUID]) -> set[UUID]:
    """Those of the patients whose clearances or lapsed courses are to be looked at. One query."""
    lapsed = Series.objects.filter(patient__in=patients, status=SeriesStatus.LAPSED).values_list("patient")
    cleared = Clearance.objects.filter(patient__in=patients).values_list("patient")
    return {patient for (patient,) in lapsed.union(cleared)}


def waiter_again(entry: WaitingEntry, around: Around, *, course: tuple[Minute, ...]) -> Waiter | None:
    """Somebody who was looked at, once more: in what is read about the place now. A few queries. `course` is
    what was planned for who has nothing booked.
    """
    question = _question(entry, around)
    if question is None:
        return None
    case = question.case_in(entry.clinic, around.near)
    case = replace(case, diary=around.near, wish=wish_of(entry))
    allowed = _under_clearance(case, question, entry)
    return None if allowed is None else _waiter(entry, question, allowed, course=course)


def _question(entry: WaitingEntry, around: Around) -> Question | None:
    """May they come, there? None where the clinic offers the treatment, or that phase of it, no more."""
    version, phase = around.booked_under(entry)
    if version is None or phase not in {one.name for one in snapshot.protocol_of(version).phases}:
        return None
    session = entry.session
    return Question(
        version=version,
        phase=phase,
        places=(),
        actor=patient_actor(entry.patient),
        now=around.now,
        patient_id=entry.patient_id,
        series_id=session.series_id if session else None,
        leaving=frozenset({str(session.id)} if session else ()),
    )


def _under_clearance(case: Case, question: Question, entry: WaitingEntry) -> Case | None:
    """The case under the clearance that would be used. None where the course waits for a prescriber to look
    at it again.
    """
    if entry.session is not None:
        with suppress(SpacingBroken):
            return under_clearance(case, question, entry.session.series)
        return None
    standing = standing_of(entry.patient_id, entry.protocol_id)
    if standing.lapsed:
        return None
    if not case.protocol.needs_clearance:
        return case
    valid = standing.valid(case.supply.date_of(case.now))
    return with_clearance(case, valid[0] if valid else None)


def _waiter(
    entry: WaitingEntry, question: Question, case: Case, *, course: tuple[Minute, ...] = ()
) -> Waiter:
    session = entry.session
    return Waiter(
        id=str(entry.id),
        person=str(entry.patient_id),
        case=case,
        number=session.number if session else 1,
        present=minute(session.start) if session else None,
        since=minute(entry.created_at),
        notice=notice_minutes(entry, question.version),
        passed=entry.passed,  # type: ignore[attr-defined]  # counted by the query
        first=entry.earliest,
        last=entry.latest,
        sessions=1 if session else case.phase.sessions or 1,
        course=course,
    )


def with_all(rows: QuerySet[WaitingEntry], *, now: datetime) -> QuerySet[WaitingEntry]:
    """With everything that a waiter is made of."""
    rows = rows.select_related(
        "patient", "clinic", "protocol", "session__series__protocol_version", "session__clinic"
    )
    return rows.annotate(passed=passed(now))


def notice_minutes(entry: WaitingEntry, version: ProtocolVersion) -> int:
    """How long before a visit the patient must know: as they said, and never less than the treatment asks
    for, to book it, to fast, and to find a driver.
    """
    protocol, preparation = snapshot.protocol_of(version), preparation_of(version.rules)
    hours = (
        entry.notice_hours,
        protocol.lead_time_hours,
        preparation.solids_hours or 0,
        preparation.clear_fluids_hours or 0,
        DRIVER_HOURS if protocol.needs_escort else 0,
    )
    return max(hours) * 60


def wish_of(entry: WaitingEntry) -> Wish:
    """When the patient can come."""
    kept = entry.wish
    not_before, not_after = kept.get("not_before"), kept.get("not_after")
    return Wish(
        weekdays=frozenset(kept.get("weekdays") or ()),
        not_before=time.fromisoformat(not_before) if not_before else None,
        not_after=time.fromisoformat(not_after) if not_after else None,
    )


def span_of(place: FreedPlace) -> Span:
    """The place in minutes."""
    return Span(minute(place.starts), minute(place.ends))
