"""A clinic's own details and settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bookings.bodies.clinics import ClinicPatch, details_of
from bookings.commands.clinics import change_clinic
from bookings.displacement import Displaced
from bookings.errors import Refused, Stale
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.foreseeing import AGAIN, CONFIRMED, foresee, saved
from bookings.frontdesk.running.written import Changing
from bookings.models import Clinic, NursingMode, Role
from bookings.queries.foresight import if_nursed

NURSING_WORDS = {
    NursingMode.STRICT: gettext_lazy(
        "Whoever needs a nurse alone counts as one nurse; the others share what is left"
    ),
    NursingMode.LINE_OF_SIGHT: gettext_lazy(
        "Every nurse keeps so many patients in sight, also while busy with one of them"
    ),
}
_STAGGER = {"start_stagger.starts": "stagger_starts", "start_stagger.minutes": "stagger_minutes"}


class ClinicForm(Changing):
    """Everything that a manager may change of a clinic."""

    body = ClinicPatch
    name = forms.CharField(label=gettext_lazy("Name"))
    slug = forms.CharField(
        label=gettext_lazy("Name in addresses"),
        help_text=gettext_lazy("Links to the clinic that people have kept lead nowhere once it changes."),
    )
    address = forms.CharField(label=gettext_lazy("Address"), required=False)
    phone = forms.CharField(
        label=gettext_lazy("Telephone"), required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("It stays while anything is booked here.")
    )
    nursing_mode = forms.ChoiceField(
        label=gettext_lazy("How nurses are counted"),
        choices=[(mode.value, words) for mode, words in NURSING_WORDS.items()],
        widget=forms.RadioSelect,
    )
    patients_per_nurse = forms.IntegerField(label=gettext_lazy("Patients whom one nurse may look after"))
    stagger_starts = forms.IntegerField(
        label=gettext_lazy("Starts at most"),
        required=False,
        help_text=gettext_lazy("Leave both empty where any number may start at once."),
    )
    stagger_minutes = forms.IntegerField(label=gettext_lazy("within so many minutes"), required=False)
    grid_minutes = forms.IntegerField(label=gettext_lazy("Visits start every so many minutes"))
    hold_minutes = forms.IntegerField(label=gettext_lazy("Minutes for which places are kept while booking"))
    no_show_after_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes after which a patient may be marked as missing")
    )

    def written(self, given: dict[str, Any]) -> dict[str, Any]:
        body = super().written(given)
        stagger = {"starts": body.pop("stagger_starts"), "minutes": body.pop("stagger_minutes")}
        return {**body, "start_stagger": stagger if any(stagger.values()) else None}

    def place_of(self, path: str) -> str | None:
        return _STAGGER.get(path) or super().place_of(path)


@require_safe
@desk()
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The details; for a manager in a form."""
    values = {**_values(desk.clinic), "version": desk.clinic.roster_version}
    return _show(request, desk, ClinicForm(initial=values))


@require_POST
@desk(Role.MANAGER)
def change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Other details. Where another count of nurses would displace somebody, that is shown first."""
    form = ClinicForm(request.POST)
    if not form.is_valid() or AGAIN in request.POST:
        return _show(request, desk, form)
    changes = details_of(form.read)
    if CONFIRMED not in request.POST and (found := _displaced(desk, changes)):
        back = reverse("desk-setup", args=[desk.clinic.slug])
        heading = _("Count nurses in another way")
        return foresee(request, desk, found, heading=heading, confirm=_("Save it so"), back=back)
    try:
        clinic = change_clinic(
            desk.clinic,
            changes=changes,
            if_version=form.cleaned_data["version"],
            actor=desk.actor,
            now=desk.now,
        )
    except Stale as refusal:
        form.overtaken(refusal, saved=_values(Clinic.objects.get(id=desk.clinic.id)))
        return _show(request, desk, form)
    except Refused as refusal:
        form.refuse(refusal)
        return _show(request, desk, form)
    saved(request)
    return redirect("desk-setup", clinic=clinic.slug)


def _displaced(desk: Desk, changes: dict[str, Any]) -> tuple[Displaced, ...]:
    """Whom another count of nurses would displace; nobody where it stays."""
    counts = {name: changes[name] for name in ("nursing_mode", "patients_per_nurse")}
    if counts == {name: getattr(desk.clinic, name) for name in counts}:
        return ()
    return if_nursed(desk.clinic, **counts, now=desk.now)


def _values(clinic: Clinic) -> dict[str, Any]:
    return {name: getattr(clinic, name) for name in ClinicForm.base_fields if name != "version"}


def _show(request: HttpRequest, desk: Desk, form: ClinicForm) -> HttpResponse:
    may_change = desk.actor.role == Role.MANAGER
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    context = {"desk": desk, "form": form, "may_change": may_change}
    return render(request, "frontdesk/running/setup.html", context, status=400 if form.errors else 200)
