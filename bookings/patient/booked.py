"""The page after a booking: that it is done, what happens next, and what to do before the first visit."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.actors import patient_actor
from bookings.errors import NotFound
from bookings.models import Patient, SeriesStatus
from bookings.patient.describing import described
from bookings.patient.shown import shown
from bookings.patient.signed_in import for_patient
from bookings.patient.wording import clock_words, when_words
from bookings.preparation import fasting, preparation_of
from bookings.queries.series import series_seen_by
from bookings.snapshot import protocol_of


@for_patient
@require_safe
def booked(request: HttpRequest, series: UUID, *, patient: Patient) -> HttpResponse:
    """One series of the patient, as it was booked a moment ago."""
    found = series_seen_by(patient_actor(patient)).filter(id=series).first()
    if found is None:
        raise NotFound("There is no such series.")
    version, zone = found.protocol_version, found.clinic.zone
    starts = sorted(session.start for session in found.sessions.all())
    before = fasting(starts[0], zone, preparation_of(version.rules))
    context = {
        "series": found,
        "clinic": found.clinic,
        "patient": patient,
        "requested": found.status == SeriesStatus.REQUESTED,
        "plan": shown(starts, minutes=protocol_of(version).visit_minutes, zone=zone),
        "treatment": described(found.clinic, version.protocol, version),
        "first": when_words(starts[0], zone),
        "solids": before.solids_until and when_words(before.solids_until, zone),
        "fluids": before.clear_fluids_until and clock_words(before.clear_fluids_until, zone),
        "now": starts[0],
    }
    return render(request, "patient/booked.html", context)
