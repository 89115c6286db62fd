"""Ada, who has booked, and the addresses of her pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from bookings.actors import patient_actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.links import issue_link
from bookings.commands.proposals import propose_moves
from bookings.models import Patient, Proposal, Role, Series, Session
from tests.browser.practice import NEW_YORK, Practice
from tests.cast import make_patient, make_staff


@dataclass(frozen=True)
class Booked:
    """Ada, whose six visits begin on the Monday after next, Mondays and Thursdays at ten."""

    ada: Patient
    series: Series

    def session(self, number: int) -> Session:
        return self.series.sessions.select_related("patient").get(number=number)

    def link(self, purpose: str, **about: Any) -> str:
        """The address of a fresh link of hers."""
        plain = issue_link(self.ada, purpose=purpose, now=timezone.now(), **about)
        return {"sign_in": f"/l/{plain}/", "visit": f"/v/{plain}/", "proposal": f"/p/{plain}/"}[purpose]

    def proposed(self, practice: Practice) -> Proposal:
        """The desk would have the last visit a day later."""
        desk = make_staff("desk@harbor.example", "Dee", "Alvarez", Role.FRONT_DESK, practice.clinic)
        later = self.session(6).start + timedelta(days=1)
        return propose_moves(
            self.series, moves={6: later}, reason="", actor=staff_actor(desk), now=timezone.now()
        )


def book(practice: Practice) -> Booked:
    ada = make_patient("Ada", "Quill", number=1)
    today = datetime.now(NEW_YORK).date()
    monday = today + timedelta(days=14 - today.weekday())
    days = [monday + timedelta(days=ahead) for ahead in (0, 3, 7, 10, 14, 17)]
    series = book_series(
        ada,
        clinic=practice.clinic,
        protocol=practice.drip,
        starts=[datetime.combine(day, time(10), NEW_YORK) for day in days],
        actor=patient_actor(ada),
        now=timezone.now(),
    )
    return Booked(ada, series)
