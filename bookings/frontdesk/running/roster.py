"""Closures and shifts: each change shows what it does before it is saved, and saving asks once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.commands import roster
from bookings.errors import NotFound, Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day.dates import date_of
from bookings.frontdesk.running.foreseeing import AGAIN, CONFIRMED, foresee, say
from bookings.frontdesk.running.walls import WallTimeField
from bookings.frontdesk.sentences import said
from bookings.models import Chair, Clinic, Role, StaffMember
from bookings.queries.foresight import if_closed, if_off_duty
from scheduler.hours import day_start
from scheduler.spans import instant

#: Who runs the day, as at the API.
RUNNERS = (Role.MANAGER, Role.FRONT_DESK)
_AHEAD = timedelta(days=28)


class _OfClinic(forms.Form):
    """Times on the wall of one clinic."""

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        for field in self.fields.values():
            if isinstance(field, WallTimeField):
                field.zone = clinic.zone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("starts") and given.get("ends") and given["ends"] <= given["starts"]:
            self.add_error("ends", _("This ends before it begins."))
        return given


class ClosureForm(_OfClinic):
    """No patient from, until; in the whole clinic or in one chair."""

    starts = WallTimeField(label=gettext_lazy("From"))
    ends = WallTimeField(label=gettext_lazy("Until"))
    chair = forms.ModelChoiceField(
        label=gettext_lazy("Chair"),
        queryset=Chair.objects.none(),
        required=False,
        empty_label=gettext_lazy("the whole clinic"),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        chairs = clinic.chairs.filter(retired_at__isnull=True).order_by("name")
        self.fields["chair"].queryset = chairs  # type: ignore[attr-defined]


class ShiftForm(_OfClinic):
    """One nurse on duty."""

    nurse = forms.ModelChoiceField(label=gettext_lazy("Nurse"), queryset=StaffMember.objects.none())
    starts = WallTimeField(label=gettext_lazy("From"))
    ends = WallTimeField(label=gettext_lazy("Until"))

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        nurses = clinic.staff.filter(role=Role.NURSE, is_active=True).order_by("last_name", "first_name")
        self.fields["nurse"].queryset = nurses  # type: ignore[attr-defined]


@require_safe
@desk()
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The closures to come and four weeks of shifts from the date of the address on."""
    return _show(request, desk)


@require_http_methods(["POST"])
@desk(*RUNNERS)
def close(request: HttpRequest, desk: Desk) -> HttpResponse:
    """First what the closure would displace; with `confirmed` it is saved. Nobody is moved by it."""
    form = ClosureForm(request.POST, clinic=desk.clinic)
    if not form.is_valid():
        return _show(request, desk, closure_form=form, status=400)
    given = form.cleaned_data
    if AGAIN in request.POST:
        return _show(request, desk, closure_form=form)
    if CONFIRMED not in request.POST:
        span = {name: given[name] for name in ("starts", "ends", "chair")}
        found = if_closed(desk.clinic, **span, now=desk.now)
        heading = _("Close from %(starts)s until %(ends)s") % {
            "starts": date_format(given["starts"].astimezone(desk.clinic.zone), "D j M, H:i"),
            "ends": date_format(given["ends"].astimezone(desk.clinic.zone), "D j M, H:i"),
        }
        return foresee(request, desk, found, heading=heading, confirm=_("Close"), back=_back(desk))
    _closure, found = roster.close(desk.clinic, **given, actor=desk.actor, now=desk.now)
    say(request, desk, _("The closure is saved."), found)
    return redirect("desk-roster", clinic=desk.clinic.slug)


@require_POST
@desk(*RUNNERS)
def reopen(request: HttpRequest, closure: UUID, desk: Desk) -> HttpResponse:
    """The closure is over early. Nobody who was moved is moved back."""
    found = desk.clinic.closures.filter(id=closure).select_related("clinic").first()
    if found is None:
        raise NotFound(_("There is no such closure any more."))
    roster.reopen(found, actor=desk.actor, now=desk.now)
    messages.success(request, _("Open again."), extra_tags="good")
    return redirect("desk-roster", clinic=desk.clinic.slug)


@require_POST
@desk(*RUNNERS)
def add_shift(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One more nurse on duty; she is on duty once at a time, in whatever clinic."""
    form = ShiftForm(request.POST, clinic=desk.clinic)
    if form.is_valid():
        try:
            roster.add_shift(desk.clinic, **form.cleaned_data, actor=desk.actor, now=desk.now)
        except Refused as refusal:
            form.add_error(None, said(refusal.detail))
        else:
            messages.success(request, _("The shift is saved."), extra_tags="good")
            return redirect("desk-roster", clinic=desk.clinic.slug)
    return _show(request, desk, shift_form=form, status=400)


@require_POST
@desk(*RUNNERS)
def remove_shift(request: HttpRequest, shift: UUID, desk: Desk) -> HttpResponse:
    """First the sessions that would lack a nurse; with `confirmed` the shift is removed."""
    found = desk.clinic.shifts.filter(id=shift).select_related("clinic", "nurse").first()
    if found is None:
        raise NotFound(_("There is no such shift any more."))
    if AGAIN in request.POST:
        return redirect("desk-roster", clinic=desk.clinic.slug)
    if CONFIRMED not in request.POST:
        heading = _("Remove %(nurse)s, %(starts)s–%(ends)s") % {
            "nurse": found.nurse,
            "starts": date_format(found.starts.astimezone(desk.clinic.zone), "D j M, H:i"),
            "ends": date_format(found.ends.astimezone(desk.clinic.zone), "H:i"),
        }
        lacking = if_off_duty(found, now=desk.now)
        confirm = _("Remove the shift")
        return foresee(request, desk, lacking, heading=heading, confirm=confirm, back=_back(desk))
    displaced = roster.remove_shift(found, actor=desk.actor, now=desk.now)
    say(request, desk, _("The shift is removed."), displaced)
    return redirect("desk-roster", clinic=desk.clinic.slug)


def _show(request: HttpRequest, desk: Desk, *, status: int = 200, **forms_: forms.Form) -> HttpResponse:
    first = instant(day_start(date_of(request, desk), desk.clinic.zone))
    context = {
        "desk": desk,
        "may_change": desk.actor.role in RUNNERS,
        "closures": desk.clinic.closures.filter(ends__gt=desk.now)
        .select_related("chair")
        .order_by("starts", "id"),
        "shifts": desk.clinic.shifts.filter(ends__gt=first, starts__lt=first + _AHEAD)
        .select_related("nurse")
        .order_by("starts", "nurse__last_name", "id"),
        "closure_form": ClosureForm(clinic=desk.clinic),
        "shift_form": ShiftForm(clinic=desk.clinic),
        **forms_,
    }
    return render(request, "frontdesk/running/roster.html", context, status=status)


def _back(desk: Desk) -> str:
    return reverse("desk-roster", args=[desk.clinic.slug])
