"""A clinic where it is between ten and eleven in the morning whenever a test runs, with a day's visits.

Browsers and pages have no clock but the real one, so it is the clinic's zone that gives way. The browsers of
the tests stand in New York: what they show is the clinic's wall all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bookings.actors import staff_actor
from bookings.commands.book import book_series
from bookings.models import Chair, Clinic, Patient, Protocol, Role, Series, Session, StaffMember
from tests.cast import make_chairs, make_clinic, make_protocol, make_shifts, make_staff
from tests.treatments import BOOSTER, KET6

DAYS = 60


@dataclass(frozen=True)
class Clinic10:
    """Everybody and everything, saved."""

    clinic: Clinic
    chairs: list[Chair]
    desk: StaffMember
    nurse: StaffMember
    prescriber: StaffMember
    manager: StaffMember
    course: Protocol
    single: Protocol

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.clinic.zone).date()

    def at(self, clock: str, *, days: int = 0) -> datetime:
        """An instant by the clinic's wall, today or so many days later."""
        return datetime.combine(
            self.today + timedelta(days=days), time.fromisoformat(clock), self.clinic.zone
        )

    def path(self, tail: str = "day/") -> str:
        return f"/desk/{self.clinic.slug}/{tail}"

    def book(self, patient: Patient, *starts: datetime) -> Series:
        """Booked last week: one visit, or a course of six."""
        return book_series(
            patient,
            clinic=self.clinic,
            protocol=self.single if len(starts) == 1 else self.course,
            starts=starts,
            actor=staff_actor(self.desk),
            now=self.now - timedelta(days=7),
        )


def make_clinic_at_ten(*, chairs: int = 4) -> Clinic10:
    hours = 10 - datetime.now(UTC).hour
    hours += 24 if hours < -12 else 0
    clinic = make_clinic(
        "harbor",
        time_zone=f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT",  # whose signs are the other way round
        weekdays=range(1, 8),
        opens=time(8),
        closes=time(18),
    )
    today = datetime.now(clinic.zone).date()
    people = {
        role: make_staff(f"{role}@harbor.example", name, "Vale", role, clinic)
        for role, name in (
            (Role.FRONT_DESK, "Dee"),
            (Role.NURSE, "Nadia"),
            (Role.PRESCRIBER, "Priya"),
            (Role.MANAGER, "Max"),
        )
    }
    others = [
        make_staff(f"{name}@harbor.example".lower(), name, "Sato", Role.NURSE, clinic)
        for name in ("Ben", "Cy", "Ida")
    ]
    for nurse in (people[Role.NURSE], *others):
        last, days = today + timedelta(days=DAYS), range(1, 8)
        make_shifts(clinic, nurse, time(8), time(18), first=today, last=last, weekdays=days)
    return Clinic10(
        clinic=clinic,
        chairs=make_chairs(clinic, *(f"C{number:02}" for number in range(1, chairs + 1))),
        desk=people[Role.FRONT_DESK],
        nurse=people[Role.NURSE],
        prescriber=people[Role.PRESCRIBER],
        manager=people[Role.MANAGER],
        course=make_protocol(KET6, clinic, signed_by=people[Role.PRESCRIBER]),
        single=make_protocol(BOOSTER, clinic, signed_by=people[Role.PRESCRIBER]),
    )


def make_full_day(at: Clinic10, *, visits: int) -> None:
    """So many visits today, chair by chair, written straight into the tables: who comes does not matter."""
    version = at.single.versions.get()
    rows, per_chair = [], -(-visits // len(at.chairs))
    length = timedelta(minutes=600 // per_chair // 5 * 5)
    people = Patient.objects.bulk_create(
        Patient(first_name=f"Pat{number}", last_name=f"Lane{number:03}") for number in range(visits)
    )
    courses = Series.objects.bulk_create(
        Series(
            patient=patient,
            clinic=at.clinic,
            protocol_version=version,
            phase="maintenance",
            spacing_group="ketamine",
            status="active",
            created_at=at.now,
        )
        for patient in people
    )
    for number, (patient, series) in enumerate(zip(people, courses, strict=True)):
        start = at.at("08:00") + length * (number % per_chair)
        ends = {"end": start + length * 0.8, "chair_until": start + length}
        chair = at.chairs[number // per_chair]
        rows.append(
            Session(
                series=series,
                patient=patient,
                clinic=at.clinic,
                number=1,
                chair=chair,
                start=start,
                status="booked",
                **ends,
            )
        )
    Session.objects.bulk_create(rows)
