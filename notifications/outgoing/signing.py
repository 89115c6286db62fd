"""Signatures and secrets, as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

_BYTES = 32


def new_secret() -> str:
    """A fresh secret, in the form that receivers' libraries take."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"


def headers(id: str, body: str, *, secrets: Sequence[str], now: datetime) -> dict[str, str]:  # noqa: A002
    """The three headers of a delivery: the receiver accepts it if one of the signatures is by its secret."""
    # The library takes the wall-clock of whatever zone the time has for UTC.
    at = now.astimezone(UTC)
    signatures = [Webhook(secret).sign(id, at, body) for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
