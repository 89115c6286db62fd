"""What the clinic offers, and to whom: the engine's answers to questions that book nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from bookings import judging, snapshot
from bookings.actors import Actor
from bookings.errors import NotFound
from bookings.models import Clinic, ProtocolVersion, Series, Session
from scheduler.case import Case, Place, Wish
from scheduler.openings import Opening, Refusal, explain, openings
from scheduler.protocol import Phase, Protocol
from scheduler.series import Plan, Unplannable, plan_series
from scheduler.spans import minute

MOST_DAYS = 92
MOST_SESSIONS = 52


@dataclass(frozen=True)
class Offer:
    """One phase of a protocol at one clinic, as asked about by somebody.

    `patient`: through whose sessions it is seen. `series` and `leaving`: the series in question, and those of
    its sessions that are to be placed anew and do not stand in their own way.
    """

    clinic: Clinic
    version: ProtocolVersion
    phase: Phase
    actor: Actor
    now: datetime
    patient_id: UUID | None = None
    series: Series | None = None
    leaving: tuple[Session, ...] = ()

    @cached_property
    def protocol(self) -> Protocol:
        return snapshot.protocol_of(self.version)

    @cached_property
    def today(self) -> date:
        """The clinic-local date of now."""
        return self.now.astimezone(self.clinic.zone).date()

    def case(self, first: date, last: date, *, wish: Wish | None = None) -> Case:
        """The question to the engine. At most two queries: the diary of those dates, and the patient's
        sessions.
        """
        supply, leaving = snapshot.supply_of(self.clinic), [str(session.id) for session in self.leaving]
        # A visit may run past midnight, and a window of starts may begin before it.
        before = first - timedelta(days=1) if supply.start_stagger else first
        diary = snapshot.load_diary(
            self.clinic,
            before,
            last + timedelta(days=1),
            now=self.now,
            without_holds_of=self.patient_id,
        )
        booked = snapshot.load_patient(self.patient_id, without_sessions=leaving) if self.patient_id else ()
        return Case(
            supply=supply,
            diary=diary.without(leaving) if leaving else diary,
            protocol=self.protocol,
            phase=self.phase,
            now=minute(self.now),
            by_patient=self.actor.is_patient,
            booked=booked,
            series=str(self.series.id) if self.series else None,
            wish=wish or Wish(),
        )

    @property
    def number(self) -> int:
        """The number of the session that is asked about: the first that is placed anew, or the next of the
        series.
        """
        if self.leaving:
            return self.leaving[0].number
        return self.series.sessions.count() + 1 if self.series else 1

    def openings(self, first: date, last: date) -> dict[date, tuple[Opening, ...]]:
        """Every place for one session, by clinic-local date."""
        return openings(self.case(first, last), first=first, last=last, number=self.number)

    def refused(self, first: date, last: date) -> tuple[Refusal, ...]:
        """Every other start within opening hours, with the rules that stand in its way."""
        return explain(self.case(first, last), first=first, last=last, number=self.number)

    def plans(
        self, *, sessions: int, earliest: date, latest: date, wish: Wish, limit: int
    ) -> tuple[Case, tuple[Plan, ...] | Unplannable]:
        """The best plans for so many sessions, and the case in which they hold.

        A patient's clearance counts once they have one; who has none may look, and asks for one by booking.
        """
        case = self.case(earliest, latest, wish=wish)
        if self.patient_id and self.protocol.needs_clearance:
            standing = judging.standing_of(self.patient_id, self.version.protocol_id)
            places = [Place(number, minute(self.now)) for number in range(1, sessions + 1)]
            case = judging.with_clearance(case, judging.best_clearance(case, places, standing, self.now))
        numbers = range(1, sessions + 1)
        return case, plan_series(case, numbers=numbers, earliest=earliest, latest=latest, limit=limit)

    def latest_for(self, earliest: date, sessions: int) -> date:
        """The last date at which a whole course from `earliest` on is looked for, unless the asker names one.

        Twice the time that the course would take at its widest gaps, but no longer than a patient may book
        ahead.
        """
        spacing = self.phase.spacing
        widest = spacing.soft_max_gap_days or spacing.max_gap_days or spacing.target_gap_days or 7
        widest = max(widest, spacing.min_gap_days)
        length = spacing.complete_within_days or widest * sessions
        latest = earliest + timedelta(days=min(2 * length + 14, 366))
        if not self.actor.is_patient:
            return latest
        return max(earliest, min(latest, self.today + timedelta(days=self.protocol.horizon_days)))


def version_in_effect(clinic: Clinic, protocol: str, *, is_id: bool) -> ProtocolVersion:
    """The version of the protocol (by id or slug) that is booked at the clinic today. One query.

    Refuses with NotFound when the clinic does not offer the protocol, or no prescriber has signed it.
    """
    key = {"protocol_id" if is_id else "protocol__slug": protocol}
    version = (
        ProtocolVersion.objects.filter(protocol__clinics=clinic, signed_at__isnull=False, **key)
        .select_related("protocol")
        .defer("rules")
        .order_by("-version")
        .first()
    )
    if version is None:
        raise NotFound("The clinic does not offer this protocol.")
    return version
