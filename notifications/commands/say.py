"""Say something that no change in the diary asked for: once more, or what somebody signs in with."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bookings.errors import NotFound, WrongState
from bookings.models.ids import new_id
from notifications import timing
from notifications.channels import text
from notifications.kinds import Channel, Kind, Status
from notifications.models import ERASED, Message
from notifications.rules import ANSWERS
from notifications.ways import NO_TEXTS

#: What a message that is said again has in common with the first one.
_SAID = (
    "kind",
    "channel",
    "language",
    "patient_id",
    "series_id",
    "clinic_id",
    "session_id",
    "session_version",
    "days_before",
    "facts",
)
CODE_KEEPS = timedelta(minutes=10)  # as long as a code or a link to sign in works


def resend(message: Message, *, now: datetime) -> Message:
    """Say something again that was sent, or was not: a new row, due at once, with another second look before
    it goes.

    While such a row is on its way, that one is returned and nothing is written. Raises WrongState for a
    message that is on its way itself or is no longer true, NotFound for what somebody signed in with.
    """
    if message.kind in ANSWERS:
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
            recipient=row.recipient,
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
    return _answer(Kind.LOGIN_CODE, contact, secret=code, language=language, facts={}, now=now)


def announce_link(contact: str, *, token: str, name: str, language: str, now: datetime) -> Message:
    """Write the message that carries a link to sign in: for `name`, where several share the contact. Its
    secret stands in its body alone, until it has been sent.
    """
    facts = {"first_name": name}
    return _answer(Kind.LOGIN_LINK, contact, secret=token, language=language, facts=facts, now=now)


def _answer(
    kind: Kind, contact: str, *, secret: str, language: str, facts: dict[str, str], now: datetime
) -> Message:
    channel = Channel.EMAIL if "@" in contact else Channel.TEXT
    possible = channel == Channel.EMAIL or text.is_set_up()
    id = new_id()  # noqa: A001
    return Message.objects.create(
        id=id,
        key=f"{kind}:{id}",
        kind=kind,
        channel=channel,
        recipient=contact,
        language=language,
        facts=facts,
        due_at=now,
        expires_at=now + CODE_KEEPS,
        created_at=now,
        body=secret if possible else ERASED,
        status=Status.PLANNED if possible else Status.SUPPRESSED,
        reason="" if possible else NO_TEXTS,
    )
