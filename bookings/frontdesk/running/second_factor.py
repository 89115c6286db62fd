"""Setting up one's own authenticator, dropping it, and the codes for when it is lost."""

from __future__ import annotations

from typing import Any, ClassVar

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import Throttled

from bookings import recovery, second_factor
from bookings.api.throttling import few_guesses
from bookings.bodies.fields import Body
from bookings.bodies.second_factor import Digits, SecondFactorBody
from bookings.commands import signing_in
from bookings.errors import Invalid, Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.written import Written

_CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code", "maxlength": "6"}
_WRONG = gettext_lazy("These are neither the digits of now nor a code of yours, or they have been used.")
_TOO_MANY = gettext_lazy("Too many wrong tries. Wait a quarter of an hour.")
_EITHER = {"autocomplete": "one-time-code", "maxlength": "20"}


class DigitsForm(Written):
    """The digits that the authenticator shows, or a recovery code."""

    body: ClassVar[type[Body]] = Digits
    otp = forms.CharField(
        label=gettext_lazy("Six digits, or a recovery code"), widget=forms.TextInput(attrs=_EITHER)
    )


class SecretForm(Written):
    """The digits of an authenticator that has just scanned the secret that was shown."""

    body = SecondFactorBody
    otp = forms.CharField(label=gettext_lazy("Six digits"), widget=forms.TextInput(attrs=_CODE))
    secret = forms.CharField(widget=forms.HiddenInput)

    def place_of(self, path: str) -> str | None:
        return None if path == "secret" else super().place_of(path)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(while_owing=True)
def set_up(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A fresh secret to scan; nothing is kept of it until the digits show that the authenticator has it."""
    if desk.staff.otp_secret and request.method == "POST":
        raise Invalid("secret", _("Drop the present second factor first."))
    form = SecretForm(request.POST or None, initial={"secret": second_factor.new_secret()})
    if request.method == "POST" and form.is_valid():
        try:
            codes = signing_in.set_second_factor(desk.staff, **form.read, now=desk.now)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            done = _("Your authenticator is set up. From now on its digits are asked for when you sign in.")
            return _say_codes(request, desk, codes, done=done)
    return _show(request, desk, set_form=form)


@require_POST
@desk()
def renew(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ten new recovery codes, shown once; those of before work no longer."""
    form = DigitsForm(request.POST, auto_id="renew_%s")
    if form.is_valid():
        try:
            with few_guesses(request, desk.staff.email):
                codes = signing_in.renew_recovery_codes(desk.staff, **form.read, now=desk.now)
        except Invalid as refusal:
            form.refuse(refusal)
        except Refused:
            form.add_error("otp", _WRONG)
        except Throttled:
            form.add_error("otp", _TOO_MANY)
        else:
            return _say_codes(request, desk, codes, done=_("The codes of before work no longer."))
    return _show(request, desk, renew_form=form)


@require_POST
@desk()
def drop(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The password alone is enough again; needs the digits of now, or a recovery code."""
    form = DigitsForm(request.POST)
    if form.is_valid():
        try:
            with few_guesses(request, desk.staff.email):
                signing_in.drop_second_factor(desk.staff, **form.read, now=desk.now)
        except Refused:
            form.add_error("otp", _WRONG)
        except Throttled:
            form.add_error("otp", _TOO_MANY)
        else:
            messages.success(request, _("Your password alone is enough again."), extra_tags="good")
            return redirect("desk-second-factor", clinic=desk.clinic.slug)
    return _show(request, desk, drop_form=form)


def _show(
    request: HttpRequest,
    desk: Desk,
    *,
    set_form: SecretForm | None = None,
    drop_form: DigitsForm | None = None,
    renew_form: DigitsForm | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"desk": desk, "is_set_up": bool(desk.staff.otp_secret)}
    if context["is_set_up"]:
        context["form"] = drop_form or DigitsForm()
        context["renew_form"] = renew_form or DigitsForm(auto_id="renew_%s")
        context["codes_left"] = recovery.codes_left(desk.staff)
    else:
        form = context["form"] = set_form or SecretForm(initial={"secret": second_factor.new_secret()})
        context["secret"] = str(form["secret"].value() or "")[:64]
        context["code"] = _drawn(context["secret"], email=desk.staff.email)
    given = (set_form, drop_form, renew_form)
    status = 400 if any(form is not None and form.errors for form in given) else 200
    return render(request, "frontdesk/running/second_factor.html", context, status=status)


def _say_codes(request: HttpRequest, desk: Desk, codes: list[str], *, done: str) -> HttpResponse:
    """The answer to the form itself: no page can be asked for these a second time."""
    context = {"desk": desk, "codes": codes, "done": done}
    return render(request, "frontdesk/running/recovery_codes.html", context)


def _drawn(secret: str, *, email: str) -> SafeString:
    """The secret as a square that an authenticator scans: dark on light, also on a dark page."""
    code = segno.make(second_factor.address_of(secret, email=email), error="m", micro=False)
    svg = code.svg_inline(scale=5, light="#fff", omitsize=False, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn from modules; what was typed is not in it as text
