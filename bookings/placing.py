"""Places taken: the rows of sessions and claims, written in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings.errors import Invalid
from bookings.models import Claim, Clinic, Hold, ProtocolVersion, Session
from scheduler.diary import Claim as Taken
from scheduler.hours import day_start
from scheduler.openings import choose_chair
from scheduler.protocol import Protocol, Spacing
from scheduler.rules import Case, Place
from scheduler.spans import Minute, instant, minute
from scheduler.supply import Supply

MOST_PLACES = 52

_SHORTEN_GUARDS = """
    UPDATE bookings_claim claim SET guard = tstzrange(claim.start, next.start)
    FROM unnest(%s::uuid[], %s::timestamptz[]) AS next(session_id, start)
    WHERE claim.session_id = next.session_id AND upper(claim.guard) > next.start
"""


# In the order of ids, as in `bookings.locking`: whoever deletes the same claims waits, and never in a ring.
_TAKE_OVER = """
    DELETE FROM bookings_claim WHERE id IN (
        SELECT id FROM bookings_claim WHERE hold_id = %s OR (patient_id = %s AND hold_id IS NOT NULL)
        ORDER BY id FOR UPDATE
    )
    RETURNING hold_id
"""
_GIVE_UP = """
    DELETE FROM bookings_claim WHERE id IN (
        SELECT id FROM bookings_claim WHERE hold_id = %s ORDER BY id FOR UPDATE
    )
"""


@dataclass(frozen=True, slots=True)
class Seat:
    """A place with its chair, and what is to be remembered of the rules that it breaks."""

    number: int
    start: Minute
    chair: str
    overrides: Sequence[Mapping[str, Any]] = ()


def parse_starts(starts: Sequence[datetime], *, field: str = "sessions") -> tuple[Minute, ...]:
    """Those starts as minutes, in order. Refuses a time without an offset, or with seconds."""
    for start in starts:
        if start.tzinfo is None or start.utcoffset() is None:
            raise Invalid(field, "A time needs its offset, such as 2026-12-01T09:00:00-05:00.")
        if start.second or start.microsecond:
            raise Invalid(field, "Sessions start on whole minutes.")
    return tuple(sorted(minute(start) for start in starts))


def parse_places(protocol: Protocol, phase: str, starts: Sequence[datetime]) -> tuple[Place, ...]:
    """The places of a whole phase, numbered in order of time. Refuses another number than the phase has."""
    minutes = parse_starts(starts)
    expected = protocol.phase(phase).sessions
    if expected is not None and len(minutes) != expected:
        raise Invalid(
            "sessions", f"All {expected} sessions of {phase} are booked together; there are {len(minutes)}."
        )
    if not 1 <= len(minutes) <= MOST_PLACES:
        raise Invalid("sessions", f"Between 1 and {MOST_PLACES} sessions are booked at once.")
    return tuple(Place(number, start) for number, start in enumerate(minutes, start=1))


def clinic_days(
    clinic_id: UUID, supply: Supply, spans: Iterable[tuple[Minute, Minute]]
) -> set[tuple[UUID, date]]:
    """Every clinic-day to be locked for those spans of a chair: each local date that they touch.

    Where the clinic staggers its starts, also the dates that a window around the start touches.
    """
    margin = supply.start_stagger.minutes - 1 if supply.start_stagger else 0
    days = set()
    for start, end in spans:
        day, last = supply.date_of(start - margin), supply.date_of(max(end - 1, start + margin))
        while day <= last:
            days.add((clinic_id, day))
            day += timedelta(days=1)
    return days


def days_of_places(clinic_id: UUID, case: Case, places: Iterable[Place]) -> set[tuple[UUID, date]]:
    """The clinic-days of places that are asked for."""
    length = case.protocol.chair_minutes
    return clinic_days(clinic_id, case.supply, ((place.start, place.start + length) for place in places))


def days_of_sessions(clinic_id: UUID, supply: Supply, sessions: Iterable[Session]) -> set[tuple[UUID, date]]:
    """The clinic-days of sessions that are booked."""
    spans = ((minute(session.start), minute(session.chair_until)) for session in sessions)
    return clinic_days(clinic_id, supply, spans)


def seat(
    case: Case, places: Sequence[Place], overrides: Mapping[int, Sequence[Mapping[str, Any]]]
) -> tuple[Seat, ...]:
    """A chair for each place, the one that was asked for or the one that leaves least room unused."""
    seats = []
    for place in sorted(places, key=lambda one: one.start):
        chair = place.chair or choose_chair(case, place.start)
        if chair is None:
            raise AssertionError(f"no chair at {instant(place.start)}, though every rule was kept")
        seats.append(Seat(place.number, place.start, chair, overrides.get(place.number, ())))
        claim = Taken(f"place {place.number}", chair, place.start, case.protocol.timed_steps)
        if len(places) > 1:
            case = replace(case, diary=case.diary.with_claims([claim]))
    return tuple(seats)


def settle(session: Session, seat: Seat, protocol: Protocol) -> None:
    """Put the session, not yet saved, on that seat."""
    session.chair_id = UUID(seat.chair)
    session.start = instant(seat.start)
    session.end = instant(seat.start + protocol.visit_minutes)
    session.chair_until = instant(seat.start + protocol.chair_minutes)
    session.overrides = list(seat.overrides)


def claim(
    case: Case,
    seats: Sequence[Seat],
    *,
    clinic: Clinic,
    version: ProtocolVersion,
    patient_id: UUID | None,
    sessions: Mapping[int, Session] | None = None,
    hold: Hold | None = None,
) -> list[Claim]:
    """Write the claims of those seats, by session number or for a hold. At most two statements.

    Each guard runs to the first instant at which the minimum gap lets another session start, but never past a
    session that is there: the rules were judged before, and what breaks them was overridden.
    """
    guards = _guards(case, seats)
    rows = [
        _row(case, one, guards[one.number], clinic=clinic, version=version, patient_id=patient_id)
        for one in seats
    ]
    for row in rows:
        row.hold = hold
        row.session = sessions[row.number] if sessions is not None else None
    _shorten_guards_before(case, seats)
    return Claim.objects.bulk_create(rows)


def guard_end(start: Minute, spacing: Spacing, supply: Supply) -> Minute:
    """The first instant at which the minimum gap lets another session start: its minutes and its days."""
    end = start + spacing.min_gap_minutes
    if spacing.min_gap_days:
        first_date = supply.date_of(start) + timedelta(days=spacing.min_gap_days)
        end = max(end, day_start(first_date, supply.time_zone))
    return end


def take_over(hold: Hold, *, patient_id: UUID) -> bool:
    """Delete the claims of the hold, and of any other that the patient has; whether the hold had any left.

    The hold itself is empty then, and goes when it is tidied away.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, [hold.id, patient_id])
        return (hold.id,) in cursor.fetchall()


