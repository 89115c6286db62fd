"""Send what is due: take a message, settle it, put lost ones back.

A message is sent outside any transaction, between `take` and `settle`. A worker that dies in between leaves a
row `sending` with an attempt that has no end; `recover` tries it again under the same Message-ID, because a
reminder that comes twice is better than one that never comes, and a mailbox can tell that they are the same.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from bookings import tasklist
from bookings.models import Clinic, Session, Task, TaskKind
from notifications import compose, timing
from notifications.channels import Letter, NotSent
from notifications.kinds import Channel, Kind, Status
from notifications.models import ERASED, Attempt, Message
from notifications.planning import zone_of
from notifications.policy import Draft, Now, Verdict, second_look

LOST_AFTER = timedelta(minutes=10)  # longer than a task may run

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in the hands of one worker, ready to go."""

    message: UUID
    attempt: int
    channel: str
    letter: Letter


def take(message: UUID, *, now: datetime) -> Taken | None:
    """Take a due message for sending, after a second look at the diary. None: there is nothing to send.

    Two workers never get the same one. A message that is not to be sent any more says why afterwards.
    """
    with transaction.atomic(durable=True):
        row = (
            Message.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("patient", "series__clinic")
            .filter(id=message, status=Status.PLANNED, due_at__lte=now)
            .first()
        )
        if row is None:
            return None
        sessions = _sessions_of(row)
        verdict = _judge(row, sessions, now=now)
        if verdict.status != Status.SENDING:
            _put_aside(row, verdict)
            return None
        if row.kind != Kind.LOGIN_CODE:
            told = [session for session in sessions if str(session.id) in verdict.sessions]
            words = _compose(row, told)
            row.subject, row.body = words.subject, words.text
        row.status, row.reason, row.claimed_at = Status.SENDING, "", now
        row.attempts += 1
        row.save()
        Attempt.objects.create(message=row, number=row.attempts, began_at=now)
    words = compose.Words(row.subject, row.body)
    letter = Letter(
        id=str(row.id),
        recipient=row.recipient,
        subject=words.subject,
        text=words.text,
        html=compose.as_html(words, language=row.language),
    )
    return Taken(row.id, row.attempts, row.channel, letter)


def settle(taken: Taken, outcome: str | NotSent, *, now: datetime) -> Message:
    """Write down what became of a message that was taken: the provider's id, or why it was not sent.

    Refused for ever, or once too often, or with no time left for another try: `failed`. Otherwise it waits
    again.
    """
    with transaction.atomic(durable=True):
        row = Message.objects.select_for_update().get(id=taken.message)
        refusal = outcome if isinstance(outcome, NotSent) else None
        said = "sent" if refusal is None else "never" if refusal.for_ever else "later"
        Attempt.objects.filter(message=row, number=taken.attempt).update(
            ended_at=now, outcome=said, detail=refusal.detail[:500] if refusal else ""
        )
        if row.status != Status.SENDING or row.attempts != taken.attempt:
            return row  # given up as lost meanwhile, and taken by another
        if refusal is None:
            row.status, row.reason, row.sent_at, row.provider_id = Status.SENT, "", now, str(outcome)
        else:
            _after_refusal(row, refusal, now=now)
        _erase(row)
        row.save()
        _tell_people(row, now=now)
    return row


def recover(message: UUID, *, now: datetime) -> None:
    """Put a message back that was taken `LOST_AFTER` ago or earlier and never settled, for another try."""
    with transaction.atomic(durable=True):
        row = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(id=message, status=Status.SENDING, claimed_at__lte=now - LOST_AFTER)
            .first()
        )
        if row is None:
            return
        detail = "the worker that had it went away"
        Attempt.objects.filter(message=row, number=row.attempts).update(outcome="lost", detail=detail)
        _after_refusal(row, NotSent(detail, for_ever=False), now=now)
        _erase(row)
        row.save()
        _tell_people(row, now=now)


def _sessions_of(row: Message) -> list[Session]:
    """The sessions that the message speaks of, in order of time; of a whole series, those that were ahead
    then.
    """
    if row.series is None:
        return []
    named = [each["id"] for each in row.facts.get("sessions", [])]
    sessions = Session.objects.filter(series=row.series).order_by("start")
    return list(sessions.filter(id__in=named) if named else sessions.filter(start__gt=row.created_at))


def _judge(row: Message, sessions: list[Session], *, now: datetime) -> Verdict:
    named = {each["id"]: datetime.fromisoformat(each["start"]) for each in row.facts.get("sessions", [])}
    row.recipient = row.patient.email if row.patient else row.recipient
    row.language = row.patient.language if row.patient else row.language
    clinic_zone = _clinic(row).zone if row.series else ZoneInfo("UTC")
    draft = Draft(
        kind=Kind(row.kind),
        channel=Channel(row.channel),
        recipient=row.recipient,
        expires_at=row.expires_at,
        sessions=named or {str(session.id): session.start for session in sessions},
        whole_series=not named,
    )
    diary = {str(session.id): Now(session.status, session.start) for session in sessions}
    return second_look(draft, diary, now=now, zone=zone_of(row.patient, otherwise=clinic_zone))


def _compose(row: Message, sessions: list[Session]) -> compose.Words:
    were = {each["id"]: each["before"] for each in row.facts.get("sessions", []) if "before" in each}
    return compose.compose(
        Kind(row.kind),
        language=row.language,
        clinic=_clinic(row),
        first_name=row.patient.first_name if row.patient else "",
        appointments=[
            compose.Appointment(
                session.start,
                datetime.fromisoformat(were[str(session.id)]) if str(session.id) in were else None,
            )
            for session in sessions
        ],
    )


def _clinic(row: Message) -> Clinic:
    assert row.series is not None, "only codes to sign in have no series, and they name no clinic"
    return row.series.clinic


def _put_aside(row: Message, verdict: Verdict) -> None:
    row.status, row.reason = verdict.status, verdict.reason
    if verdict.until is not None:
        row.due_at = verdict.until
    _erase(row)
    row.save()


def _after_refusal(row: Message, refusal: NotSent, *, now: datetime) -> None:
    wait = None if refusal.for_ever else timing.retry_after(row.attempts)
    if wait is None or now + wait >= row.expires_at:
        row.status, row.reason = Status.FAILED, refusal.detail[:500]
        _log.error("message %s failed after %d attempts", row.id, row.attempts)
    else:
        row.status, row.reason, row.due_at = Status.PLANNED, refusal.detail[:500], now + wait


def _tell_people(row: Message, *, now: datetime) -> None:
    """A message that failed is a task for somebody with a telephone; one that arrives at last closes it."""
    if row.series is None:
        return
    if row.status == Status.FAILED:
        detail = f"A {row.kind.replace('_', ' ')} could not be sent: {row.reason}"
        wanted = tasklist.Wanted(TaskKind.MESSAGE_FAILED, row.series, row.session_id, detail)
        tasklist.put([wanted], now=now)
    elif row.status == Status.SENT:
        tasks = Task.objects.filter(
            kind=TaskKind.MESSAGE_FAILED, series=row.series, session=row.session_id, resolved_at__isnull=True
        )
        tasklist.close(tasks.select_related("series"), why="sent", now=now)


def _erase(row: Message) -> None:
    """A code is kept no longer than it takes to send it."""
    if row.kind == Kind.LOGIN_CODE and row.status not in (Status.PLANNED, Status.SENDING):
        row.body = ERASED
