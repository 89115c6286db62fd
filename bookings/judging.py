"""Look and think: one question to the diary, judged by every rule, and the refusal it meets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bookings import counters, snapshot
from bookings.actors import Actor
from bookings.errors import NotOffered, Refused, SpacingBroken, Taken
from bookings.models import Clinic, ProtocolVersion
from bookings.settling import one_request
from scheduler.diary import Diary, PatientSession
from scheduler.openings import nearest
from scheduler.rules import Case, Clearance, Place, check
from scheduler.series import Plan, Unplannable, Unsettled, plan_series
from scheduler.spans import Minute, Span, instant, minute
from scheduler.violations import CLINICAL, PHYSICAL, SPACING, Rule, Violation

#: Rules that speak of what others have taken; without the others they may be kept.
_CONTESTED = frozenset({Rule.CHAIR, Rule.NURSING, Rule.START_STAGGER})
_OTHERS = frozenset(Rule) - _CONTESTED
#: How far around a place that was lost other places are looked for.
_AROUND = timedelta(days=28)
_ALTERNATIVES = 3

_STANDING = """
    SELECT 'lapsed', series.id, 0, NULL::date FROM bookings_series series
    JOIN bookings_protocolversion version ON version.id = series.protocol_version_id
    WHERE series.patient_id = %(patient)s AND version.protocol_id = %(protocol)s AND series.status = 'lapsed'
    UNION ALL
    SELECT 'clearance', clearance.id,
           clearance.sessions - count(session.id) FILTER (
               -- A series that lapsed has sessions from before the clearance under which it goes on.
               WHERE session.status NOT IN ('cancelled', 'no_show') AND session.start >= clearance.granted_at
           ),
           clearance.expires
    FROM bookings_clearance clearance
    LEFT JOIN bookings_series series ON series.clearance_id = clearance.id
    LEFT JOIN bookings_session session ON session.series_id = series.id AND session.id <> ALL (%(without)s)
    WHERE clearance.patient_id = %(patient)s AND clearance.protocol_id = %(protocol)s
    GROUP BY clearance.id
"""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A clearance of the patient, with how many sessions may still be booked under it."""

    id: UUID
    sessions: int
    expires: date


@dataclass(frozen=True, slots=True)
class Standing:
    """How a patient stands with a protocol: waiting for re-evaluation, and cleared for what."""

    lapsed: bool
    clearances: tuple[Cleared, ...]

    def valid(self, today: date) -> tuple[Cleared, ...]:
        """The clearances under which something may still be booked, the largest and longest first."""
        valid = (one for one in self.clearances if one.sessions > 0 and one.expires >= today)
        return tuple(sorted(valid, key=lambda one: (one.sessions, one.expires), reverse=True))


def standing_of(patient_id: UUID, protocol_id: UUID, *, without_sessions: Collection[str] = ()) -> Standing:
    """How the patient stands with the protocol, in one query."""
    facts: dict[str, UUID | list[UUID]] = {
        "patient": patient_id,
        "protocol": protocol_id,
        "without": [UUID(session) for session in without_sessions],
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, facts)
        rows = cursor.fetchall()
    return Standing(
        lapsed=any(kind == "lapsed" for kind, *_ in rows),
        clearances=tuple(Cleared(*row) for kind, *row in rows if kind == "clearance"),
    )


def must_be_seen(numbers: Sequence[int]) -> SpacingBroken:
    """The refusal for a patient whose course waits for re-evaluation, about sessions of those numbers."""
    detail = "A prescriber must look at this course before more can be booked. Please call the clinic."
    return SpacingBroken([Violation(Rule.CLEARANCE, tuple(numbers), "clearance", "lapsed", detail)])


