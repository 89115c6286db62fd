"""What the clinic offers, and to whom: the engine's answers to questions that book nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from bookings import judging, snapshot
from bookings.actors import Actor
from bookings.errors import NotFound
from bookings.models import Clinic, ProtocolVersion, Series, Session
from bookings.settling import Settled, one_request, settled
from scheduler.case import Case, Place, Wish
from scheduler.diary import Diary
from scheduler.openings import Opening, Refusal, explain, openings
from scheduler.protocol import Phase, Protocol
from scheduler.series import Effort, Plan, Unplannable, earliest_plan, plan_series
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
        diary = _kept(self.clinic.id, before, last, diary)
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
        """Every place for one session, by clinic-local date. Refuses a patient whose course waits for re-
        evaluation, who could book none of them.
        """
        self._refuse_who_must_be_seen([self.number])
        return openings(self.case(first, last), first=first, last=last, number=self.number)

    def refused(self, first: date, last: date) -> tuple[Refusal, ...]:
        """Every other start within opening hours, with the rules that stand in its way."""
        return explain(self.case(first, last), first=first, last=last, number=self.number)

    def plans(
        self,
        *,
        sessions: int,
        earliest: date,
        latest: date,
        wish: Wish,
        limit: int,
        further: int | None = None,
    ) -> tuple[Case, Settled[tuple[Plan, ...] | Unplannable]]:
        """The best plans for so many sessions, and the case in which they hold; whether they are proven best.
        Those after the first may take `further` steps of the engine, where that is said.

        A patient's clearance counts once they have one; who has none may look, and asks for one by booking.
        Refuses a patient whose course waits for re-evaluation.
        """
        self._refuse_who_must_be_seen(range(1, sessions + 1))
        case = self.case(earliest, latest, wish=wish)
        if self.patient_id and self.protocol.needs_clearance:
            standing = judging.standing_of(self.patient_id, self.version.protocol_id)
            places = [Place(number, minute(self.now)) for number in range(1, sessions + 1)]
            case = judging.with_clearance(case, judging.best_clearance(case, places, standing, self.now))
        numbers = range(1, sessions + 1)

        def ask(last: date, effort: Effort) -> tuple[Plan, ...] | Unplannable:
            return plan_series(
                case, numbers=numbers, earliest=earliest, latest=last, limit=limit, effort=effort
            )

        def as_early_as_can_be(effort: Effort) -> tuple[Plan, ...] | None:
            plan = earliest_plan(case, numbers=numbers, earliest=earliest, latest=latest, effort=effort)
            return None if plan is None else (plan,)

        return case, settled(
            ask,
            earliest=earliest,
            latest=latest,
            effort=one_request(further=further),
            otherwise=as_early_as_can_be,
        )

    def _refuse_who_must_be_seen(self, numbers: Sequence[int]) -> None:
        if self.actor.kind != "patient" or self.actor.id is None:
            return
        if judging.standing_of(self.actor.id, self.version.protocol_id).lapsed:
            raise judging.must_be_seen(numbers)

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


def _kept(clinic_id: UUID, first: date, last: date, diary: Diary) -> Diary:
    """The diary, or an equal one from before, which keeps what was worked out by it (`scheduler.vacancy`).

    Many people look at the same days between two bookings. What is taken is read anew each time all the same.
    """
    before = _diaries.get((clinic_id, first, last))
    if before is not None and before.claims == diary.claims:
        return before
    if len(_diaries) >= _DIARIES_KEPT:
        _diaries.clear()
    _diaries[clinic_id, first, last] = diary
    return diary


_diaries: dict[tuple[UUID, date, date], Diary] = {}
_DIARIES_KEPT = 64


_OFFERED = """
    SELECT clinic.*, (
        SELECT version.id FROM bookings_protocolversion version
        JOIN bookings_protocol protocol ON protocol.id = version.protocol_id
        JOIN bookings_protocol_clinics offered ON offered.protocol_id = protocol.id
        WHERE offered.clinic_id = clinic.id AND version.signed_at <= %(now)s
          AND (protocol.id = %(protocol_id)s OR protocol.slug = %(protocol)s)
        ORDER BY version.version DESC LIMIT 1
    ) AS version_id
    FROM bookings_clinic clinic WHERE clinic.id = %(clinic_id)s OR clinic.slug = %(clinic)s
"""


def offered(clinic: str, protocol: str, *, now: datetime) -> tuple[Clinic, ProtocolVersion]:
    """The clinic, and the version of the protocol that is booked there now; each by its id or slug. One
    query.

    Refuses with NotFound when there is no such clinic, or when it does not offer the protocol.
    """
    asked = {"now": now, "clinic": clinic, "protocol": protocol}
    asked |= {"clinic_id": _as_id(clinic), "protocol_id": _as_id(protocol)}
    # Written out, because building the same query from models takes longer than asking it.
    found = next(iter(Clinic.objects.raw(_OFFERED, asked)), None)
    if found is None:
        raise NotFound("There is no such clinic.")
    version_id: UUID | None = found.version_id  # type: ignore[attr-defined]
    if version_id is None:
        raise NotFound("The clinic does not offer this protocol.")
    version = _versions.get(version_id)
    if version is None:  # one that is signed never changes, so that it can be kept
        version = ProtocolVersion.objects.select_related("protocol").get(id=version_id)
        _versions[version_id] = version
    return found, version


_versions: dict[UUID, ProtocolVersion] = {}


def _as_id(key: str) -> UUID | None:
    return UUID(key) if len(key) == 36 and _ID.fullmatch(key) else None


_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
