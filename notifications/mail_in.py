"""The mail provider's door, where there is one: django-anymail reads its reports and checks who sent them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from notifications.commands.bounces import note_bounce

#: Codes and words of a mailbox that is full or busy: RFC 3463's 4.x.x, and 5.2.2, which is full as well.
_PASSING = re.compile(
    r"\b(?:4\.\d+\.\d+|5\.2\.2|4[25]\d)\b|\b(?:soft|transient|temporar|full|quota|try again)", re.IGNORECASE
)


def listen() -> None:
    """Hear what django-anymail's views make of a provider's reports."""
    from anymail.signals import tracking

    tracking.connect(_heard, dispatch_uid="notifications.mail_in")


def _heard(sender: object, *, event: Any, **_: Any) -> None:
    raw = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    told = (event.mta_response, event.description, raw.get("event"), raw.get("Type"))
    note_bounce(
        _id((event.metadata or {}).get("message", "")),
        provider_id=event.message_id or "",
        said=str(event.event_type or ""),
        reason=str(event.reject_reason or ""),
        passing=any(_PASSING.search(str(words)) for words in told if words),
        now=timezone.now(),  # noqa: TID251  a door
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None
