"""The day on paper: one page, A4 or Letter, up to eighty visits, for when the screens are dark."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings import lifecycle
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.dates import date_of
from bookings.queries.board import board
from scheduler.spans import instant

#: How close the lines of so many visits stand. More stand in two columns, forty to a page in each: smaller
#: type could not be read at arm's length, so what is left goes on to a further page.
_SIZES = ((18, "roomy"), (32, "close"), (46, "dense"))


@require_safe
@desk()
def sheet(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who comes on the date of the address, with what a person at the door needs to know, and room to write.

    What somebody is treated for is not on it: paper lies about.
    """
    on = date_of(request, desk)
    found = board(desk.clinic, day=on, actor=desk.actor, now=desk.now)
    coming = [one for one in found.sessions if one.status not in lifecycle.GONE]
    gone = [one for one in found.sessions if one.status in lifecycle.GONE]
    rows = shown.rows(coming, found.flags, desk=desk)
    zone = desk.clinic.zone
    context = {
        "desk": desk,
        "date": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "board": found,
        "hours": [
            (instant(span.start).astimezone(zone), instant(span.end).astimezone(zone))
            for span in found.opening
        ],
        "visits": list(zip(rows, [one.patient for one in coming], strict=True)),
        "gone": [one.patient for one in gone],
        "size": next((name for most, name in _SIZES if len(rows) <= most), "columns"),
        "now": desk.now.astimezone(zone),
    }
    return render(request, "frontdesk/figures/sheet.html", context)
