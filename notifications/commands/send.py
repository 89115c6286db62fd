"""Send what is due: take messages, settle each, put lost ones back.

A message is sent outside any transaction, between `take` and `settle`. A worker that dies in between leaves a
row `sending` with an attempt that has no end; `recover` tries it again under the same identity, because a
reminder that comes twice is better than one that never comes, and a mailbox can tell that they are the same.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from notifications import carrying, delivery, dossier, timing
from notifications.batch import KEPT_LINK, LINK, Batch, Taken, erase
from notifications.channels import NotSent
from notifications.falling_back import after_failure, arrived
from notifications.kinds import Channel, Status
from notifications.models import Attempt, Message, StatusReport

__all__ = ["BATCH", "LOST_AFTER", "Taken", "put_back", "recover", "settle", "take", "take_due"]

#: So many messages are taken in one transaction; each is then sent and settled by itself.
BATCH = 50
LOST_AFTER = timedelta(minutes=10)  # longer than a task may run

# One statement, because this is what most messages come to.
_SENT = """
    WITH tried AS (
        UPDATE notifications_attempt SET ended_at = %(now)s, outcome = 'sent'
        WHERE message_id = %(id)s AND number = %(attempt)s
    )
    UPDATE notifications_message
    SET status = 'sent', reason = '', sent_at = %(now)s,
        provider_id = CASE WHEN id = %(id)s THEN %(provider)s ELSE '' END,
        body = CASE WHEN kind IN ('login_code', 'login_link') THEN '(erased)'
                    ELSE regexp_replace(body, %(link)s, %(kept)s, 'g') END
    WHERE status = 'sending' AND (
        id = %(id)s AND attempts = %(attempt)s
        OR id = ANY (%(carries)s) AND carried_by_id = %(id)s
    )
    RETURNING id
"""

_log = logging.getLogger(__name__)


def take(message: UUID, *, now: datetime) -> Taken | None:
    """Take a due message for sending, after a second look at the diary. None: there is nothing to send.

    Two workers never get the same one. A message that is not to be sent any more says why afterwards.
    """
    return next(iter(take_due(now=now, only=message)), None)


def take_due(*, now: datetime, limit: int = BATCH, only: UUID | None = None) -> list[Taken]:
    """Take as many due messages for sending, longest waiting first, each after a second look at the diary.

    Two workers never get the same one. A text takes along what else its recipient would get by text today.
    A fixed number of queries, but for the links.
    """
    with transaction.atomic(durable=True):
        waiting = (
            Message.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("patient", "series__clinic", "clinic")
            .filter(status=Status.PLANNED)
        )
        rows = carrying.undisturbed(_due(waiting, now=now, limit=limit, only=only))
        if not rows:
            return []
        others = carrying.companions(rows, waiting=waiting, now=now)
        return Batch(rows, others, dossier.load([*rows, *others], now=now), now=now).work()


def _due(waiting: QuerySet[Message], *, now: datetime, limit: int, only: UUID | None) -> list[Message]:
    # What another text was to carry waits for that one.
    due = waiting.filter(due_at__lte=now, carried_by__isnull=True).order_by("due_at", "id")
    return list(due.filter(id=only) if only else due[:limit])


def settle(taken: Taken, outcome: str | NotSent, *, now: datetime) -> Message | None:
    """Write down what became of a message that was taken: the provider's id, or why it was not sent.

    Refused for ever, or once too often, or with no time left for another try: `failed`, and what
    `falling_back` does then. Otherwise it waits again. Returns the row of one that was refused.
    """
    with transaction.atomic(durable=True):
        if isinstance(outcome, NotSent):
            return _refused(taken, outcome, now=now)
        with connection.cursor() as cursor:
            cursor.execute(
                _SENT,
                {
                    "id": taken.message,
                    "attempt": taken.attempt,
                    "now": now,
                    "provider": str(outcome),
                    "link": LINK,
                    "kept": KEPT_LINK,
                    "carries": list(taken.carries),
                },
            )
            settled = cursor.rowcount
        if settled and taken.ends_task:
            arrived(Message.objects.get(id=taken.message), now=now)
        if settled and taken.channel == Channel.TEXT:
            _hear(taken, now=now)
    return None


def _hear(taken: Taken, *, now: datetime) -> None:
    """The carrier may have told of the text before we had written down that it has it."""
    if StatusReport.objects.filter(message=taken.message).exists():
        delivery.catch_up(_locked(taken.message), now=now)


def _whole() -> QuerySet[Message]:
    return Message.objects.select_related("patient", "series")


def _locked(message: UUID) -> Message:
    return _whole().select_for_update(of=("self",)).get(id=message)


def put_back(taken: Taken, *, now: datetime) -> None:
    """A message that was taken and not tried waits again, as if nothing had happened."""
    with transaction.atomic(durable=True):
        row = Message.objects.select_for_update().get(id=taken.message)
        if row.status == Status.SENDING and row.attempts == taken.attempt:
            Attempt.objects.filter(message=row, number=row.attempts).delete()
            row.status, row.attempts = Status.PLANNED, row.attempts - 1
            row.save(update_fields=["status", "attempts"])
            carrying.set_down(row)


def recover(message: UUID, *, now: datetime) -> None:
    """Put a message back that was taken `LOST_AFTER` ago or earlier and never settled, for another try."""
    with transaction.atomic(durable=True):
        lost = _whole().filter(id=message, status=Status.SENDING, claimed_at__lte=now - LOST_AFTER)
        # What went along in a text follows it.
        row = lost.filter(carried_by__isnull=True).select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return
        detail = "the worker that had it went away"
        Attempt.objects.filter(message=row, number=row.attempts).update(outcome="lost", detail=detail)
        if delivery.catch_up(row, now=now):
            return  # it was handed over
        _again(row, NotSent(detail, for_ever=False), now=now)


def _refused(taken: Taken, refusal: NotSent, *, now: datetime) -> Message:
    row = _locked(taken.message)
    Attempt.objects.filter(message=row, number=taken.attempt).update(
        ended_at=now, outcome="never" if refusal.for_ever else "later", detail=refusal.detail[:500]
    )
    if row.status != Status.SENDING or row.attempts != taken.attempt:
        return row  # given up as lost meanwhile, and taken by another
    delivery.note_refusal(row, refusal.code, now=now)
    if not delivery.catch_up(row, now=now):  # else it was handed over, though nobody answered
        _again(row, refusal, now=now)
    return row


def _again(row: Message, refusal: NotSent, *, now: datetime) -> None:
    """Another try later, with all that goes along; or the end of it."""
    wait = None if refusal.for_ever else timing.retry_after(row.attempts)
    row.reason = refusal.detail[:500]
    failed = wait is None or now + wait >= row.expires_at
    if wait is None or failed:
        row.status = Status.FAILED
        _log.error("message %s failed after %d attempts", row.id, row.attempts)
    else:
        row.status, row.due_at = Status.PLANNED, now + wait
    erase(row)
    row.save()
    carrying.follow(row)
    if failed:
        carried = row.carries.select_related("patient", "series")
        for one in (row, *carried.filter(status=Status.FAILED)):
            after_failure(one, detail=row.reason, now=now)
