"""Patients: added and changed by staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, Stale
from bookings.models import Patient

#: What may be given when a patient is added, and changed later.
DETAILS = ("first_name", "last_name", "birth_date", "email", "phone", "time_zone", "language")


def add_patient(*, details: Mapping[str, Any], actor: Actor, now: datetime) -> Patient:
    """A patient with those details. Families share contacts, so nobody is refused for another's address.

    Refuses with `Invalid` a name of more than one line.
    """
    _refuse_broken_names(details)
    patient = Patient(**{name: details[name] for name in DETAILS if name in details})
    with transaction.atomic(durable=True):
        patient.save(force_insert=True)
        journal.record("patient_added", actor=actor, now=now, patient=patient, after=_facts(patient))
    return patient


def change_patient(
    patient: Patient,
    *,
    changes: Mapping[str, Any],
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Patient:
    """Other details. Refuses with `Stale` when `if_version` is no longer the patient's version, and with
    `Invalid` a name of more than one line.
    """
    _refuse_broken_names(changes)
    with transaction.atomic(durable=True):
        patient = Patient.objects.select_for_update().get(id=patient.id)
        if if_version is not None and if_version != patient.version:
            raise Stale(version=patient.version)
        before = _facts(patient)
        for name in DETAILS:
            if name in changes:
                setattr(patient, name, changes[name])
        after = _facts(patient)
        changed = [name for name in DETAILS if after[name] != before[name]]
        if changed:
            patient.version += 1
            patient.save()
            journal.record(
                "patient_changed",
                actor=actor,
                now=now,
                patient=patient,
                before={name: before[name] for name in changed},
                after={name: after[name] for name in changed},
            )
    return patient


def _refuse_broken_names(details: Mapping[str, Any]) -> None:
    """Names go into the headings of emails and into lists, where a line of their own could say anything."""
    for name in ("first_name", "last_name"):
        if not str(details.get(name, "")).isprintable():
            raise Invalid(name, "A name is on one line, without control characters.")


def _facts(patient: Patient) -> dict[str, Any]:
    values = {name: getattr(patient, name) for name in DETAILS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
