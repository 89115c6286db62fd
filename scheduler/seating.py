"""Whether visits that compete for chairs and nurses fit the diary together, and in which chairs."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler import place_rules
from scheduler.case import Case
from scheduler.diary import use_of
from scheduler.spans import Minute
from scheduler.vacancy import staffed_beside
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
    supply, diary, protocol = case.supply, case.diary, case.protocol
    visit = use_of(protocol.timed_steps)
    for at, start in enumerate(starts):
        window = supply.window(supply.date_of(start), protocol.chair_minutes)
        earlier = [visit.moved(one - window.start) for one in starts[:at]]
        taken = diary.taken(window.start, window.end + window.reach).beside(earlier)
        if not staffed_beside(supply, taken, window, protocol) >> (start - window.start) & 1:
            return False
        if _crowded(case, starts[:at], start):
            return False
    return True


def _crowded(case: Case, earlier: Sequence[Minute], start: Minute) -> bool:
    stagger = case.supply.start_stagger
    if stagger is None:
        return False
    minutes = stagger.minutes
    others = case.diary.starting(start - minutes + 1, start + minutes)
    begun = sorted((*others, *(one for one in earlier if start - one < minutes), start))
    return any(last - first < minutes for first, last in zip(begun, begun[stagger.starts :], strict=False))


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
