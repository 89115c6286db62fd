"""Plan a whole series, or plan what is left of one again. This is the door to the search.

Both answers are exact: if there is a way to place every session so that `rules.check` finds nothing, it is
found, and the first plan returned is the best there is by `preferences` (for `replan`: fewest moves, least
displacement, then preferences). The same question has the same answer. Nothing here reads a clock or draws a
random number.

The search is finite, so it always ends with the proven answer, however long that takes: mostly some
hundredths of a second, in rare questions minutes, and memory to match. A caller who cannot wait says how many
steps it may take (`effort`; a step is some three tenths of a microsecond), or shares one `Effort` among many
questions. What is not settled by then is never guessed. Where a plan is known and a further one is not, there
are fewer plans; where a change of the rules is not settled, it is not proposed; and where the answer itself
is not, `Unsettled` is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scheduler import alternatives, existence, replanning
from scheduler.candidates import field
from scheduler.chain import Chain
from scheduler.found import Effort, Unsettled
from scheduler.plans import Move, Plan, Relaxation, Remaining, Replan, Unplannable, make_plan
from scheduler.relaxing import unplannable
from scheduler.roles import Roles
from scheduler.rules import Case
from scheduler.search import distinct

__all__ = [
    "Effort",
    "Move",
    "Plan",
    "Relaxation",
    "Remaining",
    "Replan",
    "Unplannable",
    "Unsettled",
    "earliest_plan",
    "least_change",
    "plan_series",
    "replan",
]


def plan_series(
    case: Case,
    *,
    numbers: Sequence[int],
    earliest: date,
    latest: date,
    limit: int = 3,
    effort: Effort | int | None = None,
) -> tuple[Plan, ...] | Unplannable:
    """The best plan for the sessions of those numbers on the dates from `earliest` to `latest`, both
    included.

    The plans are in order of cost, at most `limit`; each further one differs from those before it in a way
    that a patient would notice (`alternatives`) and is the cheapest that does. Sessions are numbered in order
    of time. Raises ValueError when there is no session to place, or no plan is asked for; Unsettled when so
    many steps do not prove the answer.
    """
    if not numbers or limit < 1:
        raise ValueError("there must be a session to place and a plan to make")
    chain = Chain(case, earliest=earliest)
    there = field(case, earliest=earliest, latest=latest, blind=chain.block)
    ordered, left = sorted(numbers), _allowed(effort)
    ways = alternatives.from_plan(chain)
    found = distinct(there, chain, Roles(len(ordered)), ways=ways, limit=limit, effort=left)
    if not found:
        remaining = [Remaining(number, None) for number in ordered]
        return unplannable(case, remaining, earliest=earliest, latest=latest, effort=left)
    return tuple(make_plan(case, chain, plan.spots, ordered, earliest=earliest) for plan in found)


def earliest_plan(
    case: Case, *, numbers: Sequence[int], earliest: date, latest: date, effort: Effort | int | None = None
) -> Plan | None:
    """The plan in which every session comes as early as it can; None where there is no plan at all.

    It keeps every rule and is seldom the best: for a question to which `plan_series` leaves the answer open.
    Raises Unsettled when so many steps do not even find out that.
    """
    chain = Chain(case, earliest=earliest)
    there = field(case, earliest=earliest, latest=latest, blind=True)
    places = existence.find(there, chain, len(numbers), effort=_allowed(effort))
    if places is None:
        return None
    return make_plan(case, chain, places, sorted(numbers), earliest=earliest)


def replan(
    case: Case,
    *,
    remaining: Sequence[Remaining],
    earliest: date,
    latest: date,
    limit: int = 3,
    effort: Effort | int | None = None,
) -> tuple[Replan, ...] | Unplannable:
    """The sessions that are left, placed on the dates from `earliest` to `latest` with as little change as
    can be.

    First come the fewest sessions that lose their old place, then the least sum of minutes between the old
    and new starts of those that are moved (in order of time; a session without an old start displaces
    nothing), then the points of `preferences`. An old place is kept only on the dates asked about and where
    it keeps every rule. Numbers stay with their sessions. `case.booked` and `case.diary` are to leave out the
    remaining sessions. At most `limit` answers, best first; each further one has another date, or an hour at
    least an hour off, for some session that changes. Raises ValueError when there is nothing to place, when
    two sessions share a number or an old start, or when no answer is asked for; Unsettled when so many steps
    do not prove the answer.
    """
    left = _allowed(effort)
    found = _changes(case, remaining, earliest=earliest, latest=latest, limit=limit, effort=left)
    if not found:
        return unplannable(case, remaining, earliest=earliest, latest=latest, effort=left)
    return tuple(found)


def least_change(
    case: Case,
    *,
    remaining: Sequence[Remaining],
    earliest: date,
    latest: date,
    effort: Effort | int | None = None,
) -> Replan | None:
    """The best answer of `replan`; None where there is none, without asking why."""
    left = _allowed(effort)
    found = _changes(case, remaining, earliest=earliest, latest=latest, limit=1, effort=left)
    return found[0] if found else None


def _changes(
    case: Case,
    remaining: Sequence[Remaining],
    *,
    earliest: date,
    latest: date,
    limit: int,
    effort: Effort,
) -> list[Replan]:
    olds = sorted(one.start for one in remaining if one.start is not None)
    if not remaining or limit < 1:
        raise ValueError("there must be a session to place and a plan to make")
    if len({one.number for one in remaining}) < len(remaining) or len(set(olds)) < len(olds):
        raise ValueError("each session has a number and a start of its own")
    chain = Chain(case, earliest=earliest)
    there = field(case, earliest=earliest, latest=latest, blind=chain.block)
    roles = Roles(len(remaining), tuple(olds))
    found = distinct(there, chain, roles, ways=alternatives.from_change(roles), limit=limit, effort=effort)
    answers = []
    for plan in found:
        starts = [spot.start for spot in plan.spots]
        numbers = replanning.assign(remaining, starts)
        made = make_plan(case, chain, plan.spots, numbers, earliest=earliest)
        answers.append(Replan(made, replanning.moves(remaining, numbers, starts)))
    return answers


def _allowed(effort: Effort | int | None) -> Effort:
    return effort if isinstance(effort, Effort) else Effort(effort)
