"""Erasing a patient on their request, for managers."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from bookings.commands.erasing import erase_patient
from bookings.errors import Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.people.finding import patient_of
from bookings.frontdesk.sentences import said
from bookings.models import Role


class ErasingForm(forms.Form):
    """Why, and whether the law allows it before the record's time is over."""

    reason = forms.CharField(label=gettext_lazy("Why, and who asked for it"), max_length=1000)
    despite_retention = forms.BooleanField(
        label=gettext_lazy("The law asks for it although the record must be kept for longer"), required=False
    )
    sure = forms.BooleanField(label=gettext_lazy("This cannot be undone"))


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Role.MANAGER)
def erase(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """What goes and what stays; then it goes."""
    found = patient_of(patient)
    form = ErasingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            erase_patient(
                found,
                reason=form.cleaned_data["reason"],
                despite_retention=form.cleaned_data["despite_retention"],
                actor=desk.actor,
                now=desk.now,
            )
        except Refused as refusal:
            form.add_error(None, said(refusal.detail))
        else:
            messages.success(request, gettext("Nobody knows any more who this was."), extra_tags="good")
            return redirect("desk-patient", clinic=desk.clinic.slug, patient=found.id)
    context = {"desk": desk, "patient": found, "form": form}
    return render(request, "frontdesk/people/erase.html", context)
