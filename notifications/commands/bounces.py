"""Write down what a mail provider reports about an email."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from notifications import falling_back, optouts
from notifications.kinds import Channel, Status
from notifications.models import ERASED, Message, StatusReport

#: django-anymail's words for what it did not deliver, and never will.
_LOST = frozenset({"bounced", "rejected", "failed"})
_DELIVERED = "delivered"
#: Its words that end all mail to an address, and why.
_UNWANTED = {"complained": "complained", "unsubscribed": "stop"}
#: Its reasons that say that there is nobody at the address, or nobody who wants our mail.
_DEAD = {"bounced": "bounced", "invalid": "bounced", "spam": "complained", "unsubscribed": "stop"}
#: What we keep; whether somebody opened a mail or followed a link is nobody's business.
_KEPT = _LOST | {_DELIVERED, "deferred", *_UNWANTED}


def note_bounce(
    message: UUID | None,
    *,
    provider_id: str,
    said: str,
    reason: str = "",
    passing: bool = False,
    now: datetime,
) -> Message | None:
    """Keep what was said of an email, and bring its message in line with it; None: there is none of ours.

    `said` and `reason` are django-anymail's words, `passing` whether the address may take mail another day.
    A mail that came back is failed, and said by another way or by somebody with a telephone; an address that
    is dead, or whose owner complains, gets no more. Told twice, or after something that outranks it, it
    changes nothing.
    """
    if said not in _KEPT:
        return None
    with transaction.atomic(durable=True):
        emails = Message.objects.select_for_update(of=("self",)).select_related("series", "patient")
        ours = emails.filter(channel=Channel.EMAIL)
        row = (ours.filter(id=message) if message else _by_provider_id(ours, provider_id)).first()
        if row is None:
            return None
        _, new = StatusReport.objects.get_or_create(
            message=row,
            provider_id=provider_id[:200],
            said=said[:24],
            error=reason[:24],
            defaults={"at": now},
        )
        if new:
            _take_in(row, said, reason, passing=passing, now=now)
    return row


def _by_provider_id(rows: QuerySet[Message], provider_id: str) -> QuerySet[Message]:
    bare = provider_id.strip("<>")
    return rows.filter(provider_id__in=[provider_id, bare, f"<{bare}>"] if bare else [])


def _take_in(row: Message, said: str, reason: str, *, passing: bool, now: datetime) -> None:
    why = _UNWANTED.get(said) or (_DEAD.get(reason, "") if said in _LOST and not passing else "")
    if why:
        optouts.opt_out(Channel.EMAIL, row.recipient, why=why, now=now)
    if said == _DELIVERED and row.status in (Status.PLANNED, Status.SENDING, Status.SENT):
        row.status, row.reason = Status.DELIVERED, ""
        row.sent_at, row.delivered_at = row.sent_at or now, now
        _keep(row)
    elif said in _LOST and row.status in (Status.SENDING, Status.SENT, Status.DELIVERED):
        detail = f"the email came back: {said}" + (f", {reason}" if reason and reason != said else "")
        row.status, row.reason, row.delivered_at = Status.FAILED, detail, None
        row.sent_at = row.sent_at or now
        _keep(row)
        falling_back.after_failure(row, detail=detail, now=now)


def _keep(row: Message) -> None:
    if row.patient_id is None:
        row.body = ERASED  # a code to sign in
    row.save()
