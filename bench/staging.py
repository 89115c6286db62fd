"""Puts the measured clinic, its treatment and somebody who may book into the database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bench import clinic as measured
from bench.filling import Where
from bookings.actors import Actor, staff_actor
from bookings.api.authentication import digest_of
from bookings.models import (
    AccessToken,
    Chair,
    Clinic,
    OpeningHours,
    Patient,
    Protocol,
    ProtocolVersion,
    Role,
    Shift,
    StaffMember,
)
from bookings.models.ids import new_id
from scheduler.protocol import Protocol as Rules
from scheduler.spans import instant


@dataclass(frozen=True)
class Stage:
    """What a measurement books with."""

    clinic: Clinic
    protocol: Protocol
    version: ProtocolVersion
    desk: Actor
    token: str

    def patients(self, count: int) -> list[Patient]:
        """So many new patients, without any history."""
        rows = [Patient(first_name="Bench", last_name="Caller") for _ in range(count)]
        return Patient.objects.bulk_create(rows)


def stage(*, first: date, days: int, now: datetime) -> Stage:
    """The measured clinic, open from `first` for so many days, its treatment signed, one desk signed in."""
    prescriber = _staff("prescriber", Role.PRESCRIBER)
    protocol = Protocol.objects.create(slug=measured.PROTOCOL.slug)
    version = ProtocolVersion.objects.create(
        protocol=protocol,
        version=1,
        rules=as_json(measured.PROTOCOL),
        created_at=now,
        created_by=prescriber,
        signed_at=now,
        signed_by=prescriber,
    )
    clinic = open_clinic("bench", protocol)
    nurses = [_staff(f"nurse{number}", Role.NURSE) for number in range(measured.NURSES)]
    Shift.objects.bulk_create(
        Shift(clinic=clinic, nurse=nurse, starts=opens, ends=opens + timedelta(hours=9))
        for day in (first + timedelta(days=n) for n in range(days))
        if day.isoweekday() <= 5
        for opens in [instant(measured.opening(day))]
        for nurse in nurses
    )
    desk = _staff("desk", Role.FRONT_DESK)
    desk.clinics.add(clinic)
    token = secrets.token_urlsafe(32)
    expires = now + timedelta(days=1)
    AccessToken.objects.create(digest=digest_of(token), staff=desk, created_at=now, expires_at=expires)
    return Stage(clinic, protocol, version, staff_actor(desk), token)


def open_clinic(slug: str, protocol: Protocol) -> Clinic:
    """A clinic with the measured hours and chairs, that offers the treatment."""
    clinic = Clinic.objects.create(slug=slug, name=f"Clinic {slug}", time_zone=measured.ZONE.key)
    OpeningHours.objects.bulk_create(
        OpeningHours(clinic=clinic, weekday=weekday, opens=measured.OPENS, closes=measured.CLOSES)
        for weekday in range(1, 6)
    )
    Chair.objects.bulk_create(
        Chair(id=new_id(), clinic=clinic, name=f"Chair {number:02}")
        for number in range(1, measured.CHAIRS + 1)
    )
    protocol.clinics.add(clinic)
    return clinic


def where(clinic: Clinic, version: ProtocolVersion) -> Where:
    """The clinic as `filling` wants it."""
    chairs = Chair.objects.filter(clinic=clinic).order_by("name").values_list("id", flat=True)
    return Where(clinic.id, tuple(chairs), version.id, clinic.roster_version)


def as_json(rules: Rules) -> dict[str, Any]:
    """The treatment in the words of the contract."""
    [phase] = rules.phases
    spacing = phase.spacing
    limit = spacing.rolling_limit
    return {
        "slug": rules.slug,
        "name": rules.name,
        "spacing_group": rules.spacing_group,
        "phases": [
            {
                "name": phase.name,
                "sessions": phase.sessions,
                "spacing": {
                    "min_gap_minutes": spacing.min_gap_minutes,
                    "min_gap_days": spacing.min_gap_days,
                    "target_gap_days": spacing.target_gap_days,
                    "soft_max_gap_days": spacing.soft_max_gap_days,
                    "max_gap_days": spacing.max_gap_days,
                    "complete_within_days": spacing.complete_within_days,
                    "rolling_limit": {"sessions": limit.sessions, "days": limit.days} if limit else None,
                },
            }
        ],
        "washouts": [],
        "steps": [
            {"name": step.name, "minutes": step.minutes, "nurse": step.nurse.value, "patient": step.patient}
            for step in rules.steps
        ],
        "lead_time_hours": rules.lead_time_hours,
        "horizon_days": rules.horizon_days,
        "cancel_cutoff_hours": rules.cancel_cutoff_hours,
        "needs_clearance": rules.needs_clearance,
        "needs_escort": rules.needs_escort,
    }


def _staff(name: str, role: Role) -> StaffMember:
    return StaffMember.objects.create(
        email=f"{name}@bench.example", first_name=name, last_name="Bench", role=role
    )
