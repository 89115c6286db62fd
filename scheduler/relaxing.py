"""When there is no plan: how far it goes, which rules stand in the way together, and what would help.

What helps is one change of one rule, no greater than it must be: a part of the wish, the last date, a bound
of the spacing for a clinician to decide on, what binds patients alone, or a longer clearance. Nobody is
offered a second body in a chair, a nurse who is not there or a closed clinic, nor less than a washout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from scheduler import existence, replanning
from scheduler.bending import CHANGES_A_DAY, bent
from scheduler.found import Effort, Unsettled
from scheduler.obstacles import Question, first_unplaced, in_the_way
from scheduler.plans import Plan, Relaxation, Remaining, Unplannable, make_plan
from scheduler.roles import Roles
from scheduler.rules import Case, Wish
from scheduler.search import best
from scheduler.violations import Rule
from scheduler.wording import day_words, plural

MOST_RELAXATIONS = 3
#: The rules of which a change may be proposed.
RELAXED = frozenset(
    {
        Rule.WISH,
        Rule.COMPLETE_WITHIN,
        Rule.MAX_GAP,
        Rule.ROLLING_LIMIT,
        Rule.MIN_GAP,
        Rule.HORIZON,
        Rule.LEAD_TIME,
        Rule.CLEARANCE,
    }
)
TRIED = 10  # each change that is tried may use up one part in so many of the effort that is left
WISHED = 4  # and each part of the wish that is dropped: what people ask for next
LATER_DAYS = 28  # how much later than asked a plan may end to be worth proposing


def unplannable(
    case: Case, remaining: Sequence[Remaining], *, earliest: date, latest: date, effort: Effort
) -> Unplannable:
    """Why the sessions cannot all be placed on those dates, given that they cannot.

    Raises Unsettled when that is not known within the effort. A change that is not settled within its share
    is not proposed.
    """
    asked = Question(case, remaining, earliest, latest, effort)
    count = first_unplaced(asked)
    return Unplannable(
        session=sorted(one.number for one in remaining)[count - 1],
        violations=in_the_way(asked, count),
        relaxations=_relaxations(asked),
    )


def _relaxations(asked: Question) -> tuple[Relaxation, ...]:
    found = [one for relax in (_wishes, _spacing, _later, _by_staff, _clearance) for one in relax(asked)]
    found.sort(key=lambda relaxation: relaxation.plan.cost)
    return tuple(found[:MOST_RELAXATIONS])


def _plan(
    asked: Question, case: Case, *, latest: date | None = None, effort: Effort | None = None
) -> Plan | None:
    """The best plan for all sessions in a changed case; None where there is none, or none that is settled."""
    there, chain = asked.field(case, latest=latest)
    olds = sorted(one.start for one in asked.remaining if one.start is not None)
    try:
        found = best(
            there,
            chain,
            Roles(len(asked.remaining), tuple(olds)),
            effort=effort or asked.effort.part(TRIED),
        )
    except Unsettled:
        return None
    if found is None:
        return None
    numbers = replanning.assign(asked.remaining, [spot.start for spot in found.spots])
    return make_plan(case, chain, found.spots, numbers, earliest=asked.earliest)


def _wishes(asked: Question) -> Iterator[Relaxation]:
    """One part of the wish dropped; all of it where no part alone helps."""
    wish = asked.case.wish
    parts: list[tuple[bool, str, Wish]] = [
        (bool(wish.weekdays), "On other weekdays as well", replace(wish, weekdays=frozenset())),
        (
            wish.not_before is not None,
            f"Also before {wish.not_before:%H:%M}" if wish.not_before else "",
            replace(wish, not_before=None),
        ),
        (
            wish.not_after is not None,
            f"Also after {wish.not_after:%H:%M}" if wish.not_after else "",
            replace(wish, not_after=None),
        ),
        (wish.same_time, "At different times of day", replace(wish, same_time=False)),
    ]
    helped = False
    for asked_for, change, wider in parts:
        plan = (
            _plan(asked, replace(asked.case, wish=wider), effort=asked.effort.part(WISHED))
            if asked_for
            else None
        )
        if plan is not None:
            helped = True
            yield Relaxation(Rule.WISH, change, plan)
    if not helped and sum(part[0] for part in parts) > 1:
        plan = _plan(asked, replace(asked.case, wish=Wish()), effort=asked.effort.part(WISHED))
        if plan is not None:
            yield Relaxation(Rule.WISH, "On any weekday at any time", plan)


def _spacing(asked: Question) -> Iterator[Relaxation]:
    """A bound of the spacing wider by the least that helps; the least gap only for staff, who can ask a
    prescriber.
    """
    case, spacing = asked.case, asked.case.phase.spacing
    span = max(1, (asked.latest - asked.earliest).days)
    within, gap, limit = spacing.complete_within_days, spacing.max_gap_days, spacing.rolling_limit
    if within is not None:
        yield from _least(
            asked,
            Rule.COMPLETE_WITHIN,
            lambda days: bent(case, Rule.COMPLETE_WITHIN, days),
            lambda days: f"The phase may take {plural(within + days, 'day')}, {days} more than its rule",
            most=span,
        )
    if gap is not None:
        yield from _least(
            asked,
            Rule.MAX_GAP,
            lambda days: bent(case, Rule.MAX_GAP, days),
            lambda days: f"A gap may be {plural(gap + days, 'day')}, {days} more than its rule",
            most=span,
        )
    if limit is not None:
        yield from _least(
            asked,
            Rule.ROLLING_LIMIT,
            lambda more: bent(case, Rule.ROLLING_LIMIT, more),
            lambda more: (
                f"{plural(limit.sessions + more, 'session')} may start within {plural(limit.days, 'day')}, "
                "one more than its rule"
            ),
            most=1,
        )
    if not case.by_patient and spacing.min_gap_days > 0:
        least = spacing.min_gap_days
        yield from _least(
            asked,
            Rule.MIN_GAP,
            lambda days: bent(case, Rule.MIN_GAP, CHANGES_A_DAY * days),
            lambda days: f"Sessions may be {plural(least - days, 'day')} apart; a prescriber must allow it",
            most=least,
        )


def _least(
    asked: Question, rule: Rule, change: Callable[[int], Case], words: Callable[[int], str], *, most: int
) -> Iterator[Relaxation]:
    """The least change that helps, by halving: a wider bound never loses a plan."""
    count, effort = len(asked.remaining), asked.effort.part(TRIED)

    def helps(by: int) -> bool:
        return asked.find(count, case=change(by), effort=effort) is not None

    with suppress(Unsettled):
        if not helps(most):
            return
        low, high = 1, most
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if helps(middle) else (middle + 1, high)
        plan = _plan(asked, change(low), effort=effort)
        if plan is not None:
            yield Relaxation(rule, words(low), plan)


def _later(asked: Question) -> Iterator[Relaxation]:
    """A later last date, by the fewest days."""
    there, chain = asked.field(asked.case, latest=asked.latest + timedelta(days=LATER_DAYS))
    effort = asked.effort.part(TRIED)
    with suppress(Unsettled):
        soonest = existence.find(there, chain, len(asked.remaining), effort=effort)
        if soonest is None:
            return
        until = date.fromordinal(soonest[-1].day)
        plan = _plan(asked, asked.case, latest=until, effort=effort)
        if plan is not None:
            yield Relaxation(Rule.HORIZON, f"The last session as late as {day_words(until)}", plan)


def _by_staff(asked: Question) -> Iterator[Relaxation]:
    """What binds patients alone, lifted: the clinic may book it for them."""
    if not asked.case.by_patient:
        return
    protocol = asked.case.protocol
    for rule, changed, change in (
        (Rule.LEAD_TIME, replace(protocol, lead_time_hours=0), "Booked by the clinic, at shorter notice"),
        (Rule.HORIZON, replace(protocol, horizon_days=36_500), "Booked by the clinic, further ahead"),
    ):
        plan = _plan(asked, replace(asked.case, protocol=changed))
        if plan is not None:
            yield Relaxation(rule, change, plan)


def _clearance(asked: Question) -> Iterator[Relaxation]:
    """A prescriber's clearance for as many sessions, or as long, as the plan needs."""
    cleared = asked.case.clearance
    if cleared is None:
        return
    count = len(asked.remaining)
    more = replace(cleared, sessions=max(cleared.sessions, count))
    longer = replace(cleared, expires=max(cleared.expires, asked.latest))
    both = replace(more, expires=longer.expires)
    for wider in (more, longer, both):
        plan = _plan(asked, replace(asked.case, clearance=wider)) if wider != cleared else None
        if plan is not None:
            last = max(plan.finishes, cleared.expires)
            change = f"A prescriber clears {plural(wider.sessions, 'session')}, until {day_words(last)}"
            yield Relaxation(Rule.CLEARANCE, change, plan)
            return
