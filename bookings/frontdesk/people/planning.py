"""Booking by telephone: the caller's wishes, plans to read aloud, and one press that books.

The plans are those of the API; what is pressed is judged again by the command that books.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from bookings.commands.book import book_series
from bookings.errors import Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.named import choices_of
from bookings.frontdesk.people.finding import patient_of
from bookings.models import Patient, Protocol
from bookings.patient.plan_words import told_apart, weekday_names
from bookings.patient.shown import Shown, shown, starts_in
from bookings.queries.openings import Offer, offered
from bookings.queries.protocols import in_effect, protocols
from bookings.snapshot import protocol_of
from bookings.treatments import resolve_phase
from scheduler.case import Wish
from scheduler.plans import Relaxation
from scheduler.series import Unplannable
from scheduler.spans import instant
from scheduler.violations import Rule

PLANS = 5
#: How many visits of an open-ended phase are planned at a time, unless the caller asks for another number.
_OPEN_ENDED = 3


class WishesForm(forms.Form):
    """What the caller asks for."""

    treatment = forms.ChoiceField(label=gettext_lazy("Treatment"))
    earliest = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    on = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    not_before = forms.TimeField(
        label=pgettext_lazy("a time of day", "Not before"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    not_after = forms.TimeField(
        label=gettext_lazy("Begins not after"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
    )
    same_time = forms.BooleanField(label=gettext_lazy("Always at the same time"), required=False)
    visits = forms.IntegerField(
        label=gettext_lazy("Visits, where the phase is open-ended"), required=False, min_value=1, max_value=12
    )

    def __init__(self, *args: Any, treatments: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["treatment"].choices = treatments  # type: ignore[attr-defined]
        self.fields["on"].choices = list(enumerate(weekday_names(), start=1))  # type: ignore[attr-defined]

    @property
    def wish(self) -> Wish:
        """The caller's wishes, as the engine keeps them."""
        given = self.cleaned_data
        return Wish(
            weekdays=frozenset(given["on"]),
            not_before=given["not_before"],
            not_after=given["not_after"],
            same_time=given["same_time"],
        )


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def plan(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """GET asks for wishes and shows plans; POST books the one that was chosen, whole or not at all."""
    found = patient_of(patient)
    choices = _treatments(desk)
    tomorrow = desk.now.astimezone(desk.clinic.zone).date() + timedelta(days=1)
    initial = {"earliest": tomorrow, "treatment": choices[0][0] if choices else ""}
    asked = request.GET if "treatment" in request.GET else None
    form = WishesForm(asked, treatments=choices, initial=initial)
    context: dict[str, Any] = {"desk": desk, "patient": found, "form": form}
    if request.method == "POST":
        try:
            return _book(request, found, desk)
        except Refused as refusal:
            context["refusal"] = refusal
    if form.is_bound and form.is_valid():
        context |= _plans(form, found, desk)
    status = context["refusal"].status if "refusal" in context else 200
    return render(request, "frontdesk/people/plan.html", context, status=status)


def plans_instead(
    request: HttpRequest, patient: Patient, desk: Desk, *, treatment: str, visits: int, refusal: Refused
) -> HttpResponse:
    """The same page with what could be booked of the treatment where something was refused."""
    tomorrow = desk.now.astimezone(desk.clinic.zone).date() + timedelta(days=1)
    asked = {"treatment": treatment, "visits": visits, "earliest": tomorrow}
    form = WishesForm(asked, treatments=_treatments(desk))
    context: dict[str, Any] = {"desk": desk, "patient": patient, "form": form, "refusal": refusal}
    if form.is_valid():
        context |= _plans(form, patient, desk)
    return render(request, "frontdesk/people/plan.html", context, status=refusal.status)


def _treatments(desk: Desk) -> list[tuple[str, str]]:
    """Each phase of each treatment that the clinic offers, under `slug/phase`."""
    return [
        choice
        for protocol in protocols(clinic=desk.clinic, signed_only=True).order_by("slug")
        if (version := in_effect(protocol)) is not None
        for choice in choices_of(protocol.slug, version.rules)
    ]


def _plans(form: WishesForm, patient: Patient, desk: Desk) -> dict[str, Any]:
    slug, _slash, named = form.cleaned_data["treatment"].partition("/")
    clinic, version = offered(desk.clinic.slug, slug, now=desk.now)
    phase = protocol_of(version).phase(resolve_phase(version, named, patient_id=patient.id))
    offer = Offer(
        clinic=clinic, version=version, phase=phase, actor=desk.actor, now=desk.now, patient_id=patient.id
    )
    earliest: date = form.cleaned_data["earliest"]
    sessions = phase.sessions or form.cleaned_data["visits"] or _OPEN_ENDED
    latest = offer.latest_for(earliest, sessions)
    _case, (found, _proven) = offer.plans(
        sessions=sessions, earliest=earliest, latest=latest, wish=form.wish, limit=PLANS
    )
    if isinstance(found, Unplannable):
        ways = [_way(one, offer, desk) for one in found.relaxations]
        return {"obstacles": found.violations, "stuck_at": found.session, "ways": ways}
    plans = _shown([plan.places for plan in found], offer)
    return {
        "plans": plans,
        "days": {visit.start.astimezone(clinic.zone) for one in plans for visit in one.visits},
    }


def _way(one: Relaxation, offer: Offer, desk: Desk) -> dict[str, Any]:
    """What would help. A wish is the caller's to drop; a rule is broken with a reason, by whoever may."""
    is_wish = one.rule is Rule.WISH
    return {
        "change": one.change,
        "plan": _shown([one.plan.places], offer)[0],
        "may_book": is_wish or desk.actor.may_override(one.rule),
        "needs_reason": not is_wish,
    }


def _shown(plans: Any, offer: Offer) -> list[Shown]:
    zone, minutes = offer.clinic.zone, offer.protocol.visit_minutes
    starts = [[instant(place.start) for place in places] for places in plans]
    words = told_apart(starts, zone)
    return [
        shown(one, minutes=minutes, zone=zone, tags=tags) for one, tags in zip(starts, words, strict=True)
    ]


def _book(request: HttpRequest, patient: Patient, desk: Desk) -> HttpResponse:
    slug, _slash, phase = request.POST.get("treatment", "").partition("/")
    protocol = Protocol.objects.filter(slug=slug).first()
    if protocol is None:
        return redirect("desk-plan", clinic=desk.clinic.slug, patient=patient.id)
    series = book_series(
        patient,
        clinic=desk.clinic,
        protocol=protocol,
        phase=phase or None,
        starts=starts_in(request.POST.get("plan", "")),
        override_reason=request.POST.get("reason", "").strip()[:1000] or None,
        actor=desk.actor,
        now=desk.now,
    )
    said = _("%(patient)s: %(count)d visits are booked.")
    count = series.sessions.count()
    messages.success(request, said % {"patient": patient, "count": count}, extra_tags="good")
    return redirect("desk-patient", clinic=desk.clinic.slug, patient=patient.id)
