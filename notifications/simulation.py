"""Messages of a simulation: written, composed and settled as any others, and handed to nobody."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from notifications import queries
from notifications.commands import react, send
from notifications.models import Message

#: What the ledger keeps in place of a provider's id.
NOBODY = "nobody"
#: So that texts are written as where there is a carrier.
TEXTS = {
    "TWILIO_ACCOUNT_SID": "simulated",
    "TWILIO_AUTH_TOKEN": "simulated",
    "TWILIO_FROM": "+12025550199",
}


class Untold:
    """The workers' part in what is said, on the clock of the simulation."""

    def tell(self, now: datetime) -> None:
        """Write what the changes so far ask for, and send what is due."""
        react.react(now=now)
        self.send(now)

    def send(self, now: datetime) -> None:
        """Compose what is due, and settle it as sent."""
        while queries.count_due(now=now, most=1) and (batch := send.take_due(now=now)):
            for taken in batch:
                send.settle(taken, NOBODY, now=now)


class Mute:
    """Nobody is told anything. What people do in a simulation does not hang on it, and it is a third of the
    work.
    """

    def tell(self, now: datetime) -> None:
        """Nothing."""

    def send(self, now: datetime) -> None:
        """Nothing."""


def counts() -> dict[str, dict[str, int]]:
    """How many messages of each kind and way have come to what."""
    rows = Counter(Message.objects.values_list("kind", "channel", "status"))
    found: dict[str, dict[str, int]] = {}
    for (kind, channel, status), count in sorted(rows.items()):
        found.setdefault(f"{kind} by {channel}", {})[status] = count
    return found
