"""Which booked sessions no longer keep their place after a change of the roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from bookings import snapshot
from bookings.models import Clinic, Session, SessionStatus
from scheduler.diary import Diary
from scheduler.rules import Case, Place, check
from scheduler.spans import minute
from scheduler.supply import Supply
from scheduler.violations import Rule, Violation

#: What a change of the roster can break; spacing, notice and the pace of starts are as they were.
_JUDGED = frozenset({Rule.CLOSED, Rule.CHAIR, Rule.NURSING})
_NOT_JUDGED = frozenset(Rule) - _JUDGED
_WAITING = (
    SessionStatus.REQUESTED,
    SessionStatus.BOOKED,
    SessionStatus.CONFIRMED,
    SessionStatus.ARRIVED,
)


@dataclass(frozen=True)
class Displaced:
    """A session that stays where it is until a person moves it, and the rules that its place breaks."""

    session: Session
    violations: tuple[Violation, ...]


def waiting(clinic: Clinic, *, now: datetime) -> QuerySet[Session]:
    """The sessions of a clinic that are to come or due now, and not yet running."""
    return clinic.sessions.filter(status__in=_WAITING, chair_until__gt=now)


def displaced(
    clinic: Clinic, sessions: QuerySet[Session], *, now: datetime, supply: Supply | None = None
) -> tuple[Displaced, ...]:
    """Those of the waiting sessions whose place breaks a rule of hours, chair or nursing; in order of time.

    A rule that was overridden for a session, with a reason, is not held against it again. `supply`: what the
    clinic would offer, where it is not what it offers now. Two queries: the sessions and the diary around
    them.
    """
    found = list(
        sessions.select_related("series__protocol_version__protocol", "chair", "clinic", "patient").order_by(
            "start", "id"
        )
    )
    if not found:
        return ()
    first = min(session.start for session in found).astimezone(clinic.zone).date()
    last = max(session.chair_until for session in found).astimezone(clinic.zone).date()
    diary = snapshot.load_diary(clinic, first, last, now=now)
    supply = supply or snapshot.supply_of(clinic)
    judged = (Displaced(session, _broken(supply, session, diary, now=now)) for session in found)
    return tuple(one for one in judged if one.violations)


def _broken(supply: Supply, session: Session, diary: Diary, *, now: datetime) -> tuple[Violation, ...]:
    start, until = minute(session.start), minute(session.chair_until)
    # Only what lies around it: an index over the whole diary for each session would cost its square.
    around = Diary(tuple(claim for claim in diary.near(start, until) if claim.id != str(session.id)))
    protocol = snapshot.protocol_of(session.series.protocol_version)
    case = Case(
        supply=supply,
        diary=around,
        protocol=protocol,
        phase=protocol.phase(session.series.phase),
        now=minute(now),
        by_patient=False,
    )
    overridden = {override["rule"] for override in session.overrides}
    place = Place(session.number, start, str(session.chair_id))
    violations = check(case, [place], skip=_NOT_JUDGED)
    return tuple(violation for violation in violations if violation.rule not in overridden)
