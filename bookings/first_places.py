"""The first place of a course, offered to somebody who has nothing booked: what accepting it asks, and the
course made anew where it cannot be had as it was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bookings import placing, snapshot
from bookings.actors import Actor
from bookings.errors import Invalid, Refused
from bookings.judging import Question
from bookings.models import Offer
from bookings.offering import wish_of
from bookings.starting import look_under_clearance
from scheduler.beginning import course_again, last_date
from scheduler.case import Place
from scheduler.rules import check
from scheduler.spans import Minute, instant, minute


def question_about(
    offer: Offer, starts: Sequence[datetime] | None, *, actor: Actor, now: datetime
) -> Question:
    """May the course be at these starts, or at those that were planned? The first is in the chair that is
    kept. Refuses another number of sessions than the phase has, and a course that begins elsewhere.
    """
    version, entry = offer.protocol_version, offer.entry
    assert version is not None, "a first place is planned under a version"
    places = placing.parse_places(snapshot.protocol_of(version), entry.phase, starts or offer.starts)
    if places[0].start != minute(offer.start):
        raise Invalid("sessions", "The course begins at the place that is offered.")
    return Question(
        version=version,
        phase=entry.phase,
        places=(replace(places[0], chair=str(offer.chair_id)), *places[1:]),
        actor=actor,
        now=now,
        patient_id=entry.patient_id,
        holds=frozenset({offer.batch}),
    )


def visit_minutes(offer: Offer) -> int:
    """How long a visit of the course takes."""
    assert offer.protocol_version is not None, "a first place is planned under a version"
    return snapshot.protocol_of(offer.protocol_version).visit_minutes


def days_of(offer: Offer, question: Question) -> set[tuple[UUID, date]]:
    """The clinic-days of the whole course."""
    length = snapshot.protocol_of(question.version).chair_minutes
    spans = [(place.start, place.start + length) for place in question.places]
    return placing.clinic_days(offer.entry.clinic_id, snapshot.supply_of(offer.entry.clinic), spans)


def again(offer: Offer, question: Question) -> list[dict[str, Any]]:
    """The course from the same first place with as little change as can be, as clients see plans; none where
    there is no way any more.
    """
    clinic, wish = offer.entry.clinic, wish_of(offer.entry)
    first, *following = (place.start for place in question.places)
    try:
        case, _ = look_under_clearance(question, clinic, offer.entry.protocol)
    except Refused:  # a prescriber must look at the patient first
        return []
    today, last = case.supply.date_of(case.now), last_date(case, first)
    if check(case, question.places[:1]) or last < today:
        return []
    around = question.look_around(clinic, today, last + timedelta(days=1))
    case = replace(around, clearance=case.clearance, wish=wish)
    starts = course_again(case, first, following=following)
    if not starts or check(case, [Place(number, at) for number, at in enumerate(starts, start=1)]):
        return []
    visit = case.protocol.visit_minutes
    return [
        {
            "sessions": [_session(number, at, visit) for number, at in enumerate(starts, start=1)],
            "finishes": case.supply.date_of(starts[-1]),
            "cost": 0,
            "reasons": [],
        }
    ]


def _session(number: int, start: Minute, visit: int) -> dict[str, Any]:
    return {"number": number, "start": instant(start), "end": instant(start + visit)}
