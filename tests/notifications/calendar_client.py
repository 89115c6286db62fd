"""A calendar on somebody's telephone, as far as RFC 5546 says what it does with what arrives by mail.

It reads by `vobject`, another library than the one that writes, and believes nothing that the RFC does not
let it believe: an object of several UIDs, one that is not addressed to its owner, or one that is older than
what it has, it leaves alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import vobject


@dataclass(frozen=True)
class Entry:
    """What the owner sees, and what tells an earlier state from a later one."""

    summary: str
    start: datetime
    end: datetime
    sequence: int
    stamp: datetime


@dataclass
class CalendarClient:
    """The calendar of one mailbox."""

    owner: str
    entries: dict[str, Entry] = field(default_factory=dict)
    gone: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # of entries that were taken out

    def receive(self, content: bytes) -> str:
        """Take in an iCalendar object; what was done with it."""
        calendar = vobject.readOne(content.decode())
        events = calendar.vevent_list
        method = calendar.method.value
        assert len({event.uid.value for event in events}) == 1, "RFC 5546, 3.2.2 and 3.2.5: one UID"
        assert calendar.version.value == "2.0"
        for event in events:
            self._check(event)
        (event,) = events
        if f"mailto:{self.owner}" not in [each.value.lower() for each in event.attendee_list]:
            return "not for me"
        return self._request(event) if method == "REQUEST" else self._cancel(event)

    def _check(self, event) -> None:
        for name in ("uid", "dtstamp", "dtstart", "organizer", "sequence", "summary"):
            assert hasattr(event, name), f"RFC 5546 wants {name.upper()}"
        assert event.organizer.value.lower().startswith("mailto:")

    def _is_stale(self, event) -> bool:
        """RFC 5546, 2.1.5: by SEQUENCE first, by DTSTAMP where that is equal."""
        known = self.entries.get(event.uid.value)
        last = (known.sequence, known.stamp) if known else self.gone.get(event.uid.value)
        return last is not None and (int(event.sequence.value), event.dtstamp.value) < last

    def _request(self, event) -> str:
        if self._is_stale(event):
            return "stale"
        known = event.uid.value in self.entries
        self.entries[event.uid.value] = Entry(
            event.summary.value,
            event.dtstart.value,
            event.dtend.value,
            int(event.sequence.value),
            event.dtstamp.value,
        )
        return "updated" if known else "added"

    def _cancel(self, event) -> str:
        assert event.status.value == "CANCELLED"
        if event.uid.value not in self.entries or self._is_stale(event):
            return "stale"
        # Outlook, Apple and Thunderbird pass over a cancellation that is not above what they have.
        if int(event.sequence.value) <= self.entries[event.uid.value].sequence:
            return "ignored"
        del self.entries[event.uid.value]
        self.gone[event.uid.value] = (int(event.sequence.value), event.dtstamp.value)
        return "removed"
