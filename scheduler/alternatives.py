"""Further plans that differ from those shown in a way that a patient would notice. Exact.

A plan differs noticeably from one that is shown when

- each of its sessions is at least an hour away from the usual hour of the other; or
- one of the usual weekdays of the other is not used at all; or
- it ends at least a week sooner (where several sessions a day are meant, also: begins at least a week later).

Each of these leaves out some starts and nothing else. So the cheapest plan that differs from a shown one is
the cheapest over a few smaller fields, and by taking fields apart again and again, cheapest first, each
further plan is the cheapest of all that differ from every plan before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from scheduler.candidates import Field
from scheduler.chain import Chain, Spot
from scheduler.preferences import best_hour, usual_days
from scheduler.roles import Roles
from scheduler.search import Found, best

OTHER_HOUR_MINUTES = 60
SOONER_DAYS = 7

Keep = Callable[[Spot], bool]


@dataclass(frozen=True)
class _Shown:
    """What a patient remembers of a plan."""

    hour: int
    weekdays: frozenset[int]
    first: int
    last: int


def distinct(field: Field, chain: Chain, count: int, *, limit: int) -> list[Found]:
    """Up to `limit` plans, cheapest first, each noticeably different from those before it. Empty when there
    is none.
    """
    roles = Roles(count)
    shown: list[tuple[Found, _Shown]] = []
    found = best(field, chain, roles)
    heap: list[tuple[int, int, Found, Field]] = []
    serial = 0
    if found is not None:
        heap.append((found.cost, serial, found, field))
    while heap and len(shown) < limit:
        _, _, plan, where = heappop(heap)
        alike = next((other for _, other in shown if not _differs(plan, other, chain)), None)
        if alike is None:
            alike = _remember(plan, chain)
            shown.append((plan, alike))
        if len(shown) == limit:
            break
        for keep in _ways_to_differ(alike, chain):
            smaller = where.only(keep)
            other = best(smaller, chain, roles)
            if other is not None:
                serial += 1
                heappush(heap, (other.cost, serial, other, smaller))
    return [plan for plan, _ in shown]


def _remember(plan: Found, chain: Chain) -> _Shown:
    counts = Counter((spot.day - 1) % 7 + 1 for spot in plan.spots)
    common = sorted(counts, key=lambda weekday: (-counts[weekday], weekday))
    return _Shown(
        hour=best_hour(spot.clock for spot in plan.spots),
        weekdays=frozenset(common[: usual_days(chain.case.phase.spacing)]),
        first=plan.spots[0].day,
        last=plan.spots[-1].day,
    )


def _ways_to_differ(shown: _Shown, chain: Chain) -> Iterator[Keep]:
    """For each way to differ noticeably from a plan, the starts that are left."""
    yield lambda spot: spot.day <= shown.last - SOONER_DAYS
    if chain.block:
        yield lambda spot: spot.day >= shown.first + SOONER_DAYS
        return
    yield lambda spot: abs(spot.clock - shown.hour) >= OTHER_HOUR_MINUTES
    if usual_days(chain.case.phase.spacing) < 7:
        for weekday in sorted(shown.weekdays):
            yield lambda spot, without=weekday: (spot.day - 1) % 7 + 1 != without  # type: ignore[misc]


def _differs(plan: Found, shown: _Shown, chain: Chain) -> bool:
    return any(all(map(keep, plan.spots)) for keep in _ways_to_differ(shown, chain))
