"""Every address of the desk, from Django's own resolver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

NOBODY = UUID("01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f")
#: What is filled in: a clinic of the cast, things that nobody has, a verb that every visit may meet.
_FILLED = {
    "<slug:clinic>": "north",
    "<slug:verb>": "check-in",
    "<slug:protocol>": "ket6",
    "<slug:report>": "utilisation",
}


@dataclass(frozen=True)
class Address:
    """One address, as the resolver has it and as a browser asks for it."""

    name: str
    path: str
    view: Callable[..., Any]

    @property
    def filled(self) -> str:
        """The path with a clinic of the cast, and ids that nobody has."""
        parts = self.path.split("/")
        ids = (str(NOBODY) if part.startswith("<uuid:") else part for part in parts)
        return "/" + "/".join(_FILLED.get(part, part) for part in ids)


def addresses() -> list[Address]:
    """All of them, in order; also those of other packages that lie under `desk/`."""
    return [address for address in _walk(get_resolver().url_patterns) if address.path.startswith("desk/")]


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[Address]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield Address(pattern.name or path, path, pattern.callback)
