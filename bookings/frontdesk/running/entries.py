"""Inputs whose names are paths into a body, such as `phases.0.spacing.min_gap_days`: for what is too deep for
Django's forms. Text in, JSON out, and back; whether the JSON makes sense is the body's to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext as _

Kind = Literal["text", "long", "whole", "wholes", "words", "yes", "choice", "span", "time"]
_SPAN = re.compile(r"(\d{1,5})(?::([0-5]\d))?", re.ASCII)
_INPUT_TYPES: dict[str, str] = {"whole": "number", "time": "time"}


@dataclass(frozen=True)
class Entry:
    """One field of a body as a person fills it in. `kind` says how its text becomes JSON; `unit` follows the
    value where it is read.
    """

    path: str
    label: Any
    kind: Kind = "text"
    hint: Any = ""
    unit: Any = ""
    options: tuple[tuple[str, Any], ...] = ()
    wide: bool = False

    @property
    def input_type(self) -> str:
        return _INPUT_TYPES.get(self.kind, "text")

    def read(self, text: str) -> Any:
        """The text as JSON; None where it is empty. What cannot be read stays text: the body refuses it."""
        text = text.strip()
        if self.kind == "yes":
            return text != ""
        if self.kind in ("words", "wholes"):
            parts = [part.strip() for part in text.split(",") if part.strip()]
            return [_whole(part) for part in parts] if self.kind == "wholes" else parts
        if not text:
            return None
        if self.kind == "whole":
            return _whole(text)
        return _minutes(text) if self.kind == "span" else text

    def write(self, value: Any) -> str:
        """The JSON as the text that `read` turns into it again."""
        if value is None or value is False:
            return ""
        if self.kind == "yes":
            return "on"
        if self.kind in ("words", "wholes"):
            return ", ".join(map(str, value))
        if self.kind == "span" and isinstance(value, int):
            return f"{value // 60}:{value % 60:02}"
        return str(value)

    def say(self, text: str) -> str:
        """The text as a person reads it."""
        if self.kind == "yes":
            return _("yes") if text else _("no")
        if self.kind == "choice":
            return str(dict(self.options).get(text, text)) or "–"
        return f"{text} {self.unit}".strip() if text else "–"


@dataclass
class Input:
    """One entry of a form with what stands in it."""

    entry: Entry
    name: str
    value: str
    errors: list[str] = field(default_factory=list)
    has_focus: bool = False

    @property
    def id(self) -> str:
        return "in-" + self.name.replace(".", "-")

    @property
    def described_by(self) -> str:
        """The ids of the hint and the faults, where there are any."""
        told = [("-hint", self.entry.hint), ("-error", self.errors)]
        return " ".join(self.id + suffix for suffix, what in told if what)


def at(tree: Mapping[str, Any], path: str) -> Any:
    """What lies at a path of nested objects; None where there is nothing."""
    found: Any = tree
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def put(tree: MutableMapping[str, Any], path: str, value: Any) -> None:
    """Set what lies at a path, making the objects on the way."""
    *way, last = path.split(".")
    for name in way:
        tree = tree.setdefault(name, {})
    tree[last] = value


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?\d{1,12}", text, re.ASCII) else text


def _minutes(text: str) -> int | str:
    found = _SPAN.fullmatch(text)
    return int(found[1]) * 60 + int(found[2] or 0) if found else text
