"""Another password of one's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import Throttled

from bookings.api.throttling import few_guesses
from bookings.bodies.passwords import OwnPassword
from bookings.commands import signing_in
from bookings.errors import Invalid, Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.written import Written

_OLD, _NEW = {"autocomplete": "current-password"}, {"autocomplete": "new-password"}


class PasswordForm(Written):
    """The present password, the new one twice, and the digits of whoever has an authenticator."""

    body = OwnPassword
    old = forms.CharField(
        label=gettext_lazy("Present password"), strip=False, widget=forms.PasswordInput(attrs=_OLD)
    )
    new = forms.CharField(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("At least twelve signs. Some words that nobody would guess do well."),
        strip=False,
        widget=forms.PasswordInput(attrs=_NEW),
    )
    again = forms.CharField(
        label=gettext_lazy("New password once more"), strip=False, widget=forms.PasswordInput(attrs=_NEW)
    )
    otp = forms.CharField(
        label=gettext_lazy("Six digits, or a recovery code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, second_factor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not second_factor:
            del self.fields["otp"]

    def written(self, given: dict[str, Any]) -> dict[str, Any]:
        return {name: each for name, each in super().written(given).items() if name != "again"}

    def clean_again(self) -> str:
        """The same as the new one."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("The new passwords differ."))
        return again


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Takes the present password, and the second factor where there is one. This browser stays signed in,
    everything else of the account is signed out.
    """
    form = PasswordForm(request.POST or None, second_factor=bool(desk.staff.otp_secret))
    if request.method == "POST" and form.is_valid() and _is_kept(request, desk, form):
        messages.success(
            request, _("Your new password holds. You are signed out everywhere else."), extra_tags="good"
        )
        return redirect("desk-second-factor", clinic=desk.clinic.slug)
    context = {"desk": desk, "form": form}
    return render(request, "frontdesk/running/password.html", context, status=400 if form.errors else 200)


def _is_kept(request: HttpRequest, desk: Desk, form: PasswordForm) -> bool:
    try:
        with few_guesses(request, desk.staff.email):
            staff = signing_in.change_password(desk.staff, **form.read, now=desk.now)
    except Throttled:
        form.add_error(None, _("Too many wrong tries. Wait a quarter of an hour."))
    except Invalid as refusal:
        form.refuse(refusal)
    except Refused:
        form.add_error(None, _("That does not match. Check what you typed."))
    else:
        update_session_auth_hash(request, staff)
        return True
    return False
