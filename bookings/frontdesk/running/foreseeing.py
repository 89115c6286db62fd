"""What a change of the roster would do, shown before it is saved; and what it did, said after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.displacement import Displaced
from bookings.frontdesk.access import Desk

#: What the two buttons of the page send along with everything that was typed.
CONFIRMED, AGAIN = "confirmed", "again"
_OF_THE_PAGE = frozenset({CONFIRMED, AGAIN, "csrfmiddlewaretoken"})


def foresee(
    request: HttpRequest, desk: Desk, displaced: Sequence[Displaced], *, heading: str, confirm: str, back: str
) -> HttpResponse:
    """The page that shows whom a change would displace. Its form sends what was typed once more, either to be
    saved, or to be typed on. `back` is the address where nothing was changed.
    """
    context = {
        "desk": desk,
        "displaced": displaced,
        "heading": heading,
        "confirm": confirm,
        "back": back,
        "carried": carried(request.POST),
    }
    return render(request, "frontdesk/running/foreseen.html", context)


def carried(typed: QueryDict) -> list[tuple[str, Any]]:
    """Every name and value of a form, for a page between to carry on in hidden fields."""
    return [(name, value) for name, values in typed.lists() if name not in _OF_THE_PAGE for value in values]


def say(request: HttpRequest, desk: Desk, done: str, displaced: Sequence[Displaced]) -> None:
    """On the next page: what was done, how many visits do not fit any more, and where several of them can be
    mended together.
    """
    count = len(displaced)
    said = ngettext(
        "%(count)d visit does not fit any more: it stays where it is, and is on the list of tasks.",
        "%(count)d visits do not fit any more: they stay where they are, and are on the list of tasks.",
        count,
    ) % {"count": count}
    tag, told = "warn" if count else "good", f"{done} {said}" if count else done
    if count > 1:
        page, words = (
            reverse("desk-repairs", args=[desk.clinic.slug]),
            _("Draw up one plan for all %(count)d…"),
        )
        told = format_html('{} <a href="{}">{}</a>', told, page, words % {"count": count})
    messages.success(request, told, extra_tags=tag)


def saved(request: HttpRequest) -> None:
    """On the next page: that it is saved."""
    messages.success(request, _("Saved."), extra_tags="good")
