"""Fields that patients fill in: read leniently, kept as they were typed when something is wrong with them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.contacts import normalised_contact

FIRST_BIRTH_YEAR = 1880


MISSING = {"required": _("Please fill this in.")}


class ContactField(forms.CharField):
    """An email address or a telephone number, in the form in which it is kept."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"})
        words = {
            "label": _("Email or mobile number"),
            "help_text": _("A code to sign in goes there, and nothing else now."),
        }
        super().__init__(max_length=254, error_messages=MISSING, **(words | {"widget": widget} | options))

    def clean(self, value: Any) -> Any:
        contact = normalised_contact(super().clean(value))
        if contact is None:
            raise forms.ValidationError(
                _("This is neither an email address nor a phone number. Example: name@mail.com")
            )
        return contact


class CodeField(forms.CharField):
    """Six digits; spaces between them do no harm."""

    def __init__(self, **options: Any) -> None:
        attrs = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "class": "code",
            "spellcheck": "false",
        }
        words = {"label": _("Code"), "help_text": _("Six digits. They work for ten minutes.")}
        widget = forms.TextInput(attrs=attrs)
        super().__init__(max_length=20, error_messages=MISSING, **(words | {"widget": widget} | options))

    def clean(self, value: Any) -> Any:
        digits = re.sub(r"[\s.\-]", "", super().clean(value))
        if not re.fullmatch(r"\d{6}", digits, re.ASCII):
            raise forms.ValidationError(_("The code has six digits."))
        return digits


class BirthDateWidget(forms.MultiWidget):
    """Month, day and year as three small fields: nobody scrolls back forty years."""

    template_name = "patient/parts/birth_date.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        def part(autocomplete: str, longest: int) -> forms.Widget:
            return forms.TextInput(
                {"autocomplete": autocomplete, "inputmode": "numeric", "maxlength": longest}
            )

        parts: dict[str, forms.Widget | type[forms.Widget]] = {
            "month": part("bday-month", 2),
            "day": part("bday-day", 2),
            "year": part("bday-year", 4),
        }
        super().__init__(parts, attrs)

    def decompress(self, value: date | None) -> list[Any]:
        return [value.month, value.day, value.year] if value else [None, None, None]


class BirthDateField(forms.MultiValueField):
    """The birth date of a living person."""

    def __init__(self, **options: Any) -> None:
        parts = tuple(forms.CharField(max_length=4, error_messages=MISSING) for _part in range(3))
        super().__init__(
            parts, label=_("Date of birth"), widget=BirthDateWidget(), error_messages=MISSING, **options
        )

    def compress(self, data_list: list[Any]) -> date | None:
        if not data_list:
            return None
        try:
            month, day, year = (int(part) for part in data_list)
            born = date(year, month, day)
        except ValueError:
            raise forms.ValidationError(_("There is no such date. Example: 4 27 1985")) from None
        if born.year < FIRST_BIRTH_YEAR:
            raise forms.ValidationError(_("Please write the year with four digits. Example: 1985"))
        return born


def _name(label: Any, autocomplete: str) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=100, error_messages=MISSING, widget=widget)


class PersonFields(forms.Form):
    """Who somebody is."""

    first_name = _name(_("First name"), "given-name")
    last_name = _name(_("Last name"), "family-name")
    birth_date = BirthDateField()
