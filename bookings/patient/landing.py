"""The first page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, and where to go. Reads nothing from the database."""
    return render(request, "patient/landing.html", {"demo": settings.DEMO})
