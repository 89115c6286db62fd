"""How staff come in: by a form, kept in a session, or by the same token that the API takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled

from bookings.api.throttling import few_guesses
from bookings.commands import signing_in
from bookings.contacts import normalised_email
from bookings.errors import Refused, WrongCredentials
from bookings.frontdesk.access import WALL, is_awake
from bookings.models import AccessToken, StaffMember

View = Callable[..., HttpResponseBase]


#: In the reader's language, what the verbs say in one.
_SAID = {
    "credentials": _("That does not match. Check what you typed."),
    "otp-required": _("Enter the six digits that your authenticator shows, or one of your recovery codes."),
}


class SignInForm(forms.Form):
    """Email, password and, for those who have set one up, the second factor: judged, and limited, as the API
    judges them.
    """

    username = forms.CharField(
        label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    otp = forms.CharField(
        label=_("Six digits, if you use an authenticator, or a recovery code"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self._staff: StaffMember | None = None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        email = normalised_email(given["username"]) or ""
        now = timezone.now()
        try:
            with few_guesses(self._request, email):
                token, _plain = signing_in.sign_in_staff(
                    email, password=given["password"], otp=given["otp"] or None, now=now
                )
        except WrongCredentials:
            raise forms.ValidationError(_SAID["credentials"]) from None
        except Refused as refusal:
            raise forms.ValidationError(_SAID.get(refusal.code, refusal.detail)) from None
        except Throttled:
            raise forms.ValidationError(_("Too many wrong tries. Wait a quarter of an hour.")) from None
        signing_in.sign_out(token, now=now)  # the page keeps its own session
        self._staff = token.staff
        return given

    def get_user(self) -> StaffMember | None:
        """Who has signed in."""
        return self._staff


class SignIn(LoginView):
    """The form at /desk/login/."""

    template_name = "frontdesk/login.html"
    # The view calls nothing of an AuthenticationForm that this form does not have.
    authentication_form = SignInForm  # type: ignore[assignment]
    next_page = "desk"

    def form_valid(self, form: Any) -> HttpResponse:
        # Django looks for the backend on a user that it has not authenticated itself.
        form.get_user().backend = "django.contrib.auth.backends.ModelBackend"
        return super().form_valid(form)


def for_staff(view: View) -> View:
    """Only for staff: a valid token of somebody who has signed in, or a session of the form. Others are led
    to the form, programs get 401.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if _staff_by(token.strip(), now=timezone.now()):
                return view(request, *args, **kwargs)
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        if isinstance(request.user, StaffMember) and request.user.is_active and WALL not in request.session:
            if is_awake(request, now=timezone.now()):
                return view(request, *args, **kwargs)
            logout(request)
        if request.accepts("text/html"):
            return redirect_to_login(request.get_full_path(), "/desk/login/")
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})

    return guarded


def _staff_by(token: str, *, now: datetime) -> bool:
    digest = sha256(token.encode()).digest()
    live = AccessToken.objects.filter(digest=digest, expires_at__gt=now, revoked_at__isnull=True, scope="")
    return live.filter(staff__is_active=True).exists()
