"""The day: as chairs that a script draws above the list, and as the list alone, which needs no script."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.dates import date_of, today
from bookings.frontdesk.day.strip import strip_of
from bookings.queries.board import board


@require_safe
@desk()
def start(request: HttpRequest, desk: Desk) -> HttpResponseRedirect:
    """Today, at the first clinic of whoever signed in."""
    return redirect("desk-day", clinic=desk.clinic.slug)


@require_safe
@desk()
def day(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One day of one clinic, with its chairs. For htmx that part alone which changes."""
    return _day(request, desk, "day")


@require_safe
@desk()
def day_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The same day as a list."""
    return _day(request, desk, "list")


def _day(request: HttpRequest, desk: Desk, view: str) -> HttpResponse:
    on = date_of(request, desk)
    found = board(desk.clinic, day=on, actor=desk.actor, now=desk.now)
    context: dict[str, Any] = {
        "desk": desk,
        "view": view,
        "board": found,
        "lines": _lines(shown.rows(found.sessions, found.flags, desk=desk), desk),
        "counts": _counts(found.sessions),
        "loads": shown.loads(found),
        "strip": strip_of(found, now=desk.now),
        "date": on,
        "today": today(desk),
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
    }
    template = "parts/again" if request.headers.get("HX-Target") == "visits" else "page"
    return render(request, f"frontdesk/day/{template}.html", context)


def _lines(rows: Iterable[shown.Row], desk: Desk) -> list[tuple[shown.Row, str, str]]:
    """Each visit with its id and its address as text: a line says them many times, and a day may have
    hundreds.
    """
    visits = reverse("desk-day", args=[desk.clinic.slug]).removesuffix("day/") + "visits/"
    return [(row, id_, f"{visits}{id_}/") for row in rows if (id_ := str(row.id))]


def _counts(sessions: Any) -> dict[str, int]:
    """How far the day is: those still to come, here now, gone home, and not coming."""
    groups = {
        "to_come": ("requested", "booked", "confirmed"),
        "here": ("arrived", "infusing", "recovering"),
        "done": ("completed",),
        "gone": ("no_show", "cancelled"),
    }
    return {name: sum(one.status in group for one in sessions) for name, group in groups.items()}
