"""The day as data: what a script draws the grid of chairs from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.dates import date_of
from bookings.queries.board import Board, board
from scheduler.spans import Span, instant


@require_safe
@desk()
def day_data(request: HttpRequest, desk: Desk) -> JsonResponse:
    """One day for the grid, times on the clinic's wall without an offset: what it draws is a wall."""
    found = board(desk.clinic, day=date_of(request, desk), actor=desk.actor, now=desk.now)
    # Of all these addresses one part alone differs, and working each out anew takes longer than all the rest.
    anywhere = reverse("desk-session", args=[desk.clinic.slug, _NOWHERE])
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
            "visits": [
                _visit(row, found, anywhere) for row in shown.rows(found.sessions, found.flags, desk=desk)
            ],
        }
    )


_NOWHERE = "00000000-0000-0000-0000-000000000000"


def _visit(row: shown.Row, found: Board, anywhere: str) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "url": anywhere.replace(_NOWHERE, str(row.id)),
        "chair": str(row.chair_id),
        "patient": row.patient,
        "fraction": row.fraction,
        "status": row.status,
        "status_words": row.status_words,
        "starts": _wall(row.start, found),
        "leaves": _wall(row.end, found),
        "ends": _wall(row.chair_until, found),
        "flags": list(row.flags),
        "told": [{"words": words, "alarm": is_alarm} for words, is_alarm in row.told],
        "timer": row.timer_until.isoformat() if row.timer_until else None,
        "timer_kind": row.timer_kind,
        "may_move": "move" in row.verbs,
        "live": row.is_live,
    }


def _span(span: Span, found: Board) -> dict[str, str]:
    return {"starts": _wall(instant(span.start), found), "ends": _wall(instant(span.end), found)}


def _wall(at: datetime, found: Board) -> str:
    return at.astimezone(found.clinic.zone).replace(tzinfo=None).isoformat(timespec="minutes")
