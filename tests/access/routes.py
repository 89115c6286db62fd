"""Every address that the service answers, from Django's own resolver."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One address as the resolver has it, such as `api/v1/series/<uuid:series>/`, and what answers it."""

    path: str
    view: Any

    @property
    def named(self) -> list[str]:
        """What the address names, such as `series`."""
        return re.findall(r"<(?:\w+:)?(\w+)>", self.path)

    def filled(self, values: dict[str, str]) -> str:
        """The address with these values."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], self.path)


def routes(prefix: str = "") -> list[Route]:
    """All that begin so, in order."""
    return [
        Route(path, getattr(view, "cls", view))
        for path, view in _walk(get_resolver().url_patterns)
        if path.startswith(prefix)
    ]


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback
