"""Say something that no change in the diary asked for: once more, or a code to sign in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bookings.errors import NotFound, WrongState
from bookings.models.ids import new_id
from notifications import compose, timing
from notifications.kinds import Channel, Kind, Status
from notifications.models import ERASED, Message
from notifications.policy import NO_TEXTS

#: What a message that is said again has in common with the first one.
_SAID = (
    "kind",
    "channel",
    "language",
    "patient_id",
    "series_id",
    "session_id",
    "session_version",
    "days_before",
    "facts",
)
CODE_KEEPS = timedelta(minutes=10)  # as long as the code works


def resend(message: Message, *, now: datetime) -> Message:
    """Say something again that was sent, or was not: a new row, due at once, with another second look before
    it goes.

    While such a row is on its way, that one is returned and nothing is written. Raises WrongState for a
    message that is on its way itself or is no longer true, NotFound for a code to sign in.
    """
    if message.kind == Kind.LOGIN_CODE:
        raise NotFound("There is no such message.")
    with transaction.atomic(durable=True):
        row = Message.objects.select_for_update(of=("self",)).select_related("patient").get(id=message.id)
        again = Message.objects.filter(key__startswith=f"again:{row.id}:")
        if waiting := again.filter(status__in=[Status.PLANNED, Status.SENDING]).first():
            return waiting
        if row.status in (Status.PLANNED, Status.SENDING, Status.WITHDRAWN):
            raise WrongState(f"This message is {row.status}.", now=row.status, allowed=[])
        copy = Message(
            key=f"again:{row.id}:{again.count() + 1}",
            recipient=row.patient.email if row.patient else row.recipient,
            due_at=now,
            expires_at=max(row.expires_at, now + timing.NOTICE_KEEPS),
            created_at=now,
            **{name: getattr(row, name) for name in _SAID},
        )
        copy.save()
    return copy


def announce_code(contact: str, *, code: str, language: str, now: datetime) -> Message:
    """Write the message that carries a code to sign in. The code stands in its body alone, until it has been
    sent.
    """
    words = compose.compose(Kind.LOGIN_CODE, language=language, code=code)
    by_email = "@" in contact
    id = new_id()  # noqa: A001
    return Message.objects.create(
        id=id,
        key=f"{Kind.LOGIN_CODE}:{id}",
        kind=Kind.LOGIN_CODE,
        channel=Channel.EMAIL if by_email else Channel.TEXT,
        recipient=contact,
        language=language,
        due_at=now,
        expires_at=now + CODE_KEEPS,
        created_at=now,
        subject=words.subject,
        body=words.text if by_email else ERASED,
        status=Status.PLANNED if by_email else Status.SUPPRESSED,
        reason="" if by_email else NO_TEXTS,
    )
