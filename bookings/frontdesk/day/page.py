"""The day: the list that needs nothing but a browser, and the data of the grid that scripts draw above it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day import shown
from bookings.queries.board import Board, board
from scheduler.spans import Span, instant


@require_safe
@desk()
def start(request: HttpRequest, desk: Desk) -> HttpResponseRedirect:
    """Today, at the first clinic of whoever signed in."""
    return redirect("desk-day", clinic=desk.clinic.slug)


@require_safe
@desk()
def day(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One day of one clinic. For htmx that part alone which changes."""
    on = _date(request, desk)
    found = board(desk.clinic, day=on, actor=desk.actor, now=desk.now)
    context = {
        "desk": desk,
        "board": found,
        "rows": shown.rows(found, desk=desk),
        "loads": shown.loads(found),
        "today": desk.now.astimezone(desk.clinic.zone).date(),
        "day_before": on - timedelta(days=1),
        "day_after": on + timedelta(days=1),
    }
    template = "parts/list" if request.headers.get("HX-Target") == "visits" else "page"
    return render(request, f"frontdesk/day/{template}.html", context)


@require_safe
@desk()
def day_data(request: HttpRequest, desk: Desk) -> JsonResponse:
    """The same day for the grid, times on the clinic's wall without an offset: what it draws is a wall."""
    found = board(desk.clinic, day=_date(request, desk), actor=desk.actor, now=desk.now)
    rows = shown.rows(found, desk=desk)
    return JsonResponse(
        {
            "date": found.date.isoformat(),
            "now": _wall(desk.now, found),
            "grid_minutes": found.clinic.grid_minutes,
            "open": [_span(span, found) for span in found.opening],
            "chairs": [{"id": str(chair.id), "title": chair.name} for chair in found.chairs],
            "closures": [
                {
                    "chair": str(closure.chair_id) if closure.chair_id else None,
                    "starts": _wall(closure.starts, found),
                    "ends": _wall(closure.ends, found),
                    "reason": closure.reason,
                }
                for closure in found.closures
            ],
            "shifts": [
                {
                    "nurse": str(shift.nurse),
                    "starts": _wall(shift.starts, found),
                    "ends": _wall(shift.ends, found),
                }
                for shift in found.shifts
            ],
            "nursing": [
                {**load, "starts": _wall(load["starts"], found), "ends": _wall(load["ends"], found)}
                for load in shown.loads(found)
            ],
            "visits": [_visit(row, found, desk) for row in rows],
        }
    )


def _visit(row: shown.Row, found: Board, desk: Desk) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "url": reverse("desk-session", args=[desk.clinic.slug, row.id]),
        "chair": str(row.chair_id),
        "patient": row.patient,
        "number": row.number,
        "of": row.of,
        "status": row.status,
        "status_words": row.status_words,
        "starts": _wall(row.start, found),
        "leaves": _wall(row.end, found),
        "ends": _wall(row.chair_until, found),
        "steps": [
            {"name": step["name"], "starts": _wall(step["start"], found), "ends": _wall(step["end"], found)}
            for step in row.steps
        ],
        "flags": list(row.flags),
        "flag_words": list(row.flag_words),
        "next": row.next_verb,
        "may_move": "move" in row.verbs,
        "live": row.is_live,
    }


def _span(span: Span, found: Board) -> dict[str, str]:
    return {"starts": _wall(instant(span.start), found), "ends": _wall(instant(span.end), found)}


def _wall(at: Any, found: Board) -> str:
    return str(at.astimezone(found.clinic.zone).replace(tzinfo=None).isoformat(timespec="minutes"))


def _date(request: HttpRequest, desk: Desk) -> date:
    """The date of the address; today, on the clinic's wall, where it names none."""
    try:
        return date.fromisoformat(request.GET.get("date", ""))
    except ValueError:
        return desk.now.astimezone(desk.clinic.zone).date()
