"""A patient's whole record in an emergency: opened with a reason, for an hour, each look written down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bookings.commands.emergencies import (
    REASON_LENGTH,
    close_emergency_access,
    open_in_emergency,
    use_emergency_access,
)
from bookings.errors import Invalid
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day.words import SERIES, STATUS, flag_words
from bookings.frontdesk.named import named, phase_words
from bookings.frontdesk.people.finding import patient_of
from bookings.frontdesk.sentences import said
from bookings.models import EmergencyAccess, Patient, Role
from bookings.noticed import because
from bookings.queries.emergencies import accesses_to, open_access, whole_record

MOST = 50


class ReasonForm(forms.Form):
    """Why it cannot wait."""

    reason = forms.CharField(
        label=gettext_lazy("Why can this not wait?"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def emergency(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """GET shows nothing of the record: each look at it is a POST, so that none goes unwritten."""
    found = patient_of(patient)
    form = ReasonForm(request.POST if request.POST.get("do") == "open" else None)
    if request.method == "POST":
        do = request.POST.get("do")
        if do == "look":
            return _record(request, desk, use_emergency_access(found, actor=desk.actor, now=desk.now), found)
        if do == "close":
            close_emergency_access(found, actor=desk.actor, now=desk.now)
            messages.success(request, _("The record is closed."), extra_tags="good")
            return redirect("desk-patient", clinic=desk.clinic.slug, patient=found.id)
        if form.is_valid():
            try:
                reason = form.cleaned_data["reason"]
                opened = open_in_emergency(
                    found, reason=reason, clinic=desk.clinic, actor=desk.actor, now=desk.now
                )
            except Invalid as refusal:
                form.add_error("reason", said(refusal.detail))
            else:
                return _record(request, desk, opened, found)
    context = {
        "desk": desk,
        "patient": found,
        "form": form,
        "opened": open_access(found, actor=desk.actor, now=desk.now),
        "past": accesses_to(found)[:MOST] if desk.actor.role == Role.MANAGER else None,
    }
    return render(request, "frontdesk/people/emergency.html", context, status=400 if form.errors else 200)


def _record(request: HttpRequest, desk: Desk, opened: EmergencyAccess, patient: Patient) -> HttpResponse:
    because(opened.reason)
    record = whole_record(patient)
    context = {
        "desk": desk,
        "patient": patient,
        "opened": opened,
        "tasks": [(flag_words(task.kind), task.detail, task.clinic) for task in record.tasks],
        "courses": [_course(series) for series in record.series],
    }
    return render(request, "frontdesk/people/emergency_record.html", context)


def _course(series: Any) -> dict[str, Any]:
    rules = series.protocol_version.rules
    return {
        "clinic": series.clinic,
        "name": named(rules),
        "phase": phase_words(rules, series.phase),
        "status": SERIES[series.status],
        "visits": [(one.number, one.start, STATUS[one.status]) for one in series.sessions.all()],
    }
