"""Two versions of a treatment side by side, line by line, in the words of its form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bookings.frontdesk.named import named
from bookings.frontdesk.running.entries import Entry, at
from bookings.frontdesk.running.protocol_entries import GROUPS, PHASE, STEP, WASHOUT

_Key = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One thing that a version says; None where it says nothing of it."""

    label: str
    before: str | None
    after: str | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Line]:
    """Every line of either version, in the order of the form; what only the earlier one says comes where it
    stood.
    """
    was, becomes = lines_of(before), lines_of(after)
    return [
        Line(
            (becomes.get(key) or was[key])[0],
            was[key][1] if key in was else None,
            becomes[key][1] if key in becomes else None,
        )
        for key in _merged(list(was), list(becomes))
    ]


def lines_of(rules: Mapping[str, Any]) -> dict[_Key, tuple[str, str]]:
    """What a version says: for each thing its label and its words. What it says nothing of is left out."""
    (_head, _words, head), *rest = GROUPS
    found: dict[_Key, tuple[str, str]] = {("", entry.path): _line(entry, rules) for entry in head}
    found["phases", ""] = _("Phases"), _in_order(rules["phases"])
    for phase in rules["phases"]:
        for entry in PHASE[1:]:
            label, words = _line(entry, phase)
            found["phases", phase["name"], entry.path] = f"{named(phase)}: {label}", words
        if phase["sessions"] is None:
            key = "phases", phase["name"], "sessions"
            found[key] = found[key][0], _("open-ended")
    found["steps", ""] = _("Steps of a visit"), _in_order(rules["steps"])
    seen: Counter[str] = Counter()
    for step in rules["steps"]:
        seen[step["name"]] += 1
        found["steps", step["name"], str(seen[step["name"]])] = named(step), _step(step)
    for washout in rules.get("washouts") or ():
        group = washout["spacing_group"]
        label = _("Washout: every other group") if group == "*" else _("Washout: %s") % group
        found["washouts", group] = label, _line(WASHOUT[1], washout)[1]
    found |= {("", entry.path): _line(entry, rules) for _key, _words, entries in rest for entry in entries}
    return {key: line for key, line in found.items() if line[1] != "–"}


def _line(entry: Entry, tree: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry.label), entry.say(entry.write(at(tree, entry.path)))


def _step(step: Mapping[str, Any]) -> str:
    _name, minutes, nurse, _patient, *names = STEP
    called = [name for entry in names if (name := _line(entry, step)[1]) != "–"]
    words = [_line(minutes, step)[1], _line(nurse, step)[1]]
    return ", ".join([*words, *([] if step["patient"] else [_("the patient has left")]), *called])


def _in_order(rows: list[Mapping[str, Any]]) -> str:
    return " → ".join(named(row) for row in rows)


def _merged(was: list[_Key], becomes: list[_Key]) -> list[_Key]:
    """All keys in the later order; each that is gone follows the one that it followed."""
    merged = list(becomes)
    known = set(becomes)
    for place, key in enumerate(was):
        if key not in known:
            before = was[place - 1] if place else None
            merged.insert(merged.index(before) + 1 if before in merged else 0, key)
            known.add(key)
    return merged
