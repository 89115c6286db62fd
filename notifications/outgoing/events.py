"""What another system hears of a change: pure.

Ids, times and states; never a name, a contact, a treatment or a reason. Whoever may know more asks the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo


class EventType(StrEnum):
    """What there is to hear."""

    SERIES_BOOKED = "series.booked"
    SERIES_STATUS_CHANGED = "series.status_changed"
    SESSION_BOOKED = "session.booked"
    SESSION_MOVED = "session.moved"
    SESSION_CANCELLED = "session.cancelled"
    SESSION_STATUS_CHANGED = "session.status_changed"


#: Verb of the journal → event. One row is one event or none.
TOLD: Mapping[str, EventType] = {
    "series_booked": EventType.SERIES_BOOKED,
    "series_requested": EventType.SERIES_BOOKED,
    "series_cleared": EventType.SERIES_STATUS_CHANGED,
    "series_cancelled": EventType.SERIES_STATUS_CHANGED,
    "series_lapsed": EventType.SERIES_STATUS_CHANGED,
    "series_completed": EventType.SERIES_STATUS_CHANGED,
    "series_reopened": EventType.SERIES_STATUS_CHANGED,
    "session_booked": EventType.SESSION_BOOKED,
    "session_moved": EventType.SESSION_MOVED,
    "session_cancelled": EventType.SESSION_CANCELLED,
    "session_confirmed": EventType.SESSION_STATUS_CHANGED,
    "session_arrived": EventType.SESSION_STATUS_CHANGED,
    "session_infusing": EventType.SESSION_STATUS_CHANGED,
    "session_recovering": EventType.SESSION_STATUS_CHANGED,
    "session_completed": EventType.SESSION_STATUS_CHANGED,
    "session_no_show": EventType.SESSION_STATUS_CHANGED,
    "session_undone": EventType.SESSION_STATUS_CHANGED,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the journal about a series or a session, as far as this page looks at it."""

    verb: str
    at: datetime
    zone: ZoneInfo  # the clinic's
    clinic: str  # ids
    patient: str
    series: str
    session: str | None = None
    number: int | None = None  # of the session
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def payload(change: Change) -> dict[str, Any]:
    """The body of the event, ready for JSON. Times are the clinic's wall-clock with its offset.

    `version` is the session's: of two events about one session the higher is the later, in whatever order
    they arrive.
    """
    data: dict[str, Any] = {"clinic": change.clinic, "patient": change.patient, "series": change.series}
    if change.session is None:
        data["status"] = change.after.get("status")
        if "sessions" in change.after:
            data["sessions"] = [
                {"number": one["number"], **_place(one, change.zone)} for one in change.after["sessions"]
            ]
    else:
        data |= {"session": change.session, "number": change.number, **_place(change.after, change.zone)}
        data["version"] = change.after.get("version")
    if change.before:
        data["before"] = _place(change.before, change.zone)
    return {"type": TOLD[change.verb], "timestamp": _local(change.at, change.zone), "data": data}


def _place(facts: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """State and place, as far as the journal has them; its times are in UTC."""
    times = {
        name: _local(datetime.fromisoformat(facts[name]), zone) for name in ("start", "end") if name in facts
    }
    return {"status": facts.get("status"), **times}


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
