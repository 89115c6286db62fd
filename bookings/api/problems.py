"""The one translator of refusals into RFC 9457 problem details."""

from __future__ import annotations

import logging
import sys
from datetime import UTC
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from bookings.bodies.faults import faults
from bookings.bodies.times import localised
from bookings.errors import Refused

MEDIA_TYPE = "application/problem+json"

#: Every code that the API answers with: its status and its title.
CODES: dict[str, tuple[int, str]] = {
    "invalid": (400, "The request does not make sense"),
    "unauthenticated": (401, "Not signed in"),
    "credentials": (401, "Wrong credentials"),
    "otp-required": (401, "Second factor required"),
    "forbidden": (403, "Not allowed"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "Method not allowed"),
    "taken": (409, "The place is taken"),
    "wrong-state": (409, "Not possible in this state"),
    "assessment-needed": (409, "A prescriber looks at the patient first"),
    "not-together": (409, "Not all of these can be carried out together"),
    "hold-expired": (409, "The hold has expired"),
    "idempotency-key-in-use": (409, "A twin of this request is still running"),
    "stale": (412, "Changed in the meantime"),
    "too-large": (413, "The request is too large"),
    "unsupported-media-type": (415, "Unsupported media type"),
    "spacing": (422, "The spacing rules of the treatment forbid it"),
    "not-offered": (422, "Not offered at this time"),
    "unplannable": (422, "No plan keeps every rule"),
    "idempotency-key-reused": (422, "This key was used for another request"),
    "too-many-requests": (429, "Too many requests"),
    "internal": (500, "Something went wrong here"),
    "busy": (503, "Busy"),
}

_log = logging.getLogger(__name__)


def problem(code: str, detail: str, *, headers: dict[str, str] | None = None, **facts: Any) -> Response:
    """The answer for one of CODES, with a sentence for a person and the facts."""
    return Response(body_of(code, detail, **facts), CODES[code][0], headers=headers, content_type=MEDIA_TYPE)


def body_of(code: str, detail: str, *, status: int | None = None, **facts: Any) -> dict[str, Any]:
    """The members of a problem."""
    standard, title = CODES.get(code, (status, code.replace("-", " ").capitalize()))
    head = {"type": f"urn:cadence:problem:{code}", "title": title, "status": status or standard}
    return {**head, "detail": detail, "code": code, **facts}


def invalid(field: str, detail: str) -> exceptions.ValidationError:
    """The refusal of one field, for a view to raise."""
    return exceptions.ValidationError({field: [detail]})


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Turn whatever a view raised into a problem. What nobody expected is logged and told to nobody."""
    if isinstance(exc, Refused):
        return _refusal(exc, context)
    if isinstance(exc, exceptions.ValidationError):
        errors = [{"field": field, "detail": detail} for field, detail in faults(exc.detail)]
        return problem("invalid", _sentence(errors), errors=errors)
    code, detail, headers = _known(exc)
    if code == "internal":
        # Django's own signal, as for any view that failed: tests see the exception, monitors count it.
        got_request_exception.send(sender=None, request=context.get("request"))
        _log.error(
            "Unexpected %s in %s", type(exc).__name__, type(context.get("view")).__name__, exc_info=exc
        )
    facts = {"errors": [{"field": "", "detail": detail}]} if code == "invalid" else {}
    return problem(code, detail, headers=headers, **facts)


def _refusal(exc: Refused, context: dict[str, Any]) -> Response:
    zone = getattr(context.get("view"), "zone", UTC)
    facts = localised(exc.facts, zone)
    if "status" in facts:  # in a problem, `status` is HTTP's own number
        facts["state"] = facts.pop("status")
    headers = {}
    if (wait := facts.get("retry_after")) is not None:
        headers["Retry-After"] = str(wait)
    if exc.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    data = body_of(exc.code, exc.detail, status=exc.status, **facts)
    return Response(data, exc.status, headers=headers, content_type=MEDIA_TYPE)


def _known(exc: Exception) -> tuple[str, str, dict[str, str]]:
    """The code, the sentence and the headers for an exception of Django or of the REST framework."""
    if isinstance(exc, exceptions.Throttled):
        wait = str(max(1, int(getattr(exc, "wait", None) or 1)))
        return "too-many-requests", f"Too many requests. Try again in {wait} s.", {"Retry-After": wait}
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return "unauthenticated", str(exc.detail), {"WWW-Authenticate": "Bearer"}
    for kinds, code in _BY_KIND:
        if isinstance(exc, kinds):
            return code, str(getattr(exc, "detail", "")) or CODES[code][1] + ".", {}
    if isinstance(exc, _AWAY):
        _log.error("The database does not answer", exc_info=exc)
        return "busy", _BUSY, {"Retry-After": "1"}
    return "internal", "Something went wrong here. It has been written down.", {}


#: The database is away, went away meanwhile, or its pool is exhausted.
_AWAY = (OperationalError, InterfaceError)
_BUSY = "The service is busy. Try again in a moment."
_BY_KIND: list[tuple[tuple[type[Exception], ...], str]] = [
    ((Http404, exceptions.NotFound), "not-found"),
    ((PermissionDenied, exceptions.PermissionDenied), "forbidden"),
    ((exceptions.MethodNotAllowed,), "method-not-allowed"),
    ((exceptions.UnsupportedMediaType,), "unsupported-media-type"),
    ((RequestDataTooBig,), "too-large"),
    ((exceptions.ParseError, UnreadablePostError, SuspiciousOperation), "invalid"),
]


def _sentence(errors: list[dict[str, str]]) -> str:
    first = errors[0] if errors else {"field": "", "detail": "The request does not make sense."}
    return f"{first['field']}: {first['detail']}" if first["field"] else first["detail"]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer for an address that no view has: under the API a problem, elsewhere a page."""
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    return _plain("not-found", "There is nothing at this address.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer for a request that Django refused before it reached a view."""
    if not _is_api(request):
        return defaults.bad_request(request, exception)
    detail = "The request does not make sense."
    return _plain("invalid", detail, errors=[{"field": "", "detail": detail}])


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer when a page, or something outside the views, failed."""
    if isinstance(sys.exc_info()[1], _AWAY):
        return _away(request)
    if not _is_api(request):
        return defaults.server_error(request)
    return _plain("internal", "Something went wrong here. It has been written down.")


def _away(request: HttpRequest) -> HttpResponse:
    """The database does not answer: said with nothing that would ask it."""
    if _is_api(request):
        answer = _plain("busy", _BUSY)
    else:
        answer = HttpResponse(render_to_string("503.html"), status=503)
        add_never_cache_headers(answer)
    answer["Retry-After"] = "10"
    return answer


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _plain(code: str, detail: str, **facts: Any) -> HttpResponse:
    content = orjson.dumps(body_of(code, detail, **facts))
    return HttpResponse(content, status=CODES[code][0], content_type=MEDIA_TYPE)
