"""Ways out. A channel either returns, and the message is handed over, or raises NotSent, which says whether
for ever.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a channel is given."""

    id: str  # of the message; the same at every try, so that a provider recognises a repetition
    recipient: str
    subject: str
    text: str
    html: str = ""


class NotSent(Exception):
    """The message was not handed over. `for_ever`: trying again would not help."""

    def __init__(self, detail: str, *, for_ever: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.for_ever = for_ever
