"""What a clinic offers: hours, closures, chairs and shifts.

Each verb takes the clinic's roster lock alone, so that nobody books by a roster that is no longer, raises its
version, and moves nobody: it names the sessions that no longer keep their place, for a person to move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bookings import journal
from bookings.actors import Actor
from bookings.displacement import Displaced, displaced, waiting
from bookings.errors import Invalid, NotFound, Stale
from bookings.given_once import given_once
from bookings.locking import roster_lock
from bookings.models import Chair, Clinic, Closure, OpeningHours, Role, Shift, StaffMember
from bookings.weekly import Hours, refuse_overlaps

LONGEST_SHIFT = timedelta(days=366)  # longer ones are typing errors
_CHAIR_NAME_ONCE = "chair_name_once_per_clinic"


@dataclass(frozen=True, slots=True)
class Duty:
    """A shift that is to be: one nurse, from when, until when."""

    nurse: StaffMember
    starts: datetime
    ends: datetime


def change_hours(
    clinic: Clinic, *, hours: Hours, if_version: int | None = None, actor: Actor, now: datetime
) -> tuple[Displaced, ...]:
    """Exactly these weekly hours; a weekday that is not named is closed. Refuses hours that overlap."""
    refuse_overlaps(hours)
    with _changing(clinic, if_version=if_version):
        before = _hours_facts(clinic.opening_hours.all())
        clinic.opening_hours.all().delete()
        rows = OpeningHours.objects.bulk_create(
            OpeningHours(clinic=clinic, weekday=weekday, opens=opens, closes=closes)
            for weekday, spans in sorted(hours.items())
            for opens, closes in sorted(spans)
        )
        facts = {"before": before, "after": _hours_facts(rows)}
        journal.record("hours_changed", actor=actor, now=now, clinic=clinic, **facts)
    return displaced(clinic, waiting(clinic, now=now), now=now)


def close(
    clinic: Clinic,
    *,
    starts: datetime,
    ends: datetime,
    reason: str = "",
    chair: Chair | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[Closure, tuple[Displaced, ...]]:
    """No patient from `starts` until `ends`: in the whole clinic or in one of its chairs."""
    if ends <= starts:
        raise Invalid("ends", "A closure ends after it starts.")
    if chair is not None and chair.clinic_id != clinic.id:
        raise NotFound("This clinic has no such chair.")
    with _changing(clinic):
        closure = Closure.objects.create(clinic=clinic, chair=chair, starts=starts, ends=ends, reason=reason)
        facts = _closure_facts(closure)
        journal.record("closure_added", actor=actor, now=now, clinic=clinic, after=facts, reason=reason)
    concerned = waiting(clinic, now=now).filter(start__lt=ends, chair_until__gt=starts)
    if chair is not None:
        concerned = concerned.filter(chair=chair)
    return closure, displaced(clinic, concerned, now=now)


def reopen(closure: Closure, *, actor: Actor, now: datetime) -> None:
    """The closure is over before its time, or was a mistake. Nobody who was moved is moved back."""
    clinic = closure.clinic
    with _changing(clinic):
        facts = _closure_facts(closure)
        gone, _ = Closure.objects.filter(id=closure.id).delete()
        if not gone:
            raise NotFound("There is no such closure any more.")
        journal.record("closure_removed", actor=actor, now=now, clinic=clinic, before=facts)


def add_chair(
    clinic: Clinic, *, name: str, features: Iterable[str] = (), actor: Actor, now: datetime
) -> Chair:
    """One more chair, for treatments that ask for no other features than these."""
    with _changing(clinic):
        with given_once(name=_CHAIR_NAME_ONCE):
            chair = Chair.objects.create(clinic=clinic, name=name, features=sorted(set(features)))
        journal.record("chair_added", actor=actor, now=now, clinic=clinic, after=_chair_facts(chair))
    return chair


def change_chair(
    chair: Chair,
    *,
    name: str | None = None,
    features: Iterable[str] | None = None,
    retired: bool | None = None,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[Chair, tuple[Displaced, ...]]:
    """Another name, other features, or out of use for good; a retired chair can come back.

    `if_version` is the roster's version, as for the clinic itself.
    """
    clinic = chair.clinic
    with _changing(clinic, if_version=if_version):
        chair = Chair.objects.get(id=chair.id)
        before = _chair_facts(chair)
        if name is not None:
            chair.name = name
        if features is not None:
            chair.features = sorted(set(features))
        if retired is not None:
            chair.retired_at = (chair.retired_at or now) if retired else None
        with given_once(name=_CHAIR_NAME_ONCE):
            chair.save()
        facts = {"before": before, "after": _chair_facts(chair)}
        journal.record("chair_changed", actor=actor, now=now, clinic=clinic, **facts)
    return chair, displaced(clinic, waiting(clinic, now=now).filter(chair=chair), now=now)


def add_shifts(clinic: Clinic, *, duties: Sequence[Duty], actor: Actor, now: datetime) -> list[Shift]:
    """All these shifts, or none. Refuses a nurse who does not work here, and one who is on duty already.

    A nurse counts once at every minute, in whatever clinic, so their shifts never overlap.
    """
    with _changing(clinic):
        nurses = [duty.nurse.id for duty in duties]
        # Locked in order, so that two clinics cannot give one nurse two shifts at a time.
        list(StaffMember.objects.select_for_update().filter(id__in=nurses).order_by("id").values_list("id"))
        _refuse_duties(clinic, duties)
        rows = Shift.objects.bulk_create(
            Shift(clinic=clinic, nurse=duty.nurse, starts=duty.starts, ends=duty.ends) for duty in duties
        )
        journal.write(
            journal.entry("shift_added", actor=actor, now=now, clinic=clinic, after=_shift_facts(row))
            for row in rows
        )
    return rows


def add_shift(
    clinic: Clinic, *, nurse: StaffMember, starts: datetime, ends: datetime, actor: Actor, now: datetime
) -> Shift:
    """One shift; refuses as `add_shifts` does."""
    return add_shifts(clinic, duties=[Duty(nurse, starts, ends)], actor=actor, now=now)[0]


def remove_shift(shift: Shift, *, actor: Actor, now: datetime) -> tuple[Displaced, ...]:
    """That nurse is not on duty then after all."""
    clinic = shift.clinic
    with _changing(clinic):
        facts = _shift_facts(shift)
        gone, _ = Shift.objects.filter(id=shift.id).delete()
        if not gone:
            raise NotFound("There is no such shift any more.")
        journal.record("shift_removed", actor=actor, now=now, clinic=clinic, before=facts)
    concerned = waiting(clinic, now=now).filter(start__lt=shift.ends, chair_until__gt=shift.starts)
    return displaced(clinic, concerned, now=now)


@contextmanager
def _changing(clinic: Clinic, *, if_version: int | None = None) -> Iterator[None]:
    """A transaction under the clinic's roster lock, at whose end the roster has its next version."""
    with roster_lock(clinic.id):
        clinic.refresh_from_db()
        if if_version is not None and if_version != clinic.roster_version:
            raise Stale(version=clinic.roster_version)
        yield
        clinic.roster_version += 1
        clinic.save(update_fields=["roster_version"])


