"""What somebody wishes of a course: read from the address, so that a page of plans can be kept and sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.patient.plan_words import weekday_names
from scheduler.case import Wish

NOON = time(12)
LAST_MORNING_START = time(11, 59)


class WishForm(forms.Form):
    """Weekdays, part of the day, and from when on. Nothing has to be filled in."""

    on = forms.MultipleChoiceField(
        label=_("Days that suit you"), required=False, widget=forms.CheckboxSelectMultiple
    )
    time = forms.ChoiceField(
        label=_("Time of day"),
        required=False,
        choices=[("", _("Any")), ("morning", _("Morning")), ("afternoon", _("Afternoon"))],
        widget=forms.RadioSelect,
    )
    begin = forms.DateField(
        label=_("Not before"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": _("Please choose a date.")},
    )
    same = forms.BooleanField(label=_("Always at the same time of day"), required=False)
    many = forms.TypedChoiceField(
        label=_("How many visits"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(count, str(count)) for count in range(1, 7)],
    )

    def __init__(self, data: Any, *, weekdays: Sequence[int], first: date, last: date, open_ended: bool):
        super().__init__(data)
        names = weekday_names()
        self.fields["on"].choices = [(str(day), names[day - 1]) for day in weekdays]  # type: ignore[attr-defined]
        self.fields["begin"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        if not open_ended:
            del self.fields["many"]
        self.is_valid()

    @property
    def wish(self) -> Wish:
        """The wish as the engine knows it; of what was misread, nothing."""
        said = self.cleaned_data
        part = said.get("time")
        return Wish(
            weekdays=frozenset(map(int, said.get("on") or ())),
            not_before=NOON if part == "afternoon" else None,
            not_after=LAST_MORNING_START if part == "morning" else None,
            same_time=said.get("same", False),
        )

    @property
    def first(self) -> date | None:
        """The first date that is wished for."""
        first: date | None = self.cleaned_data.get("begin")
        return first

    @property
    def count(self) -> int:
        """How many visits of a phase that leaves it open."""
        count: int = self.cleaned_data.get("many") or 1
        return count


def weekdays_of(hours: Sequence[Any]) -> list[int]:
    """The ISO weekdays on which there are opening hours, in order."""
    return sorted({one.weekday for one in hours})
