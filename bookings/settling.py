"""The engine asked for less where an answer to the whole question would take too long to prove."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import TypeVar

from bookings.errors import Invalid
from scheduler.series import Unplannable, Unsettled

Answer = TypeVar("Answer")


def settled(
    ask: Callable[[date], Answer],
    *,
    earliest: date,
    latest: date,
    otherwise: Callable[[], Answer | None] = lambda: None,
) -> Answer:
    """What `ask` answers for the dates up to `latest`; where the engine leaves that open, for half of them, a
    quarter, and so on: what is found is then the best that finishes so early.

    That there is no plan in fewer dates does not mean that there is none in all of them: then the answer is
    what `otherwise` finds. Refuses with `Invalid` when that is nothing.
    """
    last = latest
    while last >= earliest:
        try:
            answer = ask(last)
        except Unsettled:
            last = earliest + timedelta(days=(last - earliest).days // 2) - timedelta(days=last == earliest)
            continue
        if last < latest and isinstance(answer, Unplannable):
            break
        return answer
    with suppress(Unsettled):
        if (found := otherwise()) is not None:
            return found
    raise Invalid("latest", "This takes too long to work out. Ask for other dates, or with a narrower wish.")
