"""What a request may ask of the engine: a bounded effort, shared by all its questions, and smaller questions
where the whole one would take too long to prove.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import date, timedelta
from typing import Generic, NamedTuple, TypeVar

from bookings.errors import Invalid
from scheduler.protocol import Phase
from scheduler.series import Effort, Unplannable, Unsettled

Answer = TypeVar("Answer")
#: Steps of the engine in one request: a second of work, one and a half with what is around it.
REQUEST = 2_500_000
#: How far ahead of the last date that a question names places are looked for.
AHEAD = timedelta(days=92)
#: Of what is left, the part that is kept for `otherwise`, and the part that each smaller question gets.
_KEPT, _EACH = 8, 2


class Settled(NamedTuple, Generic[Answer]):
    """What the engine answers, and whether that is proven of all dates asked about."""

    answer: Answer
    proven: bool


def one_request(*, further: int | None = None) -> Effort:
    """What all questions of one request may cost together; and what further plans may, once one is found."""
    return Effort(REQUEST, further=further)


def search_ends(phase: Phase, *, known: date, own: Collection[date]) -> date:
    """How far to look, `known` being the last date that the question names: no farther than the course may
    take, where its length and the dates that are its `own` are known.
    """
    within = phase.spacing.complete_within_days
    if within is None or not own:
        return known + AHEAD
    return max(known, min(own) + timedelta(days=within))


def settled(
    ask: Callable[[date, Effort], Answer],
    *,
    earliest: date,
    latest: date,
    effort: Effort,
    otherwise: Callable[[Effort], Answer | None] = lambda _: None,
) -> Settled[Answer]:
    """What `ask` answers for the dates up to `latest`; where the engine leaves that open, for half of them, a
    quarter, and so on: what is found is then the best that finishes so early, and not proven of all.

    That there is no plan in fewer dates does not mean that there is none in all of them: then the answer is
    what `otherwise` finds. Refuses with `Invalid` when that is nothing. All of it together costs no more than
    `effort`.
    """
    kept = effort.part(_KEPT)
    tries = Effort(None if kept.most is None else int(effort.left) - kept.most, whole=effort)
    last = latest
    while last >= earliest:
        try:
            answer = ask(last, tries.part(_EACH))
        except Unsettled:
            last = earliest + timedelta(days=(last - earliest).days // 2) - timedelta(days=last == earliest)
            continue
        if last < latest and isinstance(answer, Unplannable):
            break
        return Settled(answer, last == latest)
    with suppress(Unsettled):
        if (found := otherwise(kept)) is not None:
            return Settled(found, False)
    raise Invalid("latest", "This takes too long to work out. Ask for other dates, or with a narrower wish.")
