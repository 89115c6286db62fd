"""Times that rows keep as text in UTC, said in a clinic's wall-clock."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from bookings.bodies.times import local

#: Under these names the JSON of journal and tasks keeps times.
_TIMES = frozenset({"start", "end", "starts", "ends", "from", "to"})


def with_local_times(kept: Any, zone: tzinfo) -> Any:
    """The same JSON, in which each time is as the zone's clock shows it."""
    if isinstance(kept, dict):
        return {name: _said(name, part, zone) for name, part in kept.items()}
    return [with_local_times(part, zone) for part in kept] if isinstance(kept, list) else kept


def _said(name: str, part: Any, zone: tzinfo) -> Any:
    if name in _TIMES and isinstance(part, str):
        return local(datetime.fromisoformat(part), zone)
    return with_local_times(part, zone)
