"""Says on every page of the desk when the workers are silent, because messages wait then."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.queries.pulse import silent_since


@require_safe
@desk(on_wall=True)
def alive(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A part that each page fetches when it is loaded and once a minute: empty while all is well."""
    return render(request, "frontdesk/parts/alive.html", {"silent_since": silent_since(now=desk.now)})
