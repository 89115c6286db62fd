"""What the desk calls a treatment, its phases and the steps of a visit, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language


def named(part: Mapping[str, Any]) -> str:
    """The name of a version's rules, of a phase or of a step; as it is written where there is no other."""
    names = part.get("names") or {}
    return str(names.get((get_language() or "en").partition("-")[0]) or part["name"])


def phase_words(rules: Mapping[str, Any], phase: str) -> str:
    """What a phase of these rules is called, by the name that series keep."""
    return _words(rules["phases"], phase)


def step_words(rules: Mapping[str, Any], step: str) -> str:
    """What a step of a visit under these rules is called."""
    return _words(rules["steps"], step)


def with_phases(sentence: str, rules: Mapping[str, Any]) -> str:
    """The sentence with the names of the rules' phases in the reader's language."""
    names = "|".join(re.escape(phase["name"]) for phase in rules["phases"])
    return re.sub(rf"\b(?:{names})\b", lambda found: phase_words(rules, found[0]), sentence)


def choices_of(slug: str, rules: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each phase of the treatment as something to choose, under `slug/phase`."""
    return [(f"{slug}/{phase['name']}", f"{named(rules)} – {named(phase)}") for phase in rules["phases"]]


def _words(parts: list[Mapping[str, Any]], name: str) -> str:
    return next((named(part) for part in parts if part["name"] == name), name)
