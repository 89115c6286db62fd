"""One visit: see it, confirm it, name who drives one home."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from bookings.commands.attend import confirm_session
from bookings.commands.escort import name_escort
from bookings.contacts import normalised_phone
from bookings.errors import Busy, Refused
from bookings.models import SessionStatus
from bookings.patient.refusals import why
from bookings.patient.visited import Visited, status_of, version_of


class DriverForm(forms.Form):
    """Who takes the patient home."""

    name = forms.CharField(
        label=_("Name"), max_length=100, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=40,
        required=False,
        help_text=_("So that the clinic can call when you are ready to leave. You may leave it out."),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        """The number in the form in which it is kept."""
        said: str = self.cleaned_data["phone"]
        kept = normalised_phone(said) if said else ""
        if kept is None:
            raise forms.ValidationError(_("This is no phone number. Example: 202 555 0142"))
        return kept

    def clean(self) -> dict[str, object] | None:
        given = super().clean()
        if given and given.get("phone") and not given.get("name"):
            self.add_error("name", _("Whose number is this?"))
        return given


@require_safe
def show(request: HttpRequest, at: Visited) -> HttpResponse:
    """When and where, how to prepare, and what can be done. Changes nothing, whoever asks."""
    return _page(request, at)


@require_POST
def confirm(request: HttpRequest, at: Visited) -> HttpResponse:
    """The patient comes. Pressed twice it is said once more."""
    try:
        confirm_session(at.session, if_version=version_of(request), actor=at.actor, now=at.now)
    except Refused as refusal:
        at = at.again()
        if at.session.status != SessionStatus.CONFIRMED or isinstance(refusal, Busy):
            return _page(request, at, refused=why(refusal), status=status_of(refusal))
    messages.success(request, gettext("Thank you. The clinic knows that you are coming."), extra_tags="good")
    return redirect(at.base)


@require_POST
def driver(request: HttpRequest, at: Visited) -> HttpResponse:
    """Who takes the patient home; an empty name takes back who was named before."""
    form = DriverForm(request.POST)
    if not form.is_valid():
        return _page(request, at, form=form, status=422)
    name, phone = form.cleaned_data["name"], form.cleaned_data["phone"]
    if at.by_link and not phone and name == at.session.escort_name:
        phone = at.session.escort_phone  # which a page that was opened by a link does not show
    try:
        # Two people who name a driver at once mean the same: the last one counts, whatever was there.
        name_escort(at.session, name=name, phone=phone, actor=at.actor, now=at.now)
    except Refused as refusal:
        return _page(request, at.again(), form=form, refused=why(refusal), status=status_of(refusal))
    said = gettext("Thank you. %(name)s takes you home.") % {"name": name}
    messages.success(request, said if name else gettext("Nobody is named any more."), extra_tags="good")
    return redirect(at.base)


def _page(
    request: HttpRequest,
    at: Visited,
    *,
    form: DriverForm | None = None,
    refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    # Whoever has come by a link has shown no code: another person's telephone is not theirs to read.
    named = {"name": at.session.escort_name, "phone": "" if at.by_link else at.session.escort_phone}
    form = form or DriverForm(initial=named)
    return at.show(request, "visit", refused=refused, status=status, form=form)
