"""How level the days are, as plots, tables and files. Counts alone, so nobody is named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.figures import cells
from bookings.frontdesk.figures.page import READERS, Figure, period_of, report_page
from bookings.frontdesk.figures.plots import stacked
from bookings.queries.reports.levelling import Levelling, levelling
from bookings.queries.reports.period import Period


@require_safe
@desk(*READERS)
def level(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Set-ups at one time by date, starts against the template, chairs in use across the day."""
    period, wrong = period_of(request, desk)
    found = levelling(period)
    figures = [_set_ups(found), _starts(found), _chairs(found)] if found.days else []
    return report_page(request, desk, name="levelling", period=period, wrong=wrong, figures=figures)


@require_safe
@desk(*READERS)
def days_file(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The dates of the same report as CSV, and of the same period."""
    period, _wrong = period_of(request, desk)
    return _file(period, "days", ("date", "visits", "set_ups", "chairs"), levelling(period).days)


@require_safe
@desk(*READERS)
def quarters_file(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Its quarters of an hour, likewise."""
    period, _wrong = period_of(request, desk)
    names = ("begins", "visits", "opened", "beyond", "chairs")
    return _file(period, "quarters", names, levelling(period).quarters)


def _file(period: Period, what: str, names: Sequence[str], rows: Sequence[Any]) -> HttpResponse:
    lines = cells.lines(names, [[_cell(getattr(row, name)) for name in names] for row in rows])
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    dates = f"{period.first.isoformat()}-{period.last.isoformat()}"
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{period.clinic.slug}-levelling-{what}-{dates}.csv"'
    )
    return answer


def _set_ups(found: Levelling) -> Figure:
    said = _(
        "On a mean day %(mean).1f patients need a nurse to themselves at one time; on the busiest %(most)d."
    )
    labels = [date_format(day.date, "j M") for day in found.days]
    return Figure(
        heading=_("Set-ups at one time"),
        says=said % {"mean": found.mean_set_ups, "most": max(day.set_ups for day in found.days)},
        plot=stacked(labels, [("a", _("set-ups"), [day.set_ups for day in found.days])]),
        head=(_("Date"), _("Visits"), _("Most set-ups at one time"), _("Most chairs at one time")),
        rows=[(date_format(day.date, "D j M Y"), day.visits, day.set_ups, day.chairs) for day in found.days],
    )


def _starts(found: Levelling) -> Figure:
    labels = [f"{one.begins:%H:%M}" for one in found.quarters]
    visits = sum(one.visits for one in found.quarters)
    if found.template is None:
        parts: list[tuple[str, str, Sequence[float]]] = [
            ("a", _("visits"), [one.visits for one in found.quarters])
        ]
        says = _("No template is in force: there is nothing to compare the starts with.")
        head: tuple[str, ...] = (_("From"), _("Visits"))
        rows: list[tuple[Any, ...]] = [
            (label, one.visits) for label, one in zip(labels, found.quarters, strict=True)
        ]
    else:
        beyond = [one.beyond or 0 for one in found.quarters]
        within = [one.visits - more for one, more in zip(found.quarters, beyond, strict=True)]
        parts = [("a", _("within the template"), within), ("warn", _("beyond it"), beyond)]
        says = _("%(beyond)d of %(visits)d visits begin in quarter hours that were full for their length.")
        says %= {"beyond": sum(beyond), "visits": visits}
        head = (_("From"), _("Visits"), _("Opened"), _("Beyond the template"))
        rows = [
            (label, one.visits, one.opened, one.beyond)
            for label, one in zip(labels, found.quarters, strict=True)
        ]
    return Figure(
        heading=_("Starts against the template"), says=says, plot=stacked(labels, parts), head=head, rows=rows
    )


def _chairs(found: Levelling) -> Figure:
    labels = [f"{one.begins:%H:%M}" for one in found.quarters]
    busiest = max(found.quarters, key=lambda one: one.chairs)
    said = _("Most chairs are in use at %(time)s: %(chairs).1f on a mean day.")
    return Figure(
        heading=_("Chairs across the day"),
        says=said % {"time": f"{busiest.begins:%H:%M}", "chairs": busiest.chairs},
        plot=stacked(labels, [("b", _("chairs in use"), [one.chairs for one in found.quarters])]),
        head=(_("From"), _("Chairs in use")),
        rows=[(label, f"{one.chairs:.1f}") for label, one in zip(labels, found.quarters, strict=True)],
    )


def _cell(value: Any) -> Any:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return round(value, 2) if isinstance(value, float) else value
