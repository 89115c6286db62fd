"""A clinic whose coming weeks can be booked, by the clock of now: browsers and pages have no other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bookings.demo.depression import ESKETAMINE, KETAMINE_IV
from bookings.models import Clinic, Protocol, Role, Shift
from tests.cast import make_chairs, make_clinic, make_protocol, make_staff

NEW_YORK = ZoneInfo("America/New_York")
WEEKS = 12


@dataclass(frozen=True)
class Practice:
    """One clinic, open on weekdays, and its treatments."""

    clinic: Clinic
    drip: Protocol  # six visits within three weeks; no clearance
    spray: Protocol  # eight visits; a prescriber looks first

    def plans(self, protocol: Protocol | None = None, **query: str) -> str:
        """The address of the plans for a treatment."""
        said = "&".join(f"{name}={value}" for name, value in query.items())
        return f"/book/{self.clinic.slug}/{(protocol or self.drip).id}/{'?' if said else ''}{said}"

    def leave_one_chair(self) -> None:
        """From now on the clinic has a single chair."""
        self.clinic.chairs.exclude(name="Chair 1").update(retired_at=datetime.now(NEW_YORK))
        Clinic.objects.filter(id=self.clinic.id).update(roster_version=self.clinic.roster_version + 1)


def make_practice(*, chairs: int = 3, **settings: Any) -> Practice:
    clinic = make_clinic("harbor", time_zone="America/New_York", phone="+12025550142", **settings)
    Clinic.objects.filter(id=clinic.id).update(
        name="Harbor Infusion", address="1 Example Wharf, Baltimore, MD", patients_per_nurse=3
    )
    clinic.refresh_from_db()
    for chair in make_chairs(clinic, *(f"Chair {number}" for number in range(1, chairs + 1))):
        chair.features = ["certified-setting"]
        chair.save()
    prescriber = make_staff("prescriber@harbor.example", "Priya", "Raman", Role.PRESCRIBER, clinic)
    nurses = [
        make_staff(f"{name.lower()}@harbor.example", name, "Okafor", Role.NURSE, clinic)
        for name in ("Nadia", "Ben")
    ]
    today = datetime.now(NEW_YORK).date()
    for nurse in nurses:
        Shift.objects.bulk_create(
            Shift(clinic=clinic, nurse=nurse, starts=_at(day, time(8)), ends=_at(day, time(17)))
            for day in (today + timedelta(days=ahead) for ahead in range(WEEKS * 7))
            if day.isoweekday() <= 5
        )
    priced = KETAMINE_IV | {"price": {"amount": "475.00", "currency": "USD"}}
    return Practice(
        clinic=clinic,
        drip=make_protocol(priced, clinic, signed_by=prescriber),
        spray=make_protocol(ESKETAMINE, clinic, signed_by=prescriber),
    )


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, NEW_YORK)
