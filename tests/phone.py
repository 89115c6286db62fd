"""A telephone network on loopback, for every room that sends texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.carrier import Carrier, carrier

ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "token-of-the-tests", "+14105550100"


@contextmanager
def phone_network(
    folder: Path, settings, *, public_url: str = "https://cadence.example"
) -> Iterator[Carrier]:
    """Our texts go to a carrier of their own, which reports to `public_url`."""
    keys = {"account": ACCOUNT, "token": TOKEN, "number": NUMBER}
    with carrier(folder, public_url=public_url, **keys) as network:
        settings.PUBLIC_URL = public_url
        for name, value in network.environment.items():
            setattr(settings, name, value)
        yield network
