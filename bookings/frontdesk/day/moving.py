"""Moving a visit at the desk: where it may go and why not elsewhere, and what it does to the series.

Drag, keyboard and form end at the same address: a page that says what the move means and asks once, for a
reason where a rule would be broken by somebody who may.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings import lifecycle
from bookings.commands.move import move_session
from bookings.errors import Refused
from bookings.frontdesk.access import Desk, desk, seen_version
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.dates import date_of
from bookings.frontdesk.day.visit import done, find
from bookings.frontdesk.sentences import said
from bookings.models import Chair, Session
from bookings.queries.openings import Offer
from bookings.snapshot import protocol_of
from scheduler.case import Place
from scheduler.hours import day_start
from scheduler.openings import explain, free_chairs, openings
from scheduler.rules import check
from scheduler.spans import instant, minute
from scheduler.violations import Violation


@require_safe
@desk()
def places(request: HttpRequest, session: UUID, desk: Desk) -> JsonResponse:
    """Where the visit may go on one day, and why not elsewhere: what is lit while it is dragged."""
    found = find(session, desk)
    on, zone = _date(request, found, desk), found.clinic.zone
    offer = _offer(found, desk)
    case = offer.case(on, on)
    free = openings(case, first=on, last=on, number=offer.number)[on]
    refused = explain(case, first=on, last=on, number=offer.number)
    return JsonResponse(
        {
            "minutes": case.protocol.chair_minutes,
            "free": [
                {"start": _wall(instant(one.start), zone), "chairs": free_chairs(case, one.start)}
                for one in free
            ],
            "refused": [
                {
                    "start": _wall(instant(one.start), zone),
                    "why": [said(violation.detail) for violation in one.violations],
                    "may": all(desk.actor.may_override(violation.rule) for violation in one.violations),
                }
                for one in refused
            ],
        }
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def move(request: HttpRequest, session: UUID, desk: Desk) -> HttpResponse:
    """GET shows the hours of a day, or with `start` what the move would mean; POST carries it out."""
    found = find(session, desk)
    if request.method == "POST":
        return _carry_out(request, found, desk)
    return _ask(request, found, desk)


def _ask(request: HttpRequest, found: Session, desk: Desk, refusal: Refused | None = None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    start = _start(given.get("start", ""), found)
    offer, zone = _offer(found, desk), found.clinic.zone
    on = start.astimezone(zone).date() if start else _date(request, found, desk)
    chair = _chair(given.get("chair", ""), found)
    violations = _violations(offer, start, chair)
    context = {
        "desk": desk,
        "visit": shown.row(found, [], desk=desk),
        "refusal": refusal,
        "day": on,
        "hours": [instant(one.start).astimezone(zone) for one in offer.openings(on, on).get(on, ())],
        "start": start.astimezone(zone) if start else None,
        "chair": chair,
        "chairs": found.clinic.chairs.filter(retired_at__isnull=True).order_by("name"),
        "violations": violations,
        "may_override": all(desk.actor.may_override(violation.rule) for violation in violations),
        "effects": _effects(found, start) if start else [],
        "minutes": offer.protocol.chair_minutes,
        "reason": given.get("reason", ""),
    }
    template = "parts/move" if "HX-Request" in request.headers else "move"
    status = refusal.status if refusal and "HX-Request" not in request.headers else 200
    return render(request, f"frontdesk/day/{template}.html", context, status=status)


def _carry_out(request: HttpRequest, found: Session, desk: Desk) -> HttpResponse:
    start = _start(request.POST.get("start", ""), found)
    if start is None:
        return _ask(request, found, desk)
    try:
        moved = move_session(
            found,
            start=start,
            chair=_chair(request.POST.get("chair", ""), found),
            override_reason=request.POST.get("reason", "").strip()[:1000] or None,
            if_version=seen_version(request),
            actor=desk.actor,
            now=desk.now,
        )
    except Refused as refusal:
        return _ask(request, find(found.id, desk), desk, refusal)
    there = moved.start.astimezone(desk.clinic.zone)
    said = _("%(patient)s is at %(time)s now, in %(chair)s.")
    facts = {"patient": found.patient, "time": f"{there:%H:%M}", "chair": moved.chair.name}
    return done(request, moved, desk, said % facts)


def _offer(found: Session, desk: Desk) -> Offer:
    protocol = protocol_of(found.series.protocol_version)
    return Offer(
        clinic=found.clinic,
        version=found.series.protocol_version,
        phase=protocol.phase(found.series.phase),
        actor=desk.actor,
        now=desk.now,
        patient_id=found.patient_id,
        series=found.series,
        leaving=(found,),
    )


def _violations(offer: Offer, start: datetime | None, chair: Chair | None) -> tuple[Violation, ...]:
    """What stands in the way of that start, in that chair if one was chosen."""
    if start is None:
        return ()
    on = start.astimezone(offer.clinic.zone).date()
    place = Place(offer.number, minute(start), str(chair.id) if chair else None)
    return check(offer.case(on, on), [place])


def _effects(found: Session, start: datetime) -> list[dict[str, Any]]:
    """The visits that count, in their new order, with the days after the one before, then and now."""
    counts = lifecycle.LIVE | lifecycle.FINISHED
    others = found.series.sessions.filter(status__in=counts).exclude(id=found.id)
    zone = found.clinic.zone
    now = {found.number: found.start} | {one.number: one.start for one in others}
    then = now | {found.number: start}
    gaps = _gaps(now, zone)
    return [
        {
            "number": number,
            "at": at.astimezone(zone),
            "gap": gap,
            "gap_before": gaps[number],
            "moves": number == found.number,
        }
        for (number, gap), at in ((item, then[item[0]]) for item in _gaps(then, zone).items())
    ]


def _gaps(starts: Mapping[int, datetime], zone: ZoneInfo) -> dict[int, int | None]:
    """By number, in order of time: the calendar days after the visit before; None for the first."""
    order = sorted(starts, key=lambda number: starts[number])
    days = [starts[number].astimezone(zone).date() for number in order]
    gaps = [None, *((after - before).days for before, after in pairwise(days))]
    return dict(zip(order, gaps, strict=True))


def _chair(named: str, found: Session) -> Chair | None:
    try:
        return found.clinic.chairs.filter(id=UUID(named)).first()
    except ValueError:
        return None


def _start(named: str, found: Session) -> datetime | None:
    """A time of the clinic's wall (`2026-12-01T09:00`), or one with an offset; None for anything else."""
    try:
        at = datetime.fromisoformat(named)
    except ValueError:
        return None
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    midnight = day_start(at.date(), found.clinic.zone)
    there = at.replace(tzinfo=found.clinic.zone)
    # A time that the clocks skip does not come back as it was written.
    is_real = there.astimezone(UTC).astimezone(found.clinic.zone).replace(tzinfo=None) == at
    return there.astimezone(UTC) if is_real and minute(there.astimezone(UTC)) >= midnight else None


def _wall(at: datetime, zone: Any) -> str:
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes")


def _date(request: HttpRequest, found: Session, desk: Desk) -> date:
    return date_of(request, desk, otherwise=found.start.astimezone(found.clinic.zone).date())
