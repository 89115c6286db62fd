"""Patients at the desk: added, shown with their series, changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from bookings.commands.patients import add_patient, change_patient
from bookings.contacts import normalised_phone
from bookings.errors import Stale
from bookings.frontdesk import proving
from bookings.frontdesk.access import Desk, desk, seen_version
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.words import SERIES, task_words
from bookings.frontdesk.named import named, phase_words
from bookings.frontdesk.people.finding import patient_of
from bookings.models import Patient
from bookings.queries.series import series_seen_by, sessions_of
from bookings.queries.tasks import tasks_seen_by


class DetailsForm(forms.Form):
    """Who somebody is, and how they are reached."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100)
    birth_date = forms.DateField(
        label=gettext_lazy("Birth date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"), required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=gettext_lazy("Email"), required=False, max_length=254)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)

    def clean_phone(self) -> str:
        given: str = self.cleaned_data["phone"]
        number = normalised_phone(given) if given else ""
        if number is None:
            raise forms.ValidationError(_("This is not a telephone number. Example: 410 555 0100"))
        return number

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    @property
    def details(self) -> dict[str, Any]:
        """What was typed about the patient."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.base_fields}

    def overtaken(self, saved: Patient) -> None:
        """Somebody was faster: what is saved now stands at every field that was typed otherwise."""
        typed = self.details
        self.add_error(
            None,
            _("Somebody has changed this patient meanwhile. What you typed is still here: look, then keep."),
        )
        for name, value in typed.items():
            now = getattr(saved, name)
            if (value or "") != (now or ""):
                self.add_error(name, _("Saved meanwhile: %(value)s") % {"value": now or "–"})


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new patient; then on to the plan of their series."""
    first, _space, last = request.GET.get("name", "").rpartition(" ")
    initial = {"first_name": first or last, "last_name": last if first else "", "language": "en"}
    form = DetailsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        details = {**form.cleaned_data, "time_zone": desk.clinic.time_zone}
        patient = add_patient(details=details, actor=desk.actor, now=desk.now)
        return redirect("desk-plan", clinic=desk.clinic.slug, patient=patient.id)
    return render(request, "frontdesk/people/add.html", {"desk": desk, "form": form})


@require_safe
@desk()
def show(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """Everything the desk may know of a patient. A fixed number of queries, however many series there are."""
    found = patient_of(patient)
    all_series = list(series_seen_by(desk.actor).filter(patient=found).order_by("-id"))
    tasks = tasks_seen_by(desk.actor, patient=found.id).select_related("session", "series__protocol_version")
    context = {
        "desk": desk,
        "patient": found,
        "all_series": [_series(one, found, desk) for one in all_series],
        "tasks": [{"id": task.id, "detail": task_words(desk.actor, task)[1]} for task in tasks],
    }
    return render(request, "frontdesk/people/patient.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def change(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """Other details. Whoever was late is told, and keeps what they typed."""
    found = patient_of(patient)
    initial = {name: getattr(found, name) for name in DetailsForm.base_fields}
    form = DetailsForm(request.POST or None, initial=initial)
    proving.ask(form, request, desk)
    version = request.POST.get("version", "")
    if request.method == "POST" and form.is_valid() and _may_keep(form, found, request, desk):
        try:
            change_patient(
                found,
                changes=form.details,
                if_version=seen_version(request),
                actor=desk.actor,
                now=desk.now,
            )
        except Stale as refusal:
            version = str(refusal.facts["version"])
            form.overtaken(Patient.objects.get(id=found.id))
        else:
            messages.success(request, _("The details are kept."), extra_tags="good")
            return redirect("desk-patient", clinic=desk.clinic.slug, patient=found.id)
    context = {"desk": desk, "patient": found, "form": form, "version": version or found.version}
    return render(request, "frontdesk/people/change.html", context)


def _may_keep(form: DetailsForm, saved: Patient, request: HttpRequest, desk: Desk) -> bool:
    """Another contact decides who can sign in as this patient, so it takes a proof."""
    is_same = all(form.details[name] == getattr(saved, name) for name in ("phone", "email"))
    return is_same or proving.is_proven(form, request, desk)


def _series(series: Any, patient: Patient, desk: Desk) -> dict[str, Any]:
    sessions = sessions_of(series)
    for session in sessions:
        session.patient = patient
    return {
        "series": series,
        "name": named(series.protocol_version.rules),
        "phase": phase_words(series.protocol_version.rules, series.phase),
        "status_words": SERIES[series.status],
        "visits": [shown.row(session, [], desk=desk) for session in sessions],
    }
