"""Join the waiting list, and leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from bookings import journal, lifecycle, waited
from bookings.actors import Actor, admit
from bookings.errors import Invalid, NotFound, Stale, WrongState
from bookings.models import Clinic, Patient, Protocol, Session, WaitingEntry
from bookings.reading import reread
from bookings.treatments import current_version, resolve_phase
from scheduler.rules import Wish

LONGEST_NOTICE_HOURS = 336  # two weeks


def join_waiting_list(
    patient: Patient,
    *,
    clinic: Clinic,
    protocol: Protocol,
    phase: str | None = None,
    session: Session | None = None,
    also_at: Sequence[Clinic] = (),
    wish: Wish | None = None,
    earliest: date | None = None,
    latest: date | None = None,
    notice_hours: int = 24,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> WaitingEntry:
    """The patient waits for a place: for the phase as a whole, or for an earlier time of one `session`.

    `earliest` and `latest` are clinic-local dates, both inclusive; `notice_hours` is how long before a visit
    the patient must be told. Who joins again for the same thing has their wishes replaced, and keeps their
    place in the list. It promises nothing and changes nothing that is booked.

    Whoever would come to other clinics for the same phase as well (`also_at`) waits there in the same step,
    and nowhere any more once one of them has served them. Refuses that of a visit, which stays at its clinic.
    The entry that is returned is the one at `clinic`.

    Refuses with `Stale` where that entry is not at `if_version` any more; 0 stands for none yet.
    """
    if session is not None and also_at:
        raise Invalid("also_at", "A visit that is booked stays at its clinic.")
    clinics = list(dict.fromkeys([clinic, *also_at]))
    for one in clinics:
        admit(actor, clinic_id=one.id, patient_id=patient.id)
    if session is not None:
        phase = _phase_of(session, patient, clinic, protocol, now=now)
    else:
        for one in reversed(clinics):  # each must offer it; the phase is that of the first
            version = current_version(protocol, clinic=one, now=now)
        phase = resolve_phase(version, phase, patient_id=patient.id)
    wanted: dict[str, Any] = {
        "phase": phase,
        "wish": _kept(wish or Wish()),
        "earliest": earliest,
        "latest": latest,
        "notice_hours": notice_hours,
    }
    _check(wanted, today=now.astimezone(clinic.zone).date())
    with transaction.atomic(durable=True):
        # Whoever presses twice at once waits here for the first press.
        Patient.objects.select_for_update().filter(id=patient.id).values_list("id").get()
        standing = _standing(patient, clinic, protocol, session)
        present = standing.version if standing else 0
        if if_version not in (None, present):
            raise Stale(version=present)
        joined = [_join(patient, one, protocol, session, wanted, actor=actor, now=now) for one in clinics]
    return joined[0]


def _join(
    patient: Patient,
    clinic: Clinic,
    protocol: Protocol,
    session: Session | None,
    wanted: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> WaitingEntry:
    entry = _standing(patient, clinic, protocol, session)
    if entry is None:
        entry = WaitingEntry(patient=patient, clinic=clinic, protocol=protocol, created_at=now)
        entry.session, entry.series = session, session.series if session else None
    elif all(getattr(entry, name) == value for name, value in wanted.items()):
        return entry
    else:
        entry.version += 1
    for name, value in wanted.items():
        setattr(entry, name, value)
    entry.save()
    row = waited.entry("waiting_joined", entry, after=waited.facts(entry), actor=actor, now=now)
    journal.write([row])
    return entry


def _standing(
    patient: Patient, clinic: Clinic, protocol: Protocol, session: Session | None
) -> WaitingEntry | None:
    """Their open entry for the same thing."""
    open_ones = WaitingEntry.objects.filter(patient=patient, closed_at__isnull=True)
    return open_ones.filter(clinic=clinic, protocol=protocol, session=session).first()


def leave_waiting_list(entry: WaitingEntry, *, actor: Actor, now: datetime) -> WaitingEntry:
    """The patient waits no longer. Refuses with WrongState when that is so already."""
    admit(actor, clinic_id=entry.clinic_id, patient_id=entry.patient_id)
    with transaction.atomic(durable=True):
        entry = WaitingEntry.objects.select_for_update().get(id=entry.id)
        if entry.closed_at is not None:
            raise WrongState("This place on the waiting list is given up already.", now="closed", allowed=())
        journal.write(waited.end([entry], waited.LEFT, actor=actor, now=now))
    entry.refresh_from_db()
    return entry


def _phase_of(
    session: Session, patient: Patient, clinic: Clinic, protocol: Protocol, *, now: datetime
) -> str:
    session = reread(session.id)
    if session.patient_id != patient.id:
        raise NotFound("There is no such session.")
    if (session.clinic_id, session.series.protocol_version.protocol_id) != (clinic.id, protocol.id):
        raise Invalid("session", "That visit is at another clinic, or of another treatment.")
    if session.status not in lifecycle.MOVABLE or session.start <= now:
        raise WrongState("That visit cannot be earlier any more.", now=session.status, allowed=())
    return session.series.phase


def _check(wanted: dict[str, Any], *, today: date) -> None:
    earliest, latest = wanted["earliest"], wanted["latest"]
    if latest is not None and latest < max(today, earliest or today):
        raise Invalid("latest", "This is before the first date.")
    if not 0 <= wanted["notice_hours"] <= LONGEST_NOTICE_HOURS:
        raise Invalid("notice_hours", f"Between 0 and {LONGEST_NOTICE_HOURS} hours.")


def _kept(wish: Wish) -> dict[str, Any]:
    return {
        "weekdays": sorted(wish.weekdays),
        "not_before": wish.not_before.isoformat("minutes") if wish.not_before else None,
        "not_after": wish.not_after.isoformat("minutes") if wish.not_after else None,
    }
