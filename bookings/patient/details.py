"""The form between a plan that is kept and one that is booked: who somebody is, and what they agree to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.models import Clinic
from bookings.patient.fields import CodeField, ContactField, PersonFields


class Agreements(forms.Form):
    """What is agreed to. Only the first is needed to book; the words shown are the words kept."""

    agree = forms.BooleanField(error_messages={"required": _("We cannot book without this.")})
    remind = forms.BooleanField(required=False)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {"clinic": clinic.name}
        self.fields["agree"].label = (
            _(
                "%(clinic)s may keep what I have typed here and the times of my visits, to plan them and to "
                "treat me."
            )
            % words
        )
        self.fields["remind"].label = (
            _(
                "%(clinic)s may remind me before each visit, at the address or number above. Texts may cost "
                "what my plan charges; STOP in an answer ends them."
            )
            % words
        )

    def wordings(self, contact: str) -> dict[str, str]:
        """Purpose → the words that were agreed to; `contact` says by which way reminders go."""
        given = {"booking": str(self.fields["agree"].label)}
        if self.cleaned_data["remind"]:
            given["emails" if "@" in contact else "texts"] = str(self.fields["remind"].label)
        return given


class DetailsForm(PersonFields, Agreements):
    """Who somebody is, and where a code reaches them."""

    contact = ContactField()
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    field_order = ("first_name", "last_name", "birth_date", "contact", "agree", "remind", "time_zone")


class BookingCodeForm(forms.Form):
    """The code that was sent."""

    code = CodeField()