def _refuse_duties(clinic: Clinic, duties: Sequence[Duty]) -> None:
    taken: dict[UUID, list[tuple[datetime, datetime]]] = {duty.nurse.id: [] for duty in duties}
    first, last = min(duty.starts for duty in duties), max(duty.ends for duty in duties)
    for shift in Shift.objects.filter(nurse__in=taken, starts__lt=last, ends__gt=first):
        taken[shift.nurse_id].append((shift.starts, shift.ends))
    here = set(clinic.staff.filter(id__in=taken).values_list("id", flat=True))
    for place, duty in enumerate(duties):
        field = f"{place}." if len(duties) > 1 else ""
        if duty.nurse.role != Role.NURSE or not duty.nurse.is_active or duty.nurse.id not in here:
            raise Invalid(f"{field}nurse", f"{duty.nurse} is no nurse of this clinic.")
        if not timedelta(0) < duty.ends - duty.starts <= LONGEST_SHIFT:
            raise Invalid(f"{field}ends", "A shift ends after it starts, at most a year later.")
        if any(starts < duty.ends and duty.starts < ends for starts, ends in taken[duty.nurse.id]):
            raise Invalid(f"{field}starts", f"{duty.nurse} is on duty at that time already.")
        taken[duty.nurse.id].append((duty.starts, duty.ends))


def _hours_facts(rows: Iterable[OpeningHours]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for row in rows:
        facts.setdefault(str(row.weekday), []).append([f"{row.opens:%H:%M}", f"{row.closes:%H:%M}"])
    return facts


def _closure_facts(closure: Closure) -> dict[str, Any]:
    chair = str(closure.chair_id) if closure.chair_id else None
    return {"closure": str(closure.id), "chair": chair, **_span_facts(closure.starts, closure.ends)}


def _chair_facts(chair: Chair) -> dict[str, Any]:
    retired = chair.retired_at is not None
    return {"chair": str(chair.id), "name": chair.name, "features": chair.features, "retired": retired}


def _shift_facts(shift: Shift) -> dict[str, Any]:
    return {
        "shift": str(shift.id),
        "nurse": str(shift.nurse_id),
        **_span_facts(shift.starts, shift.ends),
    }


def _span_facts(starts: datetime, ends: datetime) -> dict[str, str]:
    return {"starts": starts.astimezone(UTC).isoformat(), "ends": ends.astimezone(UTC).isoformat()}
