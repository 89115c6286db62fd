"""The first page: the practice's clinics, and in plain words what can be booked there."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.patient.describing import described
from bookings.patient.page import page
from bookings.queries.catalogue import catalogue


@page
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Every clinic with its treatments. Three queries, however many there are."""
    clinics = [
        (clinic, [described(clinic, protocol, version) for protocol, version in offered])
        for clinic, offered in catalogue()
    ]
    return render(request, "patient/landing.html", {"clinics": clinics, "demo": settings.DEMO})
