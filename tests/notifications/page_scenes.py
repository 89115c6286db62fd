"""What tests of pages about messages have in common."""

from __future__ import annotations

from typing import Any

from django.test import Client

from bookings.models import Consent, JournalEntry, Session
from notifications.models import CalendarFeed, Choices, Message, OptOut


def do(client: Client, what: str, **fields: str) -> Any:
    """Press a button of the page of messages."""
    return client.post("/my/messages/", {"do": what, **fields}, follow=True)


def everything() -> list[list[dict[str, Any]]]:
    """All that a page about messages could change."""
    tables = (Choices, CalendarFeed, OptOut, Consent, JournalEntry, Session, Message)
    return [list(table.objects.order_by("pk").values()) for table in tables]
