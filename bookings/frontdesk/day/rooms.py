"""The rooming board for the wall: each chair, and who is in it, by first name and initial alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from bookings import lifecycle
from bookings.frontdesk.access import WALL, Desk, desk
from bookings.frontdesk.day.dates import today
from bookings.frontdesk.day.shown import Row
from bookings.frontdesk.day.shown import rows as rows_of
from bookings.models import Session
from bookings.queries.board import board

_HERE = frozenset({lifecycle.ARRIVED, lifecycle.INFUSING, lifecycle.RECOVERING})
_COMING = frozenset({lifecycle.BOOKED, lifecycle.CONFIRMED})


@require_safe
@desk(on_wall=True)
def rooms(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every chair of today: who sits there and for how long, who comes next, or that it is closed."""
    found = board(desk.clinic, day=today(desk), actor=desk.actor, now=desk.now)
    shown = rows_of(found.sessions, found.flags, desk=desk)
    names = {session.id: short_name(session) for session in found.sessions}
    here = [row for row in shown if row.status in _HERE]
    coming = [row for row in shown if row.status in _COMING]
    closed = {closure.chair_id for closure in found.closures if closure.starts <= desk.now < closure.ends}
    chairs = [
        {
            "name": chair.name,
            "now": _said(next((row for row in here if row.chair_id == chair.id), None), names),
            "next": _said(next((row for row in coming if row.chair_id == chair.id), None), names),
            "closed": bool(closed & {None, chair.id}),
        }
        for chair in found.chairs
    ]
    context = {
        "desk": desk,
        "chairs": chairs,
        "is_wall": WALL in request.session,
        "now": desk.now.astimezone(desk.clinic.zone),
        "counts": {"here": len(here), "coming": len(coming)},
    }
    template = "parts/rooms" if "HX-Request" in request.headers else "rooms"
    return render(request, f"frontdesk/day/{template}.html", context)


@require_POST
@desk()
def hang_up(request: HttpRequest, desk: Desk) -> HttpResponse:
    """From now on this browser shows the board of this clinic and nothing else, until it is signed out.

    It is not signed out for being left alone, as a desk is: who walks past can do nothing with it.
    """
    request.session.cycle_key()
    request.session[WALL] = desk.clinic.slug
    return redirect("desk-rooms", clinic=desk.clinic.slug)


def short_name(session: Session) -> str:
    """First name and initial: as much as a waiting room may read."""
    patient = session.patient
    return f"{patient.first_name} {patient.last_name[:1]}." if patient.last_name else patient.first_name


def _said(row: Row | None, names: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "name": names[row.id],
        "status": row.status,
        "words": row.status_words,
        "at": row.start,
        "leaves": row.end,
        "until": row.timer_until,
        "kind": row.timer_kind,
    }
