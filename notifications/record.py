"""What is kept about a patient's messages, for the patient: what went out, what came in, what was chosen."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.kept import Kept
from bookings.models import Patient
from notifications.kinds import Channel, Status
from notifications.models import Choices, InboundText, Message, OptOut

_SHOWN = 20  # so many messages on the page; all of them are in the file
_LEFT = frozenset({Status.SENT, Status.DELIVERED})
#: Secrets in addresses that a message carries: whoever has the file has a name for each, and no key.
_SECRET = re.compile(r"(?<=/)(v|p|l|calendar|messages/stop)/[^\s/<>\"]+")

_MESSAGE = ("kind", "channel", "recipient", "language", "status", "reason", "subject", "body")
_TIMES = ("created_at", "due_at", "sent_at", "delivered_at")
_TEXT = ("received_at", "sender", "body", "meaning", "session_id")
_CHOICES = ("channels", "quiet_begins", "quiet_ends")
_OUT = ("channel", "address", "why", "at", "lifted_at")
_WAYS = {Channel.EMAIL: _("by email to %(to)s"), Channel.TEXT: _("by text to %(to)s")}


def kept_about(patient: Patient) -> list[Kept]:
    """Messages to the patient, texts of theirs, their choices, and their addresses to which nothing goes.
    Four queries.
    """
    sent = list(Message.objects.filter(patient=patient).order_by("-id"))
    addresses = [address for address in (patient.email, patient.phone) if address]
    left = [message for message in sent if message.status in _LEFT][:_SHOWN]
    return [
        Kept(
            "messages",
            [_said(message, (*_MESSAGE, "session_id", *_TIMES)) for message in sent],
            gettext("Messages to you"),
            tuple(_line(message, patient) for message in left),
        ),
        Kept("texts_of_mine", [_said(one, _TEXT) for one in InboundText.objects.filter(patient=patient)]),
        Kept("message_choices", [_said(one, _CHOICES) for one in Choices.objects.filter(patient=patient)]),
        Kept("no_messages_to", [_said(one, _OUT) for one in OptOut.objects.filter(address__in=addresses)]),
    ]


def _line(message: Message, patient: Patient) -> str:
    assert message.sent_at is not None  # a constraint of the table says so
    when = date_format(localtime(message.sent_at, ZoneInfo(patient.time_zone)), "DATETIME_FORMAT")
    way = _WAYS[Channel(message.channel)] % {"to": message.recipient}
    return f"{when}, {way}: {message.subject or gettext('a text')}"


def _said(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name.removesuffix("_id"): _value(getattr(row, name)) for name in names}


def _value(value: Any) -> Any:
    if isinstance(value, datetime | time):
        return value.isoformat()
    if isinstance(value, str):
        return _SECRET.sub(r"\1/…", value)
    return str(value) if isinstance(value, UUID) else value