@dataclass(frozen=True)
class Question:
    """May these places be taken? Everything about it that does not change while somebody waits for a lock."""

    version: ProtocolVersion
    phase: str
    places: tuple[Place, ...]
    actor: Actor
    now: datetime
    patient_id: UUID | None = None
    series_id: UUID | None = None
    leaving: frozenset[str] = frozenset()  # sessions that give up their own places for these
    holds: frozenset[UUID] = frozenset()  # holds that are given up for these
    override_reason: str | None = None

    def look(self, clinic: Clinic) -> Case:
        """The case as it is now: two queries, for the diary around the places and for the patient."""
        supply, protocol = snapshot.supply_of(clinic), snapshot.protocol_of(self.version)
        margin = supply.start_stagger.minutes if supply.start_stagger else 0
        spans = (
            Span(place.start - margin, place.start + protocol.chair_minutes + margin) for place in self.places
        )
        diary = snapshot.load_spans(
            clinic.id, spans, now=self.now, without_holds=self.holds, without_holds_of=self.patient_id
        )
        return self.case_in(clinic, diary)

    def look_around(self, clinic: Clinic, first: date, last: date) -> Case:
        """The same with the whole diary from the first to the last clinic-local date."""
        diary = snapshot.load_diary(
            clinic, first, last, now=self.now, without_holds=self.holds, without_holds_of=self.patient_id
        )
        return self.case_in(clinic, diary)

    def case_in(self, clinic: Clinic, diary: Diary, booked: tuple[PatientSession, ...] | None = None) -> Case:
        """The case in that diary; `booked` is what the patient has, where it was read already."""
        protocol = snapshot.protocol_of(self.version)
        if booked is None and self.patient_id is not None:
            booked = snapshot.load_patient(self.patient_id, without_sessions=self.leaving)
        return Case(
            supply=snapshot.supply_of(clinic),
            diary=diary.without(self.leaving) if self.leaving else diary,
            protocol=protocol,
            phase=protocol.phase(self.phase),
            now=minute(self.now),
            by_patient=self.actor.is_patient,
            booked=booked or (),
            series=str(self.series_id) if self.series_id else None,
        )

    def judge(self, case: Case, *, excused: frozenset[Rule] = frozenset()) -> dict[int, list[dict[str, Any]]]:
        """Refuses unless the places keep every rule that is not excused, or the actor overrides what they
        break.

        The answer is what is to be remembered on each session: its overrides, by number.
        """
        violations = check(case, self.places, skip=excused)
        reason = self.override_reason
        held = [one for one in violations if reason is None or not self.actor.may_override(one.rule)]
        if held:
            counters.refused(held)
            raise self._refusal(case, held)
        return self.remembered(violations)

    def remembered(self, violations: Sequence[Violation]) -> dict[int, list[dict[str, Any]]]:
        """The overrides of those violations, by session number, as sessions keep them."""
        placed = {place.number for place in self.places}
        kept: dict[int, list[dict[str, Any]]] = {}
        for rule, numbers in _rules_and_numbers(violations, placed):
            for number in numbers:
                kept.setdefault(number, []).append(
                    {
                        "rule": rule.value,
                        "reason": self.override_reason,
                        "by": str(self.actor.id),
                        "at": self.now.isoformat(),
                    }
                )
        return kept

    def lapsed(self) -> SpacingBroken:
        """The refusal for a patient whose series waits for re-evaluation."""
        return must_be_seen([place.number for place in self.places])

    def _refusal(self, case: Case, violations: Sequence[Violation]) -> Refused:
        facts = self._override_facts(violations)
        lost = _lost(case, self.places, violations)
        if any(one.rule not in SPACING and one not in lost for one in violations):
            return NotOffered(violations, **facts)
        if lost:
            numbers = {number for one in lost for number in one.sessions}
            sessions = [
                {"number": place.number, "start": instant(place.start)}
                for place in self.places
                if place.number in numbers
            ]
            return Taken(
                sessions=sessions, violations=[*lost, *(v for v in violations if v not in lost)], **facts
            )
        return SpacingBroken(violations, **facts)

    def _override_facts(self, violations: Sequence[Violation]) -> dict[str, Any]:
        """For staff: who could override this."""
        if not self.actor.is_staff:
            return {}
        rules = {one.rule for one in violations}
        needs = "nobody" if rules & PHYSICAL else "prescriber" if rules & CLINICAL else "staff"
        return {"override": {"needs": needs, "rules": sorted(rules)}}

    def alternatives(self, clinic: Clinic) -> list[dict[str, Any]]:
        """Up to three other ways: the nearest openings for one session, complete plans for several."""
        zone = clinic.zone
        starts = [instant(place.start).astimezone(zone).date() for place in self.places]
        if len(self.places) == 1:
            first, last = starts[0] - _AROUND, starts[0] + _AROUND
            case = self.look_around(clinic, first, last)
            number = self.places[0].number
            around = nearest(case, self.places[0].start, limit=_ALTERNATIVES, number=number)
            found = [[(number, one.start, one.end)] for one in around]
            return [
                {
                    "sessions": _sessions(one),
                    "finishes": case.supply.date_of(one[0][1]),
                    "cost": 0,
                    "reasons": [],
                }
                for one in found
                if first <= case.supply.date_of(one[0][1]) <= last
            ]
        first, last = min(starts), max(starts) + _AROUND
        case = self.look_around(clinic, first, last)
        numbers, effort = sorted(place.number for place in self.places), one_request()
        try:
            plans = plan_series(
                case, numbers=numbers, earliest=first, latest=last, limit=_ALTERNATIVES, effort=effort
            )
        except Unsettled:  # the refusal stands without
            return []
        return [] if isinstance(plans, Unplannable) else [plan_facts(case, plan) for plan in plans]


