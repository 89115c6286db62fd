"""Wait for an earlier time of a visit, and stop waiting."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import time, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings.actors import patient_actor
from bookings.commands.waiting import join_waiting_list, leave_waiting_list
from bookings.errors import NotFound, Refused, WrongState
from bookings.models import Clinic, Patient
from bookings.patient.describing import patient_name
from bookings.patient.plan_words import weekday_plurals
from bookings.patient.refusals import why
from bookings.patient.signed_in import for_patient
from bookings.patient.visited import Visited, status_of
from bookings.patient.wishes import weekdays_of
from bookings.queries.openings import offered
from bookings.queries.waiting import clinics_offering, waiting_seen_by
from bookings.snapshot import supply_of
from scheduler.rules import Wish

_NOON, _BEFORE_NOON = time(12), time(11, 59)


class WaitingForm(forms.Form):
    """When the patient could come instead."""

    on = forms.MultipleChoiceField(
        label=_("Days that suit you"),
        required=False,
        help_text=_("None chosen means any."),
        widget=forms.CheckboxSelectMultiple,
    )
    time = forms.ChoiceField(
        label=_("Time of day"),
        required=False,
        choices=[("", _("Any")), ("morning", _("Morning")), ("afternoon", _("Afternoon"))],
        widget=forms.RadioSelect,
    )
    notice = forms.TypedChoiceField(
        label=_("How long before must you know?"),
        coerce=int,
        choices=[("24", _("1 day")), ("48", _("2 days")), ("72", _("3 days")), ("168", _("1 week"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, request: HttpRequest, clinic: Clinic, others: Sequence[Clinic] = ()) -> None:
        """With `others`, the clinics besides this one at which the patient may wait for the same."""
        data = request.POST if request.method == "POST" else None
        super().__init__(data, initial={"notice": "48", "time": ""})
        self._others = {one.slug: one for one in others}
        if others:
            self.fields["at"] = forms.MultipleChoiceField(
                label=_("Other clinics where you would come as well"),
                required=False,
                choices=[(slug, one.name) for slug, one in self._others.items()],
                widget=forms.CheckboxSelectMultiple,
            )
        names = weekday_plurals()
        days = weekdays_of(supply_of(clinic).hours)
        self.fields["on"].choices = [(str(day), names[day - 1]) for day in days]  # type: ignore[attr-defined]

    @property
    def also_at(self) -> list[Clinic]:
        """The other clinics that were ticked."""
        return [self._others[slug] for slug in self.cleaned_data.get("at", ())]

    @property
    def wish(self) -> Wish:
        """The wish as the engine knows it."""
        part = self.cleaned_data["time"]
        return Wish(
            weekdays=frozenset(map(int, self.cleaned_data["on"])),
            not_before=_NOON if part == "afternoon" else None,
            not_after=_BEFORE_NOON if part == "morning" else None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def earlier(request: HttpRequest, at: Visited) -> HttpResponse:
    """Ask to be told when an earlier time is free. Nothing that is booked changes."""
    form = WaitingForm(request, at.session.clinic)
    if request.method != "POST":
        return at.show(request, "earlier", form=form)
    if not form.is_valid():
        return at.show(request, "earlier", form=form, status=422)
    day_before = at.session.start.astimezone(at.session.clinic.zone).date() - timedelta(days=1)
    try:
        join_waiting_list(
            at.patient,
            clinic=at.session.clinic,
            protocol=at.session.series.protocol_version.protocol,
            session=at.session,
            wish=form.wish,
            latest=day_before,
            notice_hours=form.cleaned_data["notice"],
            actor=at.actor,
            now=at.now,
        )
    except Refused as refusal:
        return at.show(request, "earlier", form=form, refused=why(refusal), status=status_of(refusal))
    said = gettext("You are on the waiting list. Your visit stays as it is until you choose another time.")
    messages.success(request, said, extra_tags="good")
    return redirect("my-visits")


@for_patient
@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest, *, patient: Patient) -> HttpResponse:
    """Ask to be told when there is room for a whole course: `clinic` and `treatment` are in the address."""
    actor, now = patient_actor(patient), timezone.now()
    clinic, version = offered(request.GET.get("clinic", ""), request.GET.get("treatment", ""), now=now)
    others = [one for one in clinics_offering(version.protocol, now=now) if one != clinic]
    form = WaitingForm(request, clinic, others)
    refused: list[str] = []
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            join_waiting_list(
                patient,
                clinic=clinic,
                protocol=version.protocol,
                also_at=form.also_at,
                wish=form.wish,
                notice_hours=form.cleaned_data["notice"],
                actor=actor,
                now=now,
            )
        except Refused as refusal:
            refused, status = why(refusal), status_of(refusal)
        else:
            said = gettext("You are on the waiting list. The clinic tells you when there is room.")
            messages.success(request, said, extra_tags="good")
            return redirect("my-visits")
    elif request.method == "POST":
        status = 422
    context = {"clinic": clinic, "treatment": patient_name(version.rules), "form": form, "refused": refused}
    return render(request, "patient/wait.html", context, status=status)


@for_patient
@require_POST
def leave(request: HttpRequest, *, patient: Patient, entry: UUID) -> HttpResponse:
    """Wait no longer. Pressed twice it is said once more."""
    actor = patient_actor(patient)
    found = waiting_seen_by(actor, is_open=None).filter(id=entry).first()
    if found is None:
        raise NotFound("There is no such entry.")
    with suppress(WrongState):  # so it is already
        leave_waiting_list(found, actor=actor, now=timezone.now())
    messages.success(request, gettext("You are no longer on that waiting list."), extra_tags="good")
    return redirect("my-visits")
