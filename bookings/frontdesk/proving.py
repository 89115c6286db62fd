"""A fresh proof of who sits there, before what a stranger at a screen left open could do most harm with.

Whoever signed in or proved themselves within `settings.STEP_UP_MINUTES` is not asked. Programs with a token
are not either: they have nothing to prove it with, and their tokens say what they may do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import Throttled

from bookings.api.throttling import few_guesses
from bookings.commands import signing_in
from bookings.errors import WrongCredentials
from bookings.frontdesk.access import SINCE, Desk

NAME = "proof"
_PROVED = "desk_proved_at"


class Proving(forms.Form):
    """A form of nothing but the proof: for what is done by one press."""


def ask(form: forms.Form, request: HttpRequest, desk: Desk) -> None:
    """Give the form an input for the proof, unless there is a fresh one. Before the form is judged."""
    if _is_fresh(request, now=desk.now):
        return
    by_digits = bool(desk.staff.otp_secret)
    form.fields[NAME] = forms.CharField(
        label=gettext_lazy("Six digits, or a recovery code") if by_digits else gettext_lazy("Your password"),
        help_text=gettext_lazy("It is a while since you signed in, so show once more that it is you."),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
        if by_digits
        else forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def is_proven(form: forms.Form, request: HttpRequest, desk: Desk) -> bool:
    """Whether there is a fresh proof, or the form, which is valid, brings one. If not, the form says so."""
    if NAME not in form.fields:
        return True
    typed = str(form.cleaned_data.get(NAME) or "")
    try:
        with few_guesses(request, desk.staff.email):
            if not typed:
                form.add_error(NAME, _("This needs a proof that it is you."))
                return False
            signing_in.prove_again(desk.staff, proof=typed, now=desk.now)
    except WrongCredentials:
        form.add_error(NAME, _("That does not match. Check what you typed."))
        return False
    except Throttled:
        form.add_error(NAME, _("Too many wrong tries. Wait a quarter of an hour."))
        return False
    request.session[_PROVED] = desk.now.timestamp()
    return True


def _is_fresh(request: HttpRequest, *, now: datetime) -> bool:
    latest = max(request.session.get(_PROVED, 0), request.session.get(SINCE, 0))
    return now.timestamp() - latest < timedelta(minutes=settings.STEP_UP_MINUTES).total_seconds()
