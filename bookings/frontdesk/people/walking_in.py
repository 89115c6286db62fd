"""Somebody is at the door without an appointment: a visit today, by the rules or with the staff's reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings import lifecycle
from bookings.commands.book import book_series
from bookings.errors import NotFound, Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.dates import today
from bookings.frontdesk.day.visit import line_of
from bookings.frontdesk.named import choices_of
from bookings.frontdesk.people.finding import patient_of
from bookings.models import Patient, Protocol
from bookings.queries.openings import Offer, offered
from bookings.queries.patients import patients
from bookings.queries.protocols import in_effect, protocols
from bookings.queries.sessions import sessions_seen_by
from bookings.snapshot import protocol_of
from bookings.treatments import resolve_phase
from scheduler.bits import positions
from scheduler.case import Case, Place
from scheduler.rules import check
from scheduler.spans import Minute, instant, minute

MOST = 20
#: Of the visits that are booked already, so many are offered to be had today instead.
NEXT = 3


@require_safe
@desk()
def door(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who is it? For htmx the names alone."""
    text = request.GET.get("q", "").strip()[:200]
    found = list(patients(text).order_by("last_name", "first_name", "id")[: MOST + 1]) if text else []
    context = {
        "desk": desk,
        "q": text,
        "found": found[:MOST],
        "has_more": len(found) > MOST,
        "walks_in": True,
    }
    template = "parts/found" if "HX-Request" in request.headers else "door"
    return render(request, f"frontdesk/people/{template}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def walk_in(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """GET: a visit that is booked anyway, had today; or one more, at the hours of today. POST books it."""
    found = patient_of(patient)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            return _book(request, found, desk)
        except Refused as error:
            refusal = error
    context = _context(request, found, desk) | {"refusal": refusal}
    status = refusal.status if refusal else 200
    return render(request, "frontdesk/people/walk_in.html", context, status=status)


def _context(request: HttpRequest, found: Patient, desk: Desk) -> dict[str, Any]:
    single, courses = _treatments(desk)
    given = request.POST if request.method == "POST" else request.GET
    chosen = given.get("treatment") or (single[0][0] if single else "")
    context = {
        "desk": desk,
        "patient": found,
        "today": today(desk),
        "booked": _booked(found, desk),
        "single": single,
        "courses": courses,
        "chosen": chosen,
        "reason": given.get("reason", ""),
    }
    if chosen in dict(single):
        context |= _hours(chosen, found, desk)
    return context


def _treatments(desk: Desk) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What can be had by a single visit, and what is a course of several; under `slug/phase`."""
    single: list[tuple[str, str]] = []
    courses: list[tuple[str, str]] = []
    for protocol in protocols(clinic=desk.clinic, signed_only=True).order_by("slug"):
        version = in_effect(protocol)
        if version is not None:
            for phase, choice in zip(
                version.rules["phases"], choices_of(protocol.slug, version.rules), strict=True
            ):
                (single if phase["sessions"] in (None, 1) else courses).append(choice)
    return single, courses


def _booked(found: Patient, desk: Desk) -> list[shown.Row]:
    rows = sessions_seen_by(desk.actor).filter(
        patient=found, clinic=desk.clinic, status__in=lifecycle.MOVABLE, start__gt=desk.now
    )
    coming = rows.select_related("patient").order_by("start")[:NEXT]
    return [shown.row(session, (), desk=desk) for session in coming]


def _hours(chosen: str, found: Patient, desk: Desk) -> dict[str, Any]:
    """The hours of today that keep every rule, and what stands in the way of beginning at once."""
    offer, day, zone = _offer(chosen, found, desk), today(desk), desk.clinic.zone
    at_once = _at_once(offer.case(day, day), desk)
    broken = check(offer.case(day, day), [Place(offer.number, at_once)]) if at_once is not None else ()
    return {
        "hours": [instant(one.start).astimezone(zone) for one in offer.openings(day, day)[day]],
        "at_once": instant(at_once).astimezone(zone) if at_once is not None else None,
        "violations": broken,
        "may_override": all(desk.actor.may_override(one.rule) for one in broken),
    }


def _at_once(case: Case, desk: Desk) -> Minute | None:
    """The next start on the clinic's grid today; None after the last of them."""
    window = case.supply.window(today(desk), case.protocol.chair_minutes)
    starts = (window.start + at for at in positions(window.grid))
    return next((start for start in starts if instant(start) >= desk.now), None)


def _offer(chosen: str, found: Patient, desk: Desk) -> Offer:
    slug, _slash, named = chosen.partition("/")
    clinic, version = offered(desk.clinic.slug, slug, now=desk.now)
    phase = protocol_of(version).phase(resolve_phase(version, named, patient_id=found.id))
    return Offer(
        clinic=clinic, version=version, phase=phase, actor=desk.actor, now=desk.now, patient_id=found.id
    )


def _book(request: HttpRequest, found: Patient, desk: Desk) -> HttpResponse:
    slug, _slash, phase = request.POST.get("treatment", "").partition("/")
    protocol = Protocol.objects.filter(slug=slug).first()
    if protocol is None:
        raise NotFound(_("There is no such treatment."))
    series = book_series(
        found,
        clinic=desk.clinic,
        protocol=protocol,
        phase=phase or None,
        starts=[minute_of(request.POST.get("start", ""))],
        override_reason=request.POST.get("reason", "").strip()[:1000] or None,
        actor=desk.actor,
        now=desk.now,
    )
    return redirect(line_of(series.sessions.get(), desk))


def minute_of(written: str) -> datetime:
    """The instant that a form carries, with its offset; refuses with NotFound what is none."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise NotFound(_("There is no such hour."))
    return instant(minute(at))
