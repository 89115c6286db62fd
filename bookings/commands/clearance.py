"""A prescriber's permission to be treated."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from bookings import journal, snapshot, watchlist
from bookings.actors import Actor
from bookings.covered import is_short
from bookings.errors import Invalid, NotAllowed
from bookings.gaps import long_gaps
from bookings.lifecycle import LIVE
from bookings.locking import diary_lock
from bookings.models import (
    Clearance,
    JournalEntry,
    Patient,
    Protocol,
    Role,
    Series,
    SeriesStatus,
    Session,
    SessionStatus,
)
from scheduler.violations import Rule

_WAITING = (SeriesStatus.REQUESTED, SeriesStatus.LAPSED)
#: No clinic's clock is further behind UTC.
_WESTERNMOST = timedelta(hours=12)


def grant_clearance(
    patient: Patient, *, protocol: Protocol, sessions: int, expires: date, actor: Actor, now: datetime
) -> Clearance:
    """So many sessions of the protocol, the last of them on `expires` in the clinic's wall-clock.

    Series of the patient that wait, requested or lapsed, become active in the order in which they were made,
    as far as the clearance covers all their sessions to come. Their gaps past the hard maximum are accepted
    with it. Active ones whose own clearance does not cover all that is booked of them, or missing, go on
    under this one in the same way. Only a prescriber grants.
    """
    if not (actor.is_staff and actor.role == Role.PRESCRIBER and actor.id is not None):
        raise NotAllowed("Only a prescriber grants a clearance.")
    if expires < (now - _WESTERNMOST).date():
        raise Invalid("expires", "This day is over.")
    with diary_lock([], [patient.id], now=now):
        clearance = Clearance.objects.create(
            patient=patient,
            protocol=protocol,
            sessions=sessions,
            expires=expires,
            granted_by_id=actor.id,
            granted_at=now,
        )
        facts = {
            "clearance": str(clearance.id),
            "protocol": str(protocol.id),
            "sessions": sessions,
            "expires": expires.isoformat(),
        }
        entries = [
            journal.entry("clearance_granted", actor=actor, now=now, patient=patient, after=facts),
            *(
                _activate(series, to_come, clearance=clearance, actor=actor, now=now)
                for series, to_come in _covered(clearance, now=now)
            ),
        ]
        journal.write(entries)
    return clearance


def _covered(clearance: Clearance, *, now: datetime) -> list[tuple[Series, list[Session]]]:
    """The series that wait, or are short of clearance, whose sessions to come it covers, with these sessions;
    oldest first.
    """
    course = (
        Series.objects.filter(
            patient_id=clearance.patient_id,
            protocol_version__protocol_id=clearance.protocol_id,
            status__in=(*_WAITING, SeriesStatus.ACTIVE),
        )
        .select_related("clinic")
        .order_by("created_at", "id")
    )
    active = [series.id for series in course if series.status == SeriesStatus.ACTIVE]
    short = {one.series.id for one in watchlist.load(active, now=now) if is_short(one)}
    waiting = [series for series in course if series.status in _WAITING or series.id in short]
    live: dict[UUID, list[Session]] = {series.id: [] for series in waiting}
    for session in Session.objects.filter(series__in=live, status__in=LIVE, start__gte=now):
        live[session.series_id].append(session)
    left = clearance.sessions
    covered = []
    for series in waiting:
        to_come = live[series.id]
        dates = [session.start.astimezone(series.clinic.zone).date() for session in to_come]
        if len(to_come) <= left and all(day <= clearance.expires for day in dates):
            covered.append((series, to_come))
            left -= len(to_come)
    return covered


def _activate(
    series: Series, to_come: list[Session], *, clearance: Clearance, actor: Actor, now: datetime
) -> JournalEntry:
    before = series.status
    series.status, series.clearance = SeriesStatus.ACTIVE, clearance
    series.version += 1
    series.save(update_fields=["status", "clearance", "version"])
    _accept_gaps(series, actor=actor, now=now)
    requested = [session for session in to_come if session.status == SessionStatus.REQUESTED]
    for session in requested:
        session.status, session.version = SessionStatus.BOOKED, session.version + 1
    Session.objects.bulk_update(requested, ["status", "version"])
    return journal.entry(
        "series_cleared",
        actor=actor,
        now=now,
        series=series,
        before={"status": before},
        after={"status": series.status, "clearance": str(clearance.id)},
    )


def _accept_gaps(series: Series, *, actor: Actor, now: datetime) -> None:
    """Whoever clears a course that waits has looked at the gaps that it has: each is kept as an override."""
    timeline = snapshot.load_patient(series.patient_id)
    gaps = long_gaps(timeline, series=str(series.id), decided=(), cleared_on=None)
    override = {
        "rule": Rule.MAX_GAP.value,
        "reason": "Cleared to go on.",
        "by": str(actor.id),
        "at": now.isoformat(),
    }
    for session in Session.objects.filter(id__in=[gap.session for gap in gaps]):
        if not any(one["rule"] == Rule.MAX_GAP for one in session.overrides):
            session.overrides, session.version = [*session.overrides, override], session.version + 1
            session.save(update_fields=["overrides", "version"])
