"""One cast for all tests: two clinics, their staff, three patients and the treatments they come for.

NORTH is in New York, weekdays 08:00-17:00, chairs N1 N2 N3, nurses Ana (to 16:30) and Ben. WEST is in
Phoenix, which has no daylight saving, chairs W1 W2, nurse Cy.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bookings import snapshot
from bookings.actors import Actor, patient_actor, staff_actor
from bookings.models import (
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
from tests import database
from tests.treatments import BOOSTER, ESKETAMINE, INFLIXIMAB, KET6

#: Wednesday 1 April 2026, 08:00 in New York: the present, unless a test says otherwise.
NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
PHOENIX = ZoneInfo("America/Phoenix")
#: The days for which there are shifts.
SHIFTS_FROM, SHIFTS_TO = date(2026, 3, 2), date(2026, 5, 29)


@dataclass(frozen=True)
class Cast:
    """Everybody and everything, saved."""

    north: Clinic
    west: Clinic
    n1: Chair
    n2: Chair
    n3: Chair
    w1: Chair
    w2: Chair
    desk: StaffMember
    ana: StaffMember  # nurses
    ben: StaffMember
    cy: StaffMember
    prescriber: StaffMember
    manager: StaffMember
    ada: Patient
    bea: Patient
    carl: Patient
    ket6: Protocol
    booster: Protocol
    esketamine: Protocol
    infliximab: Protocol

    @property
    def as_desk(self) -> Actor:
        return staff_actor(self.desk)

    @property
    def as_nurse(self) -> Actor:
        return staff_actor(self.ana)

    @property
    def as_prescriber(self) -> Actor:
        return staff_actor(self.prescriber)

    @property
    def as_manager(self) -> Actor:
        return staff_actor(self.manager)

    @property
    def as_ada(self) -> Actor:
        return patient_actor(self.ada)


@pytest.fixture
def cast(db, kept_cast: bytes) -> Cast:
    """The whole cast, saved in the test's database."""
    database.restore()
    # Clinics and versions have the numbers that they had in the last test, and may not be what they were.
    snapshot._supplies.clear()
    snapshot._protocols.clear()
    return pickle.loads(kept_cast)


@pytest.fixture(scope="session")
def kept_cast(django_db_setup, django_db_blocker) -> bytes:
    """The cast as it was saved, its rows kept aside: it is written once, and copied before each test."""
    with django_db_blocker.unblock():
        made = pickle.dumps(make_cast())
        database.keep()
        database.empty()
    return made


def make_cast() -> Cast:
    """Save the whole cast."""
    north = make_clinic("north", time_zone="America/New_York")
    west = make_clinic("west", time_zone="America/Phoenix")
    n1, n2, n3 = make_chairs(north, "N1", "N2", "N3")
    w1, w2 = make_chairs(west, "W1", "W2")
    both = (north, west)
    desk = make_staff("desk@north.example", "Dee", "Alvarez", Role.FRONT_DESK, *both)
    ana = make_staff("ana@north.example", "Ana", "Reyes", Role.NURSE, north)
    ben = make_staff("ben@north.example", "Ben", "Okafor", Role.NURSE, north)
    cy = make_staff("cy@west.example", "Cy", "Lind", Role.NURSE, west)
    prescriber = make_staff("prescriber@north.example", "Pia", "Roth", Role.PRESCRIBER, *both)
    manager = make_staff("manager@north.example", "Max", "Gray", Role.MANAGER, *both)
    make_shifts(north, ana, time(8), time(16, 30))
    make_shifts(north, ben, time(8), time(17))
    make_shifts(west, cy, time(8), time(17))
    return Cast(
        north=north,
        west=west,
        n1=n1,
        n2=n2,
        n3=n3,
        w1=w1,
        w2=w2,
        desk=desk,
        ana=ana,
        ben=ben,
        cy=cy,
        prescriber=prescriber,
        manager=manager,
        ada=make_patient("Ada", "Quill", number=1),
        bea=make_patient("Bea", "Sands", number=2),
        carl=make_patient("Carl", "Thorn", number=3),
        ket6=make_protocol(KET6, *both, signed_by=prescriber),
        booster=make_protocol(BOOSTER, *both, signed_by=prescriber),
        esketamine=make_protocol(ESKETAMINE, *both, signed_by=prescriber),
        infliximab=make_protocol(INFLIXIMAB, *both, signed_by=prescriber),
    )


