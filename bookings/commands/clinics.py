"""Clinics: made and changed by a manager."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, Stale
from bookings.given_once import given_once
from bookings.locking import roster_lock
from bookings.models import Clinic, SessionStatus, StaffMember

#: What may be given when a clinic is made, and changed later.
DETAILS = (
    "slug",
    "name",
    "time_zone",
    "phone",
    "address",
    "grid_minutes",
    "nursing_mode",
    "patients_per_nurse",
    "stagger_starts",
    "stagger_minutes",
    "hold_minutes",
    "no_show_after_minutes",
    "levelling",
)
_SLUG_ONCE = "bookings_clinic_slug_key"


def add_clinic(*, details: Mapping[str, Any], actor: Actor, now: datetime) -> Clinic:
    """A new clinic, closed until it has hours. The member of staff who makes it works there from now on."""
    clinic = Clinic(**{name: details[name] for name in DETAILS if name in details})
    with transaction.atomic(durable=True):
        with given_once(slug=_SLUG_ONCE):
            clinic.save(force_insert=True)
        if actor.is_staff and actor.id is not None:
            StaffMember.objects.get(id=actor.id).clinics.add(clinic)
        journal.record("clinic_added", actor=actor, now=now, clinic=clinic, after=_facts(clinic))
    return clinic


def change_clinic(
    clinic: Clinic,
    *,
    changes: Mapping[str, Any],
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Clinic:
    """Other details or settings. What is booked stays, also where the new settings would not allow it.

    The time zone stays once anything is booked: the same hours would mean other instants. Refuses with
    `Stale` when `if_version` is no longer the roster's version.
    """
    with roster_lock(clinic.id):
        clinic = Clinic.objects.get(id=clinic.id)
        if if_version is not None and if_version != clinic.roster_version:
            raise Stale(version=clinic.roster_version)
        before = _facts(clinic)
        for name in DETAILS:
            if name in changes:
                setattr(clinic, name, changes[name])
        after = _facts(clinic)
        if after == before:
            return clinic
        if after["time_zone"] != before["time_zone"] and _is_booked(clinic):
            raise Invalid("time_zone", "Sessions are booked here: the time zone stays.")
        clinic.roster_version += 1
        with given_once(slug=_SLUG_ONCE):
            clinic.save()
        changed = [name for name in DETAILS if after[name] != before[name]]
        journal.record(
            "clinic_changed",
            actor=actor,
            now=now,
            clinic=clinic,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return clinic


def _facts(clinic: Clinic) -> dict[str, Any]:
    return {name: getattr(clinic, name) for name in DETAILS}


def _is_booked(clinic: Clinic) -> bool:
    dead = (SessionStatus.CANCELLED, SessionStatus.NO_SHOW, SessionStatus.COMPLETED)
    return clinic.sessions.exclude(status__in=dead).exists()
