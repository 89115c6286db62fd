"""The forms of a patient's page of messages: what they choose, in their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.commands.choose import EARLIEST_BEGIN, EARLIEST_END, LATEST_BEGIN, LATEST_END
from notifications.kinds import Channel, Kind
from notifications.models import Choices

#: What patients tell apart, and the kinds that each of it is.
GROUPS: Mapping[str, tuple[Any, tuple[Kind, ...]]] = {
    "reminders": (_("Reminders before a visit"), (Kind.REMINDER,)),
    "preparing": (_("How to prepare"), (Kind.PREPARATION,)),
    "changes": (
        _("Bookings, changes and cancellations"),
        (
            *(Kind.RECEIPT, Kind.CONFIRMATION, Kind.CHANGE, Kind.CANCELLATION),
            *(Kind.SERIES_CANCELLATION, Kind.RESTORED),
        ),
    ),
    "delays": (_("When the clinic is running late"), (Kind.RUNNING_LATE,)),
    "afterwards": (_("After a visit"), (Kind.FOLLOW_UP, Kind.FINISHED)),
    "suggestions": (_("Other times that the clinic suggests"), (Kind.PROPOSAL, Kind.OFFER, Kind.OFFER_LOST)),
}
#: Nobody should learn at a locked door that the visit was cancelled.
NEVER_SILENT = frozenset({"changes"})

_CLINIC, _NOTHING = "clinic", "nothing"
_WAYS: Mapping[str, tuple[Any, tuple[Channel, ...]]] = {
    "email": (_("By email"), (Channel.EMAIL,)),
    "text": (_("By text"), (Channel.TEXT,)),
    "both": (_("By email and by text"), (Channel.EMAIL, Channel.TEXT)),
}


class ChoicesForm(forms.Form):
    """By which way each is told, and when nobody is to be disturbed."""

    quiet_begins = forms.TimeField(
        required=False,
        label=_("No messages in the evening from"),
        help_text=_("Between 12:00 and 21:00; empty is 21:00, or what the clinic has."),
        widget=forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M"),
    )
    quiet_ends = forms.TimeField(
        required=False,
        label=_("and in the morning until"),
        help_text=_("Between 8:00 and 12:00; empty is 8:00, or what the clinic has."),
        widget=forms.TimeInput(attrs={"type": "time", "class": "short"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, texts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quiet = [(name, self.fields.pop(name)) for name in ("quiet_begins", "quiet_ends")]
        for name, (label, _kinds) in GROUPS.items():
            ways = [(way, words) for way, (words, _channels) in _WAYS.items() if texts or way == "email"]
            silent = [] if name in NEVER_SILENT else [(_NOTHING, _("Not at all"))]
            options = [(_CLINIC, _("As the clinic does")), *ways, *silent]
            self.fields[name] = forms.ChoiceField(label=label, choices=options)
        self.fields.update(quiet)

    def clean_quiet_begins(self) -> time | None:
        return self._within("quiet_begins", EARLIEST_BEGIN, LATEST_BEGIN)

    def clean_quiet_ends(self) -> time | None:
        return self._within("quiet_ends", EARLIEST_END, LATEST_END)

    def channels(self, before: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """What was chosen, kind by kind; of a group that was not changed, what was so `before`."""
        found: dict[str, list[str]] = {}
        for name, (_label, kinds) in GROUPS.items():
            chosen = self.cleaned_data[name]
            for kind in kinds:
                if chosen == shown(name, before):
                    if kind in before:
                        found[kind] = list(before[kind])
                elif chosen != _CLINIC:
                    found[kind] = [] if chosen == _NOTHING else [str(each) for each in _WAYS[chosen][1]]
        return found

    def _within(self, name: str, first: time, last: time) -> time | None:
        at: time | None = self.cleaned_data[name]
        if at is not None and not first <= at <= last:
            raise forms.ValidationError(
                _("Please choose a time from %(first)s to %(last)s.")
                % {"first": f"{first:%H:%M}", "last": f"{last:%H:%M}"}
            )
        return at


def initial(choices: Choices | None) -> dict[str, Any]:
    """The form as it stands for somebody who has chosen this."""
    channels: Mapping[str, Sequence[str]] = choices.channels if choices else {}
    return {
        **{name: shown(name, channels) for name in GROUPS},
        "quiet_begins": choices.quiet_begins if choices else None,
        "quiet_ends": choices.quiet_ends if choices else None,
    }


def shown(name: str, channels: Mapping[str, Sequence[str]]) -> str:
    """How a group is shown: by the first of its kinds."""
    first = GROUPS[name][1][0]
    if first not in channels:
        return _CLINIC
    chosen = set(channels[first])
    return next((way for way, (_words, each) in _WAYS.items() if set(each) == chosen), _NOTHING)
