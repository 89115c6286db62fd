"""What a command that takes longer than a moment says of how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_QUIET_SECONDS = 2


def progress(stderr: Any) -> Callable[[str, int], None]:
    """A function that takes what is counted and how many are done, and says so every other second."""
    told = time.monotonic()

    def tell(what: str, done: int) -> None:
        nonlocal told
        at = time.monotonic()
        if at - told > _QUIET_SECONDS:
            told = at
            stderr.write(f"{done} {what} ...")

    return tell
