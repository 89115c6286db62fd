"""A prescriber's permissions for a patient: seen by all staff, granted by a prescriber."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from bookings.bodies.clearances import ClearanceBody
from bookings.commands.clearance import grant_clearance
from bookings.errors import Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.named import named
from bookings.frontdesk.people.finding import patient_of
from bookings.frontdesk.people.proposing import starts_on_the_wall
from bookings.frontdesk.running.written import Written
from bookings.models import Patient, Protocol, Role, Series, SeriesStatus
from bookings.queries.protocols import protocols
from bookings.queries.sessions import sessions_seen_by


class ClearanceForm(Written):
    """So many visits of a treatment, until a day."""

    body = ClearanceBody
    protocol = forms.ChoiceField(label=gettext_lazy("Treatment"))
    sessions = forms.IntegerField(
        label=gettext_lazy("Visits"), widget=forms.NumberInput(attrs={"class": "short"})
    )
    expires = forms.CharField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date", "class": "short"})
    )

    def __init__(self, *args: Any, treatments: dict[Protocol, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._treatments = {str(protocol.id): protocol for protocol in treatments}
        choices = [(str(protocol.id), name) for protocol, name in treatments.items()]
        self.fields["protocol"].choices = choices  # type: ignore[attr-defined]

    @property
    def granted(self) -> dict[str, Any]:
        """What the command is given."""
        return {**self.read, "protocol": self._treatments[self.read["protocol"]]}


@require_safe
@desk()
def show(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """Every permission, newest first, with the series that go on under it; the form for a prescriber."""
    found = patient_of(patient)
    return _show(request, desk, found, ClearanceForm(treatments=_treatments(), initial=_wish(found)))


@require_POST
@desk(Role.PRESCRIBER)
def grant(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """Series that wait become active, as far as the permission covers their visits."""
    found = patient_of(patient)
    form = ClearanceForm(request.POST, treatments=_treatments())
    if form.is_valid():
        try:
            clearance = grant_clearance(found, **form.granted, actor=desk.actor, now=desk.now)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            count = clearance.series.count()
            said = ngettext(
                "Cleared. %(count)d series goes on under it.",
                "Cleared. %(count)d series go on under it.",
                count,
            )
            messages.success(request, said % {"count": count}, extra_tags="good")
            return redirect("desk-clearances", clinic=desk.clinic.slug, patient=found.id)
    return _show(request, desk, found, form)


def _show(request: HttpRequest, desk: Desk, patient: Patient, form: ClearanceForm) -> HttpResponse:
    today = desk.now.astimezone(desk.clinic.zone).date()
    names = {str(protocol.id): name for protocol, name in _treatments().items()}
    rows = patient.clearances.select_related("granted_by").prefetch_related("series").order_by("-id")
    starts = sessions_seen_by(desk.actor).filter(patient=patient, clinic=desk.clinic)
    context = {
        "desk": desk,
        "patient": patient,
        "form": form,
        "may_grant": desk.actor.role == Role.PRESCRIBER,
        "clearances": [(row, names[str(row.protocol_id)], row.expires < today) for row in rows],
        "waiting": _waiting(patient).count(),
        "days": starts_on_the_wall(starts.values_list("start", flat=True), desk),
    }
    return render(request, "frontdesk/people/clearances.html", context, status=400 if form.errors else 200)


def _treatments() -> dict[Protocol, str]:
    """Every treatment with the name of its latest version, by name."""
    found = {protocol: named(protocol.versions.all()[0].rules) for protocol in protocols(signed_only=False)}
    return dict(sorted(found.items(), key=lambda one: one[1]))


def _waiting(patient: Patient) -> Any:
    waiting = (SeriesStatus.REQUESTED, SeriesStatus.LAPSED)
    return Series.objects.filter(patient=patient, status__in=waiting).select_related("protocol_version")


def _wish(patient: Patient) -> dict[str, Any]:
    """What the oldest series that waits asks for."""
    series = _waiting(patient).order_by("created_at", "id").first()
    if series is None:
        return {}
    return {"protocol": str(series.protocol_version.protocol_id), "sessions": series.sessions.count()}
