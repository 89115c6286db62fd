"""One page from which everything that is set up rarely is reached."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.hours import week_in_words
from bookings.frontdesk.running.protocols import listed
from bookings.models import Role
from bookings.queries.staff import colleagues


@require_safe
@desk()
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The clinic in short, with the way to each part. A fixed number of queries."""
    clinic = desk.clinic
    context = {
        "desk": desk,
        "is_manager": desk.actor.role == Role.MANAGER,
        "week": week_in_words(clinic),
        "chairs": [chair for chair in clinic.chairs.order_by("name") if chair.retired_at is None],
        "treatments": listed(desk),
        "team": colleagues(desk.actor).filter(clinics=clinic, is_active=True),
    }
    return render(request, "frontdesk/running/overview.html", context)
