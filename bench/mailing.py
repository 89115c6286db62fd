"""Many messages that are due: a reminder by email and one by text for each of many patients, at noon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bookings.models import Chair, Clinic, Consent, Patient, ProtocolVersion, Series, Session
from notifications.kinds import Channel, Kind
from notifications.models import Message

_BLOCK = 500


def noon_zone(now: datetime) -> str:
    """A zone in which it is between noon and one, so that nobody's quiet hours are near."""
    ahead = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def due_messages(
    clinic: Clinic,
    version: ProtocolVersion,
    *,
    patients: int,
    now: datetime,
    waits: Sequence[timedelta] = (timedelta(),),
) -> None:
    """So many patients with one visit tomorrow each, and two reminders of it, due after one of the `waits`,
    taken in turn. All have agreed to texts. Written past the commands: nobody books here.
    """
    chair = Chair.objects.filter(clinic=clinic)[0]
    start = now + timedelta(hours=23)
    for first in range(0, patients, _BLOCK):
        numbers = range(first, min(first + _BLOCK, patients))
        people = [_patient(number, clinic) for number in numbers]
        courses = [_series(patient, clinic, version, now) for patient in people]
        visits = [_visit(one, chair, start) for one in courses]
        Patient.objects.bulk_create(people)
        Consent.objects.bulk_create(_agreed(patient, now) for patient in people)
        Series.objects.bulk_create(courses)
        Session.objects.bulk_create(visits)
        Message.objects.bulk_create(
            _reminder(visit, channel, due_at=now + waits[number % len(waits)], now=now)
            for number, visit in zip(numbers, visits, strict=True)
            for channel in (Channel.EMAIL, Channel.TEXT)
        )


def _patient(number: int, clinic: Clinic) -> Patient:
    return Patient(
        first_name="Avery",
        last_name=f"Example {number}",
        email=f"patient{number}@mail.example",
        phone=f"+1{201 + number // 100}55501{number % 100:02}",  # reserved for fiction in every area
        time_zone=clinic.time_zone,
        language="es" if number % 4 == 0 else "en",
    )


def _series(patient: Patient, clinic: Clinic, version: ProtocolVersion, now: datetime) -> Series:
    return Series(
        patient=patient,
        clinic=clinic,
        protocol_version=version,
        phase=version.rules["phases"][0]["name"],
        spacing_group=version.rules["spacing_group"],
        status="active",
        created_at=now,
    )


def _visit(series: Series, chair: Chair, start: datetime) -> Session:
    return Session(
        series=series,
        patient_id=series.patient_id,
        clinic_id=series.clinic_id,
        number=1,
        status="booked",
        chair=chair,
        start=start,
        end=start + timedelta(hours=2),
        chair_until=start + timedelta(hours=2, minutes=30),
    )


def _agreed(patient: Patient, now: datetime) -> Consent:
    return Consent(
        patient=patient, purpose="texts", wording="Text me.", language="en", source="page", given_at=now
    )


def _reminder(visit: Session, channel: Channel, *, due_at: datetime, now: datetime) -> Message:
    patient = visit.series.patient
    return Message(
        key=f"reminder:{visit.id}:v1:1d:{channel}",
        kind=Kind.REMINDER,
        channel=channel,
        recipient=patient.email if channel == Channel.EMAIL else patient.phone,
        language=patient.language,
        patient=patient,
        series=visit.series,
        session=visit,
        session_version=1,
        days_before=1,
        facts={"sessions": [{"id": str(visit.id), "start": visit.start.astimezone(UTC).isoformat()}]},
        due_at=due_at,
        expires_at=visit.start - timedelta(hours=2),
        created_at=now,
    )
