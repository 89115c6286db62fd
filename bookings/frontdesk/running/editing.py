"""The editor of treatments. What a next version changes, and for whom, is shown before it is made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.commands.protocols import add_protocol, add_protocol_version
from bookings.errors import Invalid, Stale
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.differences import Line, differences
from bookings.frontdesk.running.foreseeing import AGAIN, CONFIRMED, carried
from bookings.frontdesk.running.protocol_form import ProtocolForm
from bookings.frontdesk.running.protocols import WRITERS, protocol_of
from bookings.models import Protocol, ProtocolVersion, Role
from bookings.queries.protocols import under_way, waiting

EDIT = "edit"
#: A visit as most of them are, for a treatment that is written anew.
_BEGINNING: dict[str, Any] = {
    "phases": [{"sessions": 6, "spacing": {}}],
    "steps": [{"name": "check-in", "nurse": "none", "patient": True}],
    "lead_time_hours": 24,
    "horizon_days": 120,
    "cancel_cutoff_hours": 24,
}


@require_http_methods(["GET", "HEAD", "POST"])
@desk(*WRITERS)
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new treatment, offered at this clinic. A prescriber's own is in effect at once."""
    if request.method != "POST":
        return _form(request, desk, ProtocolForm.of_rules(_BEGINNING, is_new=True))
    form = ProtocolForm.of_post(request.POST, is_new=True)
    if EDIT in request.POST:
        form.edit(request.POST[EDIT])
        return _form(request, desk, form)
    rules = form.judge()
    if not form.errors:
        try:
            version = add_protocol(
                rules["slug"], rules=rules, clinics=[desk.clinic], actor=desk.actor, now=desk.now
            )
        except Invalid as refusal:
            _blame(form, refusal)
        else:
            return _made(request, desk, version)
    return _form(request, desk, form)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(*WRITERS)
def change(request: HttpRequest, protocol: UUID, desk: Desk) -> HttpResponse:
    """The next version. First shown: what it changes, and who stays under the version that they have."""
    found = protocol_of(protocol)
    latest = found.versions.all()[0]
    if request.method != "POST":
        form = ProtocolForm.of_rules(latest.rules, is_new=False, version=latest.version)
        return _form(request, desk, form, protocol=found)
    form = ProtocolForm.of_post(request.POST, is_new=False)
    if EDIT in request.POST or AGAIN in request.POST:
        form.edit(request.POST.get(EDIT, ""))
        return _form(request, desk, form, protocol=found)
    rules = form.judge()
    if form.errors:
        return _form(request, desk, form, protocol=found)
    if form.version != latest.version:
        return _overtaken(request, desk, form, found, rules)
    lines = differences(latest.rules, rules)
    if not any(line.is_changed for line in lines):
        form.blame("", _("Nothing has been changed, so there is no next version to make."))
        return _form(request, desk, form, protocol=found)
    if CONFIRMED not in request.POST:
        return _review(request, desk, found, lines)
    try:
        version = add_protocol_version(
            found, rules=rules, if_version=form.version, actor=desk.actor, now=desk.now
        )
    except Stale:
        return _overtaken(request, desk, form, protocol_of(protocol), rules)
    except Invalid as refusal:
        _blame(form, refusal)
        return _form(request, desk, form, protocol=found)
    return _made(request, desk, version)


def _review(request: HttpRequest, desk: Desk, protocol: Protocol, lines: list[Line]) -> HttpResponse:
    context = {
        "desk": desk,
        "protocol": protocol,
        "lines": lines,
        "latest": protocol.versions.all()[0],
        "next": protocol.versions.all()[0].version + 1,
        "superseded": waiting(protocol),
        "under_way": under_way(protocol, desk.actor.clinics),
        "signs_at_once": desk.actor.role == Role.PRESCRIBER,
        "carried": carried(request.POST),
    }
    return render(request, "frontdesk/running/review.html", context)


def _overtaken(
    request: HttpRequest, desk: Desk, form: ProtocolForm, protocol: Protocol, rules: dict[str, Any]
) -> HttpResponse:
    """Somebody has made a version meanwhile: what was typed stays, beside what is different in theirs."""
    latest = protocol.versions.all()[0]
    form.version = latest.version
    lines = [line for line in differences(latest.rules, rules) if line.is_changed]
    return _form(request, desk, form, protocol=protocol, theirs=latest, lines=lines)


def _form(
    request: HttpRequest,
    desk: Desk,
    form: ProtocolForm,
    *,
    protocol: Protocol | None = None,
    theirs: ProtocolVersion | None = None,
    lines: list[Line] | None = None,
) -> HttpResponse:
    context = {"desk": desk, "form": form, "protocol": protocol, "theirs": theirs, "lines": lines}
    status = 412 if theirs else 400 if form.errors else 200
    return render(request, "frontdesk/running/editor.html", context, status=status)


def _made(request: HttpRequest, desk: Desk, version: ProtocolVersion) -> HttpResponse:
    if version.signed_at:
        done = _("Version %(number)d is in effect for what is booked from now on.")
    else:
        done = _("Version %(number)d waits for the signature of a prescriber.")
    messages.success(request, done % {"number": version.version}, extra_tags="good")
    return redirect("desk-treatment", clinic=desk.clinic.slug, protocol=version.protocol_id)


def _blame(form: ProtocolForm, refusal: Invalid) -> None:
    for error in refusal.facts["errors"]:
        form.blame(error["field"], error["detail"])
