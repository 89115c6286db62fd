"""One search box over everybody: names, birth date, telephone, email."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.errors import NotFound
from bookings.frontdesk.access import Desk, desk
from bookings.models import Patient
from bookings.queries.patients import patients

MOST = 20


@require_safe
@desk()
def search(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Those for whom every word begins one of theirs. For htmx the list alone."""
    text = request.GET.get("q", "").strip()[:200]
    found = list(patients(text).order_by("last_name", "first_name", "id")[: MOST + 1]) if text else []
    context = {"desk": desk, "q": text, "found": found[:MOST], "has_more": len(found) > MOST}
    template = "parts/found" if "HX-Request" in request.headers else "search"
    return render(request, f"frontdesk/people/{template}.html", context)


def patient_of(patient: UUID) -> Patient:
    """The patient; refuses with NotFound. Staff of every clinic find every patient, as the API has it."""
    found = Patient.objects.filter(id=patient).first()
    if found is None:
        raise NotFound(_("There is no such patient."))
    return found
