"""Ways out. A channel either returns, and the message is handed over, or raises NotSent, which says whether
for ever. `dispatch` knows them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """An iCalendar object that a mail program puts into its calendar, or takes out of it."""

    method: str  # REQUEST or CANCEL
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a channel is given; each takes of it what it can carry."""

    id: str  # of the message; the same at every try, so that a provider recognises a repetition
    recipient: str
    subject: str
    text: str
    html: str = ""
    calendar: tuple[Invitation, ...] = ()  # one for each visit
    headers: dict[str, str] = field(default_factory=dict)  # of an email
    valid_for: int | None = None  # seconds after which a carrier should drop it
    tried_since: datetime | None = None  # the first of earlier tries, which may have arrived nevertheless


class NotSent(Exception):
    """The message was not handed over, as far as we know. `for_ever`: trying again would not help.

    `detail` is for people and names nobody; `code` is the provider's own, where it has one.
    """

    def __init__(self, detail: str, *, for_ever: bool, code: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.for_ever = for_ever
        self.code = code
