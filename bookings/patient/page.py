"""What every page for patients has in common: no cache keeps it, and a refusal is a page with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from rest_framework.exceptions import Throttled

from bookings.errors import Refused

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page for patients: kept by no cache, and answering in words where the diary says no."""

    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return refused(request, refusal)
        except Throttled as refusal:
            wait = seconds_of(refusal)
            return _sorry(request, too_often(wait), status=429, headers={"Retry-After": str(wait)})

    return shown


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page for a refusal that no view made something better of."""
    headers = {}
    if (wait := refusal.facts.get("retry_after")) is not None:
        headers["Retry-After"] = str(wait)
    return _sorry(request, words_of(refusal), status=refusal.status, headers=headers)


def words_of(refusal: Refused) -> str:
    """A refusal in the reader's language: by its code, where the sentence is always the same one."""
    return {
        "not-found": _("This page is not here. It may have moved, or it belongs to somebody else."),
        "forbidden": _("This cannot be done here. Please call the clinic."),
        "busy": _("Many people are booking just now. Please try again in a moment."),
        "stale": _("This has changed since you opened the page. Please look again."),
        "hold-expired": _("The time for which these visits were kept is over."),
        "credentials": _("That code does not match. Check what you typed, or ask for a new code."),
    }.get(refusal.code, refusal.detail)


def too_often(wait: int) -> str:
    """That somebody asked too often, and when to try again; `wait` in seconds."""
    minutes = max(1, round(wait / 60))
    return _("That was asked for very often. Please try again in %(minutes)d min.") % {"minutes": minutes}


def seconds_of(refusal: Throttled) -> int:
    """After how many seconds one may ask again."""
    return max(1, int(getattr(refusal, "wait", None) or 60))


def _sorry(request: HttpRequest, sentence: str, *, status: int, headers: dict[str, str]) -> HttpResponse:
    answer = render(request, "patient/sorry.html", {"sentence": sentence}, status=status)
    for name, value in headers.items():
        answer.headers[name] = value
    return answer