def plan_facts(case: Case, plan: Plan) -> dict[str, Any]:
    """A plan as clients see it, its times aware datetimes."""
    visit = case.protocol.visit_minutes
    return {
        "sessions": _sessions([(place.number, place.start, place.start + visit) for place in plan.places]),
        "finishes": plan.finishes,
        "cost": plan.cost,
        "reasons": [
            {"preference": reason.preference, "cost": reason.cost, "detail": reason.detail}
            for reason in plan.reasons
        ],
    }


def with_clearance(case: Case, cleared: Cleared | None) -> Case:
    """The case under that clearance; without one there is nothing to check."""
    return replace(case, clearance=Clearance(cleared.sessions, cleared.expires) if cleared else None)


def best_clearance(case: Case, places: Sequence[Place], standing: Standing, now: datetime) -> Cleared | None:
    """The clearance that covers those places, else the one that comes nearest, else None."""
    valid = standing.valid(case.supply.date_of(minute(now)))
    last = max(case.supply.date_of(place.start) for place in places)
    covering = (one for one in valid if one.sessions >= len(places) and one.expires >= last)
    return next(covering, valid[0] if valid else None)


def _sessions(visits: Sequence[tuple[int, Minute, Minute]]) -> list[dict[str, Any]]:
    return [{"number": number, "start": instant(start), "end": instant(end)} for number, start, end in visits]


def _lost(case: Case, places: Sequence[Place], violations: Sequence[Violation]) -> list[Violation]:
    """Those violations that would not be there if nobody else had booked, and overlaps with the patient's
    own.
    """
    contested = [one for one in violations if one.rule in _CONTESTED]
    alone = check(replace(case, diary=Diary()), places, skip=_OTHERS) if contested else ()
    never = {(one.rule, one.sessions) for one in alone}
    return [
        one
        for one in violations
        if one.rule is Rule.PATIENT_OVERLAP
        or (one.rule in _CONTESTED and (one.rule, one.sessions) not in never)
    ]


def _rules_and_numbers(
    violations: Sequence[Violation], placed: set[int]
) -> Sequence[tuple[Rule, tuple[int, ...]]]:
    """Each broken rule once, with the placed sessions concerned; all of them where it names none."""
    found: dict[Rule, dict[int, None]] = {}
    for one in violations:
        numbers = [number for number in one.sessions if number in placed] or sorted(placed)
        found.setdefault(one.rule, {}).update(dict.fromkeys(numbers))
    return [(rule, tuple(numbers)) for rule, numbers in found.items()]
