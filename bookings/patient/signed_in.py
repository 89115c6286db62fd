"""Which patient a page is shown to: one who has shown a code or a link, remembered in a session.

The session, kept by the server, names an access token of the API's kind: it ends when that is revoked or has
run out, wherever that happens.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from bookings.actors import ANONYMOUS, Actor, patient_actor
from bookings.commands import signing_in
from bookings.models import AccessToken, Patient
from bookings.patient.page import page

View = Callable[..., HttpResponseBase]
_TOKEN = "patient_token"  # noqa: S105  the name of a place in the session
_SEEN = "_cadence_patient_token"


def remember(request: HttpRequest, token: AccessToken) -> None:
    """From now on this browser is that patient's. The session gets another key, and keeps what is in it."""
    request.session.cycle_key()
    request.session[_TOKEN] = str(token.id)
    setattr(request, _SEEN, token)


def forget(request: HttpRequest, *, now: datetime) -> None:
    """Sign out: the token is dead and the session, with whatever was typed in it, is gone."""
    token = _token(request, now=now)
    if token is not None:
        signing_in.sign_out(token, now=now)
    request.session.flush()
    setattr(request, _SEEN, None)


def patient_of(request: HttpRequest) -> Patient | None:
    """The patient who is signed in here, or None. At most one query for each request."""
    token = _token(request, now=timezone.now())
    return token.patient if token else None


def current_patient(request: HttpRequest) -> Actor:
    """Who acts on this page: the patient who is signed in, else nobody in particular."""
    patient = patient_of(request)
    return patient_actor(patient) if patient else ANONYMOUS


def for_patient(view: View) -> View:
    """A page for a patient who is signed in, whom the view gets as `patient=`. Others are led to sign in,
    and come back.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        patient = patient_of(request)
        if patient is None:
            # A form that was sent cannot be repeated by being led back: the page before it can.
            back = (
                request.get_full_path() if request.method in ("GET", "HEAD") else reverse("landing") + "my/"
            )
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': back})}")
        return view(request, *args, patient=patient, **kwargs)

    return page(guarded)


def whose(request: HttpRequest) -> dict[str, Any]:
    """For templates: `signed_in`, the patient or None, looked up when a template asks."""
    return {"signed_in": SimpleLazyObject(lambda: patient_of(request))}


def _token(request: HttpRequest, *, now: datetime) -> AccessToken | None:
    if not hasattr(request, _SEEN):
        named = request.session.get(_TOKEN)
        live = AccessToken.objects.filter(expires_at__gt=now, revoked_at__isnull=True, patient__isnull=False)
        found = live.filter(id=named).select_related("patient").first() if named else None
        setattr(request, _SEEN, found)
    token: AccessToken | None = getattr(request, _SEEN)
    return token
