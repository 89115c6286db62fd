"""Chairs: added, named, fitted out, retired."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.bodies.chairs import ChairBody, ChairPatch
from bookings.bodies.fields import Body
from bookings.commands import roster
from bookings.errors import NotFound, Refused, Stale
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.foreseeing import AGAIN, CONFIRMED, foresee, saved, say
from bookings.frontdesk.running.written import Changing, Written
from bookings.models import Chair, Role
from bookings.queries.foresight import if_chair
from bookings.queries.protocols import in_effect, protocols


class ChairForm(Written):
    """A chair that is to be."""

    body: ClassVar[type[Body]] = ChairBody
    name = forms.CharField(label=gettext_lazy("Name"))
    features = forms.CharField(
        label=gettext_lazy("What it has"), required=False, help_text=gettext_lazy("With commas between.")
    )

    def written(self, given: dict[str, Any]) -> dict[str, Any]:
        body = super().written(given)
        return {**body, "features": [one.strip() for one in body["features"].split(",") if one.strip()]}


class ChairChangeForm(ChairForm, Changing):
    """A chair that is there."""

    body = ChairPatch
    retired = forms.BooleanField(
        label=gettext_lazy("Retired"),
        required=False,
        help_text=gettext_lazy("It keeps its past and takes nothing new."),
    )


@require_safe
@desk()
def chairs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every chair, those that are retired as well."""
    return _list(request, desk, ChairForm())


@require_POST
@desk(Role.MANAGER)
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One more chair; its name is used once in the clinic."""
    form = ChairForm(request.POST)
    if form.is_valid():
        try:
            roster.add_chair(desk.clinic, **form.read, actor=desk.actor, now=desk.now)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            saved(request)
            return redirect("desk-chairs", clinic=desk.clinic.slug)
    return _list(request, desk, form)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Role.MANAGER)
def change(request: HttpRequest, chair: UUID, desk: Desk) -> HttpResponse:
    """Another name, other features, out of use or back. First shown: whom it would displace."""
    found = desk.clinic.chairs.filter(id=chair).select_related("clinic").first()
    if found is None:
        raise NotFound(_("There is no such chair."))
    form = ChairChangeForm(
        request.POST or None, initial={**_values(found), "version": desk.clinic.roster_version}
    )
    if request.method == "POST" and form.is_valid() and AGAIN not in request.POST:
        answer = _change(request, desk, found, form)
        if answer is not None:
            return answer
    context = {"desk": desk, "chair": found, "form": form, "asked_for": _asked_for(desk)}
    return render(request, "frontdesk/running/chair.html", context, status=400 if form.errors else 200)


def _change(request: HttpRequest, desk: Desk, chair: Chair, form: ChairChangeForm) -> HttpResponse | None:
    """Shown, saved, or refused: then None, and the form says why."""
    fitting = {name: form.read[name] for name in ("features", "retired")}
    lost = not set(chair.features) <= set(fitting["features"]) or fitting["retired"]
    if CONFIRMED not in request.POST and lost and (moved := if_chair(chair, **fitting, now=desk.now)):
        back = reverse("desk-chair", args=[desk.clinic.slug, chair.id])
        heading = _("Change chair %(name)s") % {"name": chair.name}
        return foresee(request, desk, moved, heading=heading, confirm=_("Change the chair"), back=back)
    version = form.cleaned_data["version"]
    try:
        _chair, displaced = roster.change_chair(
            chair, **form.read, if_version=version, actor=desk.actor, now=desk.now
        )
    except Stale as refusal:
        form.overtaken(refusal, saved=_values(Chair.objects.get(id=chair.id)))
        return None
    except Refused as refusal:
        form.refuse(refusal)
        return None
    say(request, desk, _("Saved."), displaced)
    return redirect("desk-chairs", clinic=desk.clinic.slug)


def _values(chair: Chair) -> dict[str, Any]:
    features = ", ".join(chair.features)
    return {"name": chair.name, "features": features, "retired": chair.retired_at is not None}


def _asked_for(desk: Desk) -> list[str]:
    """The features that treatments here ask of a chair."""
    versions = filter(None, map(in_effect, protocols(clinic=desk.clinic, signed_only=True)))
    return sorted({feature for version in versions for feature in version.rules.get("chair_features", ())})


def _list(request: HttpRequest, desk: Desk, form: ChairForm) -> HttpResponse:
    context = {
        "desk": desk,
        "chairs": desk.clinic.chairs.order_by("retired_at", "name"),
        "form": form,
        "may_change": desk.actor.role == Role.MANAGER,
        "asked_for": _asked_for(desk),
    }
    return render(request, "frontdesk/running/chairs.html", context, status=400 if form.errors else 200)
