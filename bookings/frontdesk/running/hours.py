"""The weekly hours. Whom other hours would displace is shown before they are saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bookings.bodies.faults import faults
from bookings.bodies.hours import MOST_A_DAY, WEEKDAYS, Week
from bookings.commands.roster import change_hours
from bookings.errors import Invalid, Stale
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.entries import Entry, Input
from bookings.frontdesk.running.foreseeing import AGAIN, CONFIRMED, foresee, say
from bookings.models import Clinic, Role
from bookings.queries.foresight import if_hours
from bookings.weekly import Hours, refuse_overlaps

#: Hours of a day that the form has room for, at least; one pair is always free.
_ROOM = 2
_OPENS, _CLOSES = (
    Entry("opens", gettext_lazy("opens"), "time"),
    Entry("closes", gettext_lazy("closes"), "time"),
)
_MONDAY = date(2024, 1, 1)

Typed = dict[int, list[dict[str, str]]]  # ISO weekday → rows of the form


class HoursForm:
    """A week as it stands in the form, with the faults of each input and each day."""

    def __init__(self, typed: Typed, *, version: int) -> None:
        self.typed, self.version = typed, version
        self.errors: dict[str, list[str]] = {}
        self.overtaken_by: list[tuple[str, str]] | None = None

    @classmethod
    def of(cls, clinic: Clinic) -> HoursForm:
        """The week as it is."""
        typed: Typed = {weekday: [] for weekday in WEEKDAYS}
        for row in clinic.opening_hours.all():
            typed[row.weekday].append({"opens": f"{row.opens:%H:%M}", "closes": f"{row.closes:%H:%M}"})
        return cls(typed, version=clinic.roster_version)

    @classmethod
    def of_post(cls, post: Mapping[str, str]) -> HoursForm:
        """The week as it was typed."""
        typed: Typed = {}
        for weekday in WEEKDAYS:
            rows = (
                {part: post.get(f"{weekday}.{number}.{part}", "").strip()[:8] for part in ("opens", "closes")}
                for number in range(MOST_A_DAY)
            )
            typed[weekday] = [row for row in rows if any(row.values())]
        version = post.get("version", "")
        return cls(typed, version=int(version) if version.isascii() and version.isdecimal() else 0)

    def judge(self) -> Hours:
        """The hours as the command takes them, with `errors` set where the body refuses."""
        body = Week(data={str(weekday): rows for weekday, rows in self.typed.items()})
        if not body.is_valid():
            for path, sentence in faults(body.errors):
                self.blame(path, sentence)
            return {}
        return {
            int(weekday): [(span["opens"], span["closes"]) for span in spans]
            for weekday, spans in body.validated_data.items()
            if spans
        }

    def blame(self, path: str, sentence: str) -> None:
        """A fault at an input, such as `1.0.opens`, or at a day, such as `1`."""
        self.errors.setdefault(path, []).append(sentence)

    def days(self) -> list[dict[str, Any]]:
        """The seven days of the page."""
        return [self._day(weekday) for weekday in WEEKDAYS]

    def _day(self, weekday: int) -> dict[str, Any]:
        typed = self.typed[weekday]
        room = min(max(_ROOM, len(typed) + 1), MOST_A_DAY)
        spans = []
        for number in range(room):
            row = typed[number] if number < len(typed) else {}
            names = [(entry, f"{weekday}.{number}.{entry.path}") for entry in (_OPENS, _CLOSES)]
            inputs = [
                Input(entry, name, row.get(entry.path, ""), self.errors.get(name, []))
                for entry, name in names
            ]
            spans.append({"inputs": inputs, "number": number + 1})
        errors = self.errors.get(str(weekday), [])
        return {"name": weekday_name(weekday), "spans": spans, "errors": errors, "id": f"day-{weekday}"}


@require_safe
@desk()
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The week; for a manager in a form."""
    return _show(request, desk, HoursForm.of(desk.clinic))


@require_POST
@desk(Role.MANAGER)
def change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """First whom these hours would displace; with `confirmed` they are saved. Nobody is moved by it."""
    form = HoursForm.of_post(request.POST)
    hours = form.judge()
    if form.errors or AGAIN in request.POST:
        return _show(request, desk, form)
    try:
        if CONFIRMED not in request.POST:
            return _foresee(request, desk, form, hours)
        displaced = change_hours(
            desk.clinic, hours=hours, if_version=form.version, actor=desk.actor, now=desk.now
        )
    except Stale as refusal:
        form.version, form.overtaken_by = refusal.facts["version"], week_in_words(desk.clinic)
    except Invalid as refusal:
        for error in refusal.facts["errors"]:
            form.blame(error["field"], error["detail"])
    else:
        say(request, desk, _("The hours are saved."), displaced)
        return redirect("desk-hours", clinic=desk.clinic.slug)
    return _show(request, desk, form)


def week_in_words(clinic: Clinic) -> list[tuple[str, str]]:
    """Each weekday with its hours. One query."""
    typed = HoursForm.of(clinic).typed
    return [
        (
            weekday_name(weekday),
            ", ".join(f"{row['opens']}–{_closing(row['closes'])}" for row in rows) or _("closed"),
        )
        for weekday, rows in typed.items()
    ]


def weekday_name(weekday: int) -> str:
    """The ISO weekday in the reader's language."""
    return date_format(_MONDAY + timedelta(days=weekday - 1), "l")


def _foresee(request: HttpRequest, desk: Desk, form: HoursForm, hours: Hours) -> HttpResponse:
    refuse_overlaps(hours)
    if form.version != desk.clinic.roster_version:
        raise Stale(version=desk.clinic.roster_version)
    back = reverse("desk-hours", args=[desk.clinic.slug])
    found = if_hours(desk.clinic, hours=hours, now=desk.now)
    return foresee(request, desk, found, heading=_("Other hours"), confirm=_("Save the hours"), back=back)


def _closing(closes: str) -> str:
    return "24:00" if closes == f"{time():%H:%M}" else closes


def _show(request: HttpRequest, desk: Desk, form: HoursForm) -> HttpResponse:
    context = {
        "desk": desk,
        "form": form,
        "week": week_in_words(desk.clinic),
        "may_change": desk.actor.role == Role.MANAGER,
    }
    status = 412 if form.overtaken_by else 400 if form.errors else 200
    return render(request, "frontdesk/running/hours.html", context, status=status)
