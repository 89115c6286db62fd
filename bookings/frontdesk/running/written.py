"""Forms of the desk that are judged by the bodies of the API: one set of bounds for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from bookings.bodies.faults import faults
from bookings.bodies.fields import Body
from bookings.errors import Invalid, Refused, Stale
from bookings.frontdesk import proving
from bookings.frontdesk.sentences import said


class Written(forms.Form):
    """Inputs for a body; what the body, or later the command, says of a field stands at that field.

    `read` holds what the body made of it.
    """

    body: ClassVar[type[Body]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read: dict[str, Any] = {}

    def written(self, given: dict[str, Any]) -> dict[str, Any]:
        """The body as a caller of the API would send it."""
        return dict(given)

    def place_of(self, path: str) -> str | None:
        """The input at which a fault in this field of the body is shown; None: above the form."""
        name = path.partition(".")[0]
        return name if name in self.fields else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        body = self.body(
            data=self.written({name: each for name, each in given.items() if name != proving.NAME})
        )
        if body.is_valid():
            self.read = body.validated_data
        for path, sentence in faults(body.errors):
            self.add_error(self.place_of(path), said(sentence))
        return given

    def refuse(self, refusal: Refused) -> None:
        """The command's no, where it belongs. What was typed stays."""
        if isinstance(refusal, Invalid):
            for error in refusal.facts["errors"]:
                self.add_error(self.place_of(error["field"]), said(error["detail"]))
        else:
            self.add_error(None, said(refusal.detail))


class Changing(Written):
    """The same for a thing that others may change too: `version` is the thing's when the form was shown."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def written(self, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().written(given).items() if name != "version"}

    def overtaken(self, refusal: Stale, *, saved: Mapping[str, Any]) -> None:
        """Somebody was faster. What is saved now stands at every field that was typed otherwise, and the form
        carries the version of now, so that it may be saved again.
        """
        typed = dict(self.cleaned_data)
        if isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["version"] = str(refusal.facts["version"])
        self.add_error(
            None,
            _("Somebody has changed this meanwhile. What you typed is still here: look again, then save."),
        )
        for name, value in saved.items():
            if name in self.fields and (typed.get(name) or "") != (value or ""):
                self.add_error(name, _("Saved meanwhile: %(value)s") % {"value": _say(value)})


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value) if value not in (None, "") else "–"
