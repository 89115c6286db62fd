"""What the pages of all reports share: the period in the address, the plots, and the tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bookings.errors import Invalid
from bookings.frontdesk.access import Desk
from bookings.frontdesk.day.dates import today
from bookings.frontdesk.figures.plots import Plot
from bookings.models import Role
from bookings.queries.reports.period import Period

#: As in the API.
READERS = (Role.FRONT_DESK, Role.MANAGER)
_USUAL = timedelta(days=27)


@dataclass(frozen=True)
class Figure:
    """One plot with its heading, what it comes to in a sentence, and the table of its numbers."""

    heading: str
    says: str
    plot: Plot | None
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]  # the first of a row is its heading


def period_of(request: HttpRequest, desk: Desk) -> tuple[Period, str]:
    """The period of the address, or four weeks to today with the reason why not that of the address."""
    last = today(desk)
    usual = Period(desk.clinic, last - _USUAL, last)
    if "from" not in request.GET and "to" not in request.GET:
        return usual, ""
    try:
        first, last = (date.fromisoformat(request.GET.get(name, "")) for name in ("from", "to"))
        if not (1990 <= first.year <= 2100 and 1990 <= last.year <= 2100):
            raise ValueError
        return Period(desk.clinic, first, last), ""
    except Invalid:
        return usual, _("A report is about one day to a year. These are the last four weeks.")
    except ValueError:
        return usual, _("These dates make no sense here. These are the last four weeks.")


def report_page(
    request: HttpRequest, desk: Desk, *, name: str, period: Period, wrong: str, figures: Sequence[Figure]
) -> HttpResponse:
    """A page with those figures, and the way to the other reports."""
    context = {"desk": desk, "name": name, "period": period, "wrong": wrong, "figures": figures}
    return render(request, "frontdesk/figures/report.html", context, status=400 if wrong else 200)


def percent(share: float | None) -> str:
    """A share in words; a dash where there is nothing to share."""
    return "–" if share is None else f"{share:.0%}"