def make_clinic(
    slug: str,
    *,
    time_zone: str,
    weekdays: range | tuple[int, ...] = range(1, 6),
    opens: time = time(8),
    closes: time = time(17),
    **settings: Any,
) -> Clinic:
    """A clinic that is open at the same hours on those weekdays."""
    clinic = Clinic.objects.create(slug=slug, name=slug.title(), time_zone=time_zone, **settings)
    OpeningHours.objects.bulk_create(
        OpeningHours(clinic=clinic, weekday=weekday, opens=opens, closes=closes) for weekday in weekdays
    )
    return clinic


def make_chairs(clinic: Clinic, *names: str) -> list[Chair]:
    return Chair.objects.bulk_create(Chair(clinic=clinic, name=name) for name in names)


def make_staff(email: str, first_name: str, last_name: str, role: Role, *clinics: Clinic) -> StaffMember:
    """A member of staff whose password is `correct horse battery`."""
    staff = StaffMember.objects.create_user(
        email, "correct horse battery", first_name=first_name, last_name=last_name, role=role
    )
    staff.clinics.add(*clinics)
    return staff


def make_patient(
    first_name: str, last_name: str, *, number: int, time_zone: str = "America/New_York"
) -> Patient:
    """A patient with a telephone number and address that nobody has; `number` 0-99 tells them apart."""
    return Patient.objects.create(
        first_name=first_name,
        last_name=last_name,
        birth_date=date(1980, 1, 1) + timedelta(days=number),
        email=f"{first_name.lower()}@mail.example",
        phone=f"+120255501{number:02}",
        time_zone=time_zone,
    )


def make_shifts(
    clinic: Clinic,
    nurse: StaffMember,
    starts: time,
    ends: time,
    *,
    first: date = SHIFTS_FROM,
    last: date = SHIFTS_TO,
    weekdays: range | tuple[int, ...] = range(1, 6),
) -> list[Shift]:
    """The same shift, clinic wall-clock, on each of those weekdays from first to last."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return Shift.objects.bulk_create(
        Shift(
            clinic=clinic,
            nurse=nurse,
            starts=datetime.combine(day, starts, clinic.zone),
            ends=datetime.combine(day, ends, clinic.zone),
        )
        for day in days
        if day.isoweekday() in weekdays
    )


def make_protocol(rules: dict[str, Any], *clinics: Clinic, signed_by: StaffMember | None) -> Protocol:
    """A protocol with a first version in effect, offered at those clinics."""
    protocol = Protocol.objects.create(slug=rules["slug"])
    protocol.clinics.add(*clinics)
    make_version(protocol, rules, signed_by=signed_by)
    return protocol


def make_version(
    protocol: Protocol, rules: dict[str, Any], *, signed_by: StaffMember | None
) -> ProtocolVersion:
    """The next version; in effect at once where somebody signs it."""
    return ProtocolVersion.objects.create(
        protocol=protocol,
        version=protocol.versions.count() + 1,
        rules=rules,
        created_at=NOW - timedelta(days=90),
        signed_at=NOW - timedelta(days=90) if signed_by else None,
        signed_by=signed_by,
    )


def new_york(text: str) -> datetime:
    """An instant by New York's wall-clock, such as "2026-04-06 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def phoenix(text: str) -> datetime:
    """An instant by Phoenix's wall-clock."""
    return datetime.fromisoformat(text).replace(tzinfo=PHOENIX)


#: Ada's six Mondays and Thursdays at 10:00.
MONDAYS_AND_THURSDAYS = [new_york(f"2026-04-{day} 10:00") for day in ("06", "09", "13", "16", "20", "23")]
