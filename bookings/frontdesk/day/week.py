"""The week: seven days side by side, each with its hours, who is on duty, and who comes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings import lifecycle
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.dates import date_of, today
from bookings.models import Session
from bookings.queries.week import Glance, week
from scheduler.spans import instant

#: So many visits of a day are shown here; the day itself has the rest.
MOST = 40


@require_safe
@desk()
def week_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The week, Monday to Sunday, of the date of the address. For htmx the days alone."""
    on = date_of(request, desk)
    first = on - timedelta(days=on.weekday())
    found = week(desk.clinic, first=first, actor=desk.actor)
    context = {
        "desk": desk,
        "view": "week",
        "date": on,
        "days": [_day(one, found.flags, desk) for one in found.days],
        "today": today(desk),
        "before": on - timedelta(days=7),
        "after": on + timedelta(days=7),
    }
    template = "parts/week" if request.headers.get("HX-Target") == "week" else "week"
    return render(request, f"frontdesk/day/{template}.html", context)


def _day(one: Glance, flags: Any, desk: Desk) -> dict[str, Any]:
    zone = desk.clinic.zone
    coming = [session for session in one.sessions if session.status not in lifecycle.GONE]
    return {
        "date": one.date,
        "hours": [
            (instant(span.start).astimezone(zone), instant(span.end).astimezone(zone)) for span in one.opening
        ],
        "closures": one.closures,
        "nurses": one.shifts,
        "count": len(coming),
        "at_once": _at_once(coming),
        "rows": shown.rows(coming[:MOST], flags, desk=desk),
        "more": max(0, len(coming) - MOST),
    }


def _at_once(sessions: Iterable[Session]) -> int:
    """How many chairs are taken at the busiest minute."""
    changes = [change for one in sessions for change in ((one.start, 1), (one.chair_until, -1))]
    taken = most = 0
    for _at, change in sorted(changes):
        taken += change
        most = max(most, taken)
    return most
