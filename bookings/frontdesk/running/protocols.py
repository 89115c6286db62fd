"""Treatments: listed, their versions side by side, signed, offered at clinics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.commands.protocols import offer_protocol, sign_protocol
from bookings.errors import NotFound, Stale
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.named import named
from bookings.frontdesk.running.differences import differences
from bookings.frontdesk.running.foreseeing import saved
from bookings.models import Protocol, ProtocolVersion, Role
from bookings.queries.protocols import in_effect, protocols, under_way, waiting

#: Who writes treatments, as at the API.
WRITERS = (Role.MANAGER, Role.PRESCRIBER)


@dataclass(frozen=True)
class Treatment:
    """One treatment in a list."""

    protocol: Protocol
    name: str
    current: ProtocolVersion | None
    pending: ProtocolVersion | None
    is_offered: bool


@require_safe
@desk()
def treatments(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every treatment: those offered here first."""
    context = {"desk": desk, "treatments": listed(desk), "may_write": desk.actor.role in WRITERS}
    return render(request, "frontdesk/running/treatments.html", context)


@require_safe
@desk()
def show(request: HttpRequest, protocol: UUID, desk: Desk) -> HttpResponse:
    """Two of its versions side by side: those of the address, else what is new beside what was."""
    return _show(request, desk, protocol_of(protocol))


@require_POST
@desk(Role.PRESCRIBER)
def sign(request: HttpRequest, protocol: UUID, desk: Desk) -> HttpResponse:
    """The version that was read takes effect. Whoever was overtaken by a later one reads that first."""
    found = protocol_of(protocol)
    try:
        sign_protocol(found, version=_whole(request.POST.get("version")), actor=desk.actor, now=desk.now)
    except Stale:
        messages.warning(request, _("There is a later version. Read it before you sign."), extra_tags="warn")
    else:
        messages.success(request, _("Signed: it is in effect for what is booked from now on."), "good")
    return redirect("desk-treatment", clinic=desk.clinic.slug, protocol=found.id)


@require_POST
@desk(*WRITERS)
def offer(request: HttpRequest, protocol: UUID, desk: Desk) -> HttpResponse:
    """Of the clinics where the reader works, exactly those that are ticked offer it."""
    found = protocol_of(protocol)
    ticked = set(request.POST.getlist("clinics"))
    if request.POST.get("seen") != seen(found, desk):
        overtaken = _("Somebody has changed this meanwhile. What you ticked is still here: look again.")
        messages.warning(request, overtaken, extra_tags="warn")
        return _show(request, desk, found, ticked=ticked, status=412)
    chosen = [clinic for clinic in desk.clinics if clinic.slug in ticked]
    offer_protocol(found, clinics=chosen, actor=desk.actor, now=desk.now)
    saved(request)
    return redirect("desk-treatment", clinic=desk.clinic.slug, protocol=found.id)


def protocol_of(protocol: UUID) -> Protocol:
    """The treatment with its versions, newest first, and its clinics; refuses with NotFound."""
    found = protocols(signed_only=False).filter(id=protocol).first()
    if found is None:
        raise NotFound(_("There is no such treatment."))
    return found


def listed(desk: Desk) -> list[Treatment]:
    """Every treatment by name, those offered at the clinic first. Three queries."""
    found = []
    for protocol in protocols(signed_only=False):
        shown = protocol.versions.all()[0]
        is_offered = any(clinic.id == desk.clinic.id for clinic in protocol.clinics.all())
        found.append(
            Treatment(protocol, named(shown.rules), in_effect(protocol), waiting(protocol), is_offered)
        )
    return sorted(found, key=lambda one: (not one.is_offered, one.name))


def seen(protocol: Protocol, desk: Desk) -> str:
    """Which of the reader's clinics offer it, as a form carries it on to know whether that has changed."""
    offering = {clinic.id for clinic in protocol.clinics.all()}
    return " ".join(clinic.slug for clinic in desk.clinics if clinic.id in offering)


def _show(
    request: HttpRequest,
    desk: Desk,
    protocol: Protocol,
    *,
    ticked: set[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    versions = list(protocol.versions.all())
    left, right = _chosen(request, versions)
    going = under_way(protocol, desk.actor.clinics)
    ticked = set(seen(protocol, desk).split()) if ticked is None else ticked
    context: dict[str, Any] = {
        "desk": desk,
        "protocol": protocol,
        "latest": versions[0],
        "current": in_effect(protocol),
        "pending": waiting(protocol),
        "versions": [(version, going.get(version.version, 0)) for version in versions],
        "left": left,
        "right": right,
        "lines": differences(left.rules, right.rules),
        "offers": [(clinic, clinic.slug in ticked) for clinic in desk.clinics],
        "seen": seen(protocol, desk),
        "may_write": desk.actor.role in WRITERS,
        "may_sign": desk.actor.role == Role.PRESCRIBER,
    }
    return render(request, "frontdesk/running/treatment.html", context, status=status)


def _chosen(request: HttpRequest, versions: list[ProtocolVersion]) -> tuple[ProtocolVersion, ProtocolVersion]:
    """The two versions of the address; without them the latest beside the one in effect before it."""
    by_number = {version.version: version for version in versions}
    right = by_number.get(_whole(request.GET.get("right")) or 0, versions[0])
    earlier = [version for version in versions if version.version < right.version]
    before = next((version for version in earlier if version.signed_at), earlier[0] if earlier else right)
    return by_number.get(_whole(request.GET.get("left")) or 0, before), right


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else None
