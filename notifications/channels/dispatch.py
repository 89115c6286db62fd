"""The one place that knows which way out belongs to which channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from notifications.channels import Letter, email, text
from notifications.kinds import Channel


def send(channel: str, letter: Letter) -> str:
    """Hand a letter to its channel and return the provider's id of it. Raises NotSent."""
    return {Channel.EMAIL: email.send, Channel.TEXT: text.send}[Channel(channel)](letter)


@contextmanager
def connected() -> Iterator[None]:
    """Until the end of the block, what can keep its connection open does."""
    with email.connected():
        yield
