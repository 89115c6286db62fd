"""The date that a page of the desk is about."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from bookings.frontdesk.access import Desk

#: No clinic's diary reaches so far, and Python's own dates end not far beyond.
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


def today(desk: Desk) -> date:
    """The date of now on the clinic's wall."""
    return desk.now.astimezone(desk.clinic.zone).date()


def date_of(request: HttpRequest, desk: Desk, *, otherwise: date | None = None) -> date:
    """The date of the address; `otherwise`, or today, where it names none."""
    try:
        named = date.fromisoformat(request.GET.get("date", ""))
    except ValueError:
        return otherwise or today(desk)
    return min(max(named, _FIRST), _LAST)
