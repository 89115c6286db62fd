"""Brings rows in line with the diary: which reminders there ought to be, and the row of a notice.

Everything here runs inside the caller's transaction, with a fixed number of queries however many sessions
there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q

from bookings.models import Patient, Series, Session
from notifications.kinds import Channel, Kind, Status
from notifications.models import Message
from notifications.policy import NO_ADDRESS, REMINDED, Notice
from notifications.timing import NOTICE_KEEPS, Due, reminders

#: A reminder in one of these states may still be brought in line.
_OPEN = (Status.PLANNED, Status.SUPPRESSED)
#: Sessions longer ago than this have no reminders that wait.
_PAST = timedelta(days=1)


def restudy(which: Q, *, decided_at: Callable[[Session], datetime], now: datetime) -> None:
    """Bring the reminders of the sessions that `which` selects in line with the diary.

    Afterwards each session ahead that is booked has one reminder row for each of its reminders, due by its
    present start, and no other waits. One that was due before the session was put there (`decided_at`) is
    written as lapsed.
    """
    sessions = list(Session.objects.filter(which, start__gt=now - _PAST).select_related("patient", "clinic"))
    rows: dict[UUID | None, list[Message]] = {}
    waiting = Message.objects.filter(kind=Kind.REMINDER, session__in=sessions).exclude(
        status=Status.WITHDRAWN
    )
    for row in waiting:
        rows.setdefault(row.session_id, []).append(row)
    wanted = {session.id: list(_wanted(session, now=now)) for session in sessions}
    new: list[Message] = []
    changed: list[Message] = []
    for session in sessions:
        kept = set()
        for row in rows.get(session.id, []):
            due = next((due for due in wanted[session.id] if _is_for(row, session, due)), None)
            if due is not None:
                kept.add(due.days_before)
            if row.status in _OPEN:
                changed.extend(_in_line(row, session, due, now=now))
        missing = (due for due in wanted[session.id] if due.days_before not in kept)
        new.extend(_reminder(session, due, decided_at=decided_at(session), now=now) for due in missing)
    Message.objects.bulk_create(new, ignore_conflicts=True)
    if changed:
        Message.objects.bulk_update(changed, ["recipient", "due_at", "expires_at", "status", "reason"])


def notice_row(notice: Notice, series: Series, *, now: datetime) -> Message:
    """A notice as a row, not yet written. `series` has its patient at hand."""
    patient = series.patient
    sessions = [
        {"id": about.session, "start": about.start.isoformat()}
        | ({"before": about.before.isoformat()} if about.before else {})
        for about in notice.about
    ]
    return Message(
        key=f"{notice.kind}:{notice.entry}:{Channel.EMAIL}",
        kind=notice.kind,
        channel=Channel.EMAIL,
        recipient=patient.email,
        language=patient.language,
        patient=patient,
        series=series,
        session_id=UUID(notice.about[0].session) if len(notice.about) == 1 else None,
        facts={"sessions": sessions},
        due_at=notice.at,
        expires_at=notice.at + NOTICE_KEEPS,
        created_at=now,
        **_standing(patient, late=notice.at + NOTICE_KEEPS <= now),
    )


def zone_of(patient: Patient | None, *, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone on whose wall the patient lives; `otherwise`, the clinic's, where theirs is not known."""
    try:
        return ZoneInfo(patient.time_zone) if patient and patient.time_zone else otherwise
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise


def _wanted(session: Session, *, now: datetime) -> Iterator[Due]:
    if session.status in REMINDED and session.start > now:
        zone = session.clinic.zone
        yield from reminders(session.start, clinic=zone, patient=zone_of(session.patient, otherwise=zone))


def _is_for(row: Message, session: Session, due: Due) -> bool:
    start = datetime.fromisoformat(row.facts["sessions"][0]["start"])
    return row.days_before == due.days_before and start == session.start


def _in_line(row: Message, session: Session, due: Due | None, *, now: datetime) -> Iterable[Message]:
    """The row, changed, when it was not in line."""
    if due is None:
        row.status, row.reason = Status.WITHDRAWN, _gone(session)
        return [row]
    told = (row.recipient, row.due_at, row.expires_at)
    ought = (session.patient.email, due.due_at, due.expires_at)
    if told == ought or (row.status == Status.SUPPRESSED and due.expires_at <= now):
        return []
    row.recipient, row.due_at, row.expires_at = ought
    standing = _standing(session.patient)
    row.status, row.reason = standing["status"], standing["reason"]
    return [row]


def _gone(session: Session) -> str:
    if session.status in REMINDED:
        return "the session is at another time now"
    return f"the session is {session.status.replace('_', ' ')}"


def _reminder(session: Session, due: Due, *, decided_at: datetime, now: datetime) -> Message:
    standing = _standing(session.patient, late=due.expires_at <= now)
    if due.due_at <= decided_at:
        standing = {
            "status": Status.LAPSED,
            "reason": "its hour was over when the session was booked or moved",
        }
    return Message(
        key=f"{Kind.REMINDER}:{session.id}:v{session.version}:{due.days_before}d:{Channel.EMAIL}",
        kind=Kind.REMINDER,
        channel=Channel.EMAIL,
        recipient=session.patient.email,
        language=session.patient.language,
        patient_id=session.patient_id,
        series_id=session.series_id,
        session=session,
        session_version=session.version,
        days_before=due.days_before,
        facts={"sessions": [{"id": str(session.id), "start": session.start.astimezone(UTC).isoformat()}]},
        due_at=due.due_at,
        expires_at=due.expires_at,
        created_at=now,
        **standing,
    )


def _standing(patient: Patient, *, late: bool = False) -> dict[str, str]:
    if late:
        return {"status": Status.LAPSED, "reason": "too late to be of use"}
    if patient.email:
        return {"status": Status.PLANNED, "reason": ""}
    return {"status": Status.SUPPRESSED, "reason": NO_ADDRESS}
