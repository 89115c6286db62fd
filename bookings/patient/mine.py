"""My visits, my data, and an end to the links that were sent to me."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from bookings.actors import patient_actor
from bookings.commands.links import end_links
from bookings.models import OfferStatus, Patient, ProposalStatus, Series, SeriesStatus
from bookings.patient.signed_in import for_patient
from bookings.patient.told import told, treatment
from bookings.queries import offers, proposals
from bookings.queries.consents import consents_of
from bookings.queries.mine import kept_by_others, my_record, my_series
from bookings.queries.waiting import waiting_seen_by
from bookings.snapshot import protocol_of

_GOES_ON = (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED, SeriesStatus.LAPSED)


@for_patient
@require_safe
def my_visits(request: HttpRequest, *, patient: Patient) -> HttpResponse:
    """Everything that is booked, the next visit first and large. A fixed number of queries."""
    actor, now = patient_actor(patient), timezone.now()
    courses = [_course(one, told_of) for one, told_of in _told(patient, now)]
    ahead = [visit for course in courses for visit in course["ahead"]]
    proposed = proposals.in_status(proposals.proposals_seen_by(actor), ProposalStatus.OPEN, now=now)
    offered = offers.in_status(offers.offers_seen_by(actor), OfferStatus.OPEN, now=now)
    context = {
        "patient": patient,
        "next": min(ahead, key=lambda visit: visit["start"], default=None),
        "courses": [course for course in courses if course["goes_on"]],
        "past": [course for course in courses if not course["goes_on"]],
        "proposals": list(proposed),
        "offers": list(offered),
        "waiting": list(waiting_seen_by(actor)),
    }
    return render(request, "patient/my.html", context)


@for_patient
@require_safe
def my_data(request: HttpRequest, *, patient: Patient) -> HttpResponse:
    """What is kept about the patient, in words; all of it is in the download."""
    parts = [part for part in kept_by_others(patient) if part.lines]
    context = {"patient": patient, "consents": consents_of(patient), "parts": parts}
    return render(request, "patient/my_data.html", context)


@for_patient
@require_safe
def my_data_download(request: HttpRequest, *, patient: Patient) -> HttpResponse:
    """Everything that is kept, as one JSON file."""
    answer = JsonResponse(my_record(patient), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


@for_patient
@require_http_methods(["GET", "HEAD", "POST"])
def my_links(request: HttpRequest, *, patient: Patient) -> HttpResponse:
    """GET says what links are, POST ends every one that was sent so far."""
    if request.method != "POST":
        return render(request, "patient/my_links.html", {"patient": patient})
    end_links(patient, actor=patient_actor(patient), now=timezone.now())
    said = gettext("Done. Links in older messages open nothing any more; the next messages bring new ones.")
    messages.success(request, said, extra_tags="good")
    return redirect("my-visits")


def _told(patient: Patient, now: Any) -> list[tuple[Series, list[dict[str, Any]]]]:
    actor = patient_actor(patient)
    return [
        (series, [told(one, actor=actor, now=now) for one in series.known_sessions or ()])
        for series in my_series(patient)
    ]


def _course(series: Series, visits: list[dict[str, Any]]) -> dict[str, Any]:
    visits = sorted(visits, key=lambda visit: (visit["start"], visit["number"]))
    there = [visit for visit in visits if not visit["cancelled"]]
    planned = protocol_of(series.protocol_version).phase(series.phase).sessions or 0
    return {
        "series": series,
        "name": treatment(series),
        "clinic": series.clinic,
        "visits": visits,
        "ahead": [visit for visit in there if visit["ahead"]],
        "goes_on": series.status in _GOES_ON,
        "missing": max(0, planned - len(there)) if series.status == SeriesStatus.ACTIVE else 0,
    }
