"""A clinic that never closes, around a change of clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bookings.actors import staff_actor
from bookings.commands.book import book_series
from bookings.models import Role
from tests.cast import (
    BOOSTER,
    make_chairs,
    make_clinic,
    make_patient,
    make_protocol,
    make_shifts,
    make_staff,
)

#: Zone, the local date of the change, and by how much the day is longer or shorter.
CHANGES = [
    ("America/New_York", date(2026, 3, 8), -60),
    ("America/New_York", date(2026, 11, 1), 60),
    ("Europe/London", date(2026, 3, 29), -60),
    ("Europe/London", date(2026, 10, 25), 60),
    ("Australia/Lord_Howe", date(2026, 4, 5), 30),
    ("Australia/Lord_Howe", date(2026, 10, 4), -30),
    ("America/Phoenix", date(2026, 3, 8), 0),
    ("America/Phoenix", date(2026, 11, 1), 0),
]


class Place:
    """A clinic that is open day and night, with two nurses, in a zone, around a date."""

    def __init__(self, zone, day):
        self.zone, self.day = ZoneInfo(zone), day
        self.now = datetime.combine(day - timedelta(days=10), time(12), UTC)
        self.clinic = make_clinic("here", time_zone=zone, weekdays=range(1, 8), opens=time(0), closes=time(0))
        make_chairs(self.clinic, "One", "Two")
        self.desk = make_staff("desk@here.example", "Dee", "Here", Role.FRONT_DESK, self.clinic)
        for starts, ends in ((time(0), time(12)), (time(12), time(23, 59))) * 2:
            make_shifts(
                self.clinic,
                self.desk,
                starts,
                ends,
                first=day - timedelta(days=5),
                last=day + timedelta(days=5),
                weekdays=range(1, 8),
            )
        self.patient = make_patient("Eve", "Hours", number=77)

    def protocol(self, **spacing):
        phases = [{"name": "maintenance", "sessions": None, "spacing": spacing}]
        rules = {**BOOSTER, "slug": f"p{len(spacing)}{sum(spacing.values())}", "phases": phases}
        return make_protocol(rules, self.clinic, signed_by=self.desk)

    def local(self, days, clock, *, fold=0):
        return datetime.combine(self.day + timedelta(days=days), clock, self.zone).replace(fold=fold)

    def book(self, start, protocol):
        series = book_series(
            self.patient,
            clinic=self.clinic,
            protocol=protocol,
            starts=[start],
            actor=staff_actor(self.desk),
            now=self.now,
        )
        return series.sessions.get()
