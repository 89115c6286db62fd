"""The first page after signing in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings.frontdesk.signing_in import for_staff


@require_safe
@never_cache
@for_staff
def home(request: HttpRequest) -> HttpResponse:
    """Where one can go from here."""
    return render(request, "frontdesk/home.html", {"has_outbox": settings.DEMO and settings.OUTBOX_DIR})
