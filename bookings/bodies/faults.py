"""What is wrong with a body, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def faults(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every (field, sentence) of the REST framework's nested errors; a field inside a list is
    `sessions.0.start`.
    """
    if isinstance(detail, dict):
        for name, part in detail.items():
            yield from faults(part, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list) and any(isinstance(part, dict) for part in detail):
        for place, part in enumerate(detail):
            yield from faults(part, f"{path}.{place}".lstrip("."))
    elif isinstance(detail, list):
        yield from ((path, str(part)) for part in detail)
    else:
        yield path, str(detail)
