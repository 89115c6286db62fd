"""Whether visits that compete for chairs and nurses fit the diary together, and in which chairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scheduler import place_rules
from scheduler.case import Case, Place
from scheduler.diary import Claim, Diary
from scheduler.spans import Minute
from scheduler.violations import Rule


def seat(
    case: Case, starts: Sequence[Minute], *, skip: frozenset[Rule] = frozenset()
) -> tuple[str, ...] | None:
    """Chairs in which visits from those starts, in order of time, fit the diary together; None where there
    are none. Each way to seat them is tried, in the clinic's order.

    With `Rule.CHAIR` in `skip` all sit in one chair, "any".
    """
    if not _attended(case, starts):
        return None
    if Rule.CHAIR in skip:
        return ("any",) * len(starts)
    free = [[chair.id for chair in place_rules.free_chairs(case, start)] for start in starts]
    return _seated(free, starts, (), length=case.protocol.chair_minutes)


def _attended(case: Case, starts: Sequence[Minute]) -> bool:
    """Whether nurses suffice for each visit beside the earlier ones, and not too many start together.

    Neither asks who sits where, so the chairs are chosen afterwards.
    """
    steps, stagger = case.protocol.timed_steps, case.supply.start_stagger
    around = max(case.protocol.chair_minutes, stagger.minutes if stagger else 0)
    for at, start in enumerate(starts):
        beside = case
        if at:
            # A diary costs as much as it has claims: this one has but those that can matter.
            near = case.diary.near(start - around, start + around)
            earlier = [Claim(f"place at {one}", f"of {one}", one, steps) for one in starts[:at]]
            beside = replace(case, diary=Diary((*near, *earlier)))
        place = Place(1, start)
        if place_rules.nursing(beside, place) or place_rules.start_stagger(beside, place):
            return False
    return True


def _seated(
    free: Sequence[Sequence[str]], starts: Sequence[Minute], chairs: tuple[str, ...], *, length: int
) -> tuple[str, ...] | None:
    """The first way to go on from those chairs of the first visits such that nobody sits on another's lap."""
    at = len(chairs)
    if at == len(starts):
        return chairs
    taken = {chair for chair, start in zip(chairs, starts, strict=False) if starts[at] - start < length}
    ways = (_seated(free, starts, (*chairs, one), length=length) for one in free[at] if one not in taken)
    return next((way for way in ways if way is not None), None)