def give_up(hold_id: UUID) -> None:
    """Delete the claims of a hold that nobody books by; the empty hold goes when it is tidied away."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, [hold_id])


def _guards(case: Case, seats: Sequence[Seat]) -> dict[int, Minute]:
    group = [one.start for one in case.booked if one.spacing_group == case.protocol.spacing_group]
    starts = sorted((*group, *(one.start for one in seats)))
    guards = {}
    for one in seats:
        following = next((start for start in starts if start > one.start), None)
        end = guard_end(one.start, case.phase.spacing, case.supply)
        guards[one.number] = end if following is None else min(end, following)
    return guards


def _shorten_guards_before(case: Case, seats: Sequence[Seat]) -> None:
    """End the guard of the booked session before a seat where the seat begins, if it runs on. One
    statement or none.

    It runs on where a rule was overridden, and where the earlier session kept a longer gap than this phase
    asks for.
    """
    group = [one for one in case.booked if one.spacing_group == case.protocol.spacing_group]
    following: dict[str, datetime] = {}
    for one in sorted(seats, key=lambda one: one.start, reverse=True):
        before = [other for other in group if other.start < one.start]
        if before:
            following[max(before, key=lambda other: other.start).id] = instant(one.start)
    if following:
        with connection.cursor() as cursor:
            cursor.execute(_SHORTEN_GUARDS, [list(following), list(following.values())])


def _row(
    case: Case,
    seat: Seat,
    guard: Minute,
    *,
    clinic: Clinic,
    version: ProtocolVersion,
    patient_id: UUID | None,
) -> Claim:
    start = instant(seat.start)
    chair_until = instant(seat.start + case.protocol.chair_minutes)
    return Claim(
        clinic=clinic,
        chair_id=UUID(seat.chair),
        number=seat.number,
        patient_id=patient_id,
        protocol_version=version,
        spacing_group=case.protocol.spacing_group,
        roster_version=clinic.roster_version,
        start=start,
        chair_until=chair_until,
        taken=DateTimeTZRange(start, chair_until),
        present=DateTimeTZRange(start, instant(seat.start + case.protocol.visit_minutes)),
        guard=DateTimeTZRange(start, instant(guard)),
    )
