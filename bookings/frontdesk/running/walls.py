"""Times as a form carries them: on the clinic's wall, by the minute."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _


class WallTimeField(forms.Field):
    """`2026-12-01T09:00` on the wall of `zone`, which the form sets; an aware time in UTC afterwards.

    A time that the clocks skip is refused; of one that they show twice it is the first.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")
    zone: ZoneInfo

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            wall = datetime.fromisoformat(str(value))
        except ValueError:
            raise forms.ValidationError(_("This is not a date and a time.")) from None
        if wall.tzinfo is not None or wall.second or wall.microsecond:
            raise forms.ValidationError(_("This is not a date and a time."))
        there = wall.replace(tzinfo=self.zone)
        if there.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != wall:
            raise forms.ValidationError(_("The clocks skip this hour on that day."))
        return there.astimezone(UTC)

    def prepare_value(self, value: Any) -> Any:
        return value.astimezone(self.zone) if isinstance(value, datetime) and value.tzinfo else value
