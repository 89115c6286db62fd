"""What the run says to whoever watches it: each step with its time, and why it cannot go on."""

import sys
import time
from collections.abc import Callable

BEGAN = time.monotonic()
figures: list[tuple[str, str]] = []


class CannotRun(SystemExit):
    """Something is missing on this machine. The message says what to do about it."""


def say(what: str) -> None:
    print(f"compose-test: {time.monotonic() - BEGAN:6.1f} s  {what}", flush=True)


def figure(name: str, value: str) -> None:
    """One line of the table at the end."""
    figures.append((name, value))
    say(f"  {name}: {value}")


def expect(what: str, held: bool, *, seen: object = "") -> None:
    """Go on if it held; otherwise end the run with 1, and with what was seen instead."""
    if not held:
        say(f"FAILED: {what}; seen: {seen}")
        sys.exit(1)
    say(f"  {what}")


def until(what: str, condition: Callable[[], object], *, seconds: float) -> float:
    """Wait until it comes true, and return after how long; ends the run with 1 where it does not in time."""
    began = time.monotonic()
    while not (seen := condition()):
        if time.monotonic() - began > seconds:
            expect(f"{what} within {seconds:.0f} s", False, seen=seen)
        time.sleep(0.2)
    return time.monotonic() - began
