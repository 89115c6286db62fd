"""When there is no plan: how far it goes, which rules stand in the way together, and what would help.

Everything here asks the same exact question, "can these sessions be placed?", of cases with fewer or wider
rules. The work is bounded: one question for each session, for each rule twice, and a handful for each change
that is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduler import existence, replanning
from scheduler.candidates import Field, field
from scheduler.chain import Chain, Spot
from scheduler.plans import Plan, Relaxation, Remaining, Unplannable, make_plan
from scheduler.protocol import Spacing
from scheduler.roles import Roles
from scheduler.rules import Case, Place, Wish, check
from scheduler.search import best
from scheduler.unruly import ORDER, idle, without
from scheduler.violations import Rule, Violation
from scheduler.wording import day_words, plural

MOST_RELAXATIONS = 3
LATER_DAYS = 28  # how much later than asked a plan may end to be worth proposing


@dataclass(frozen=True)
class _Question:
    """The sessions to be placed, and the dates asked about."""

    case: Case
    remaining: Sequence[Remaining]
    earliest: date
    latest: date

    def fields(self, case: Case, *, latest: date | None = None) -> tuple[Field, Chain]:
        chain = Chain(case, earliest=self.earliest)
        return field(case, chain, earliest=self.earliest, latest=latest or self.latest), chain

    def find(
        self, count: int, *, case: Case | None = None, skip: frozenset[Rule] = frozenset()
    ) -> list[Spot] | None:
        """Places for the first so many sessions under all rules but those of `skip`."""
        loose = without(case or self.case, skip)
        chain = Chain(loose, earliest=self.earliest, skip=skip)
        return existence.find(field(loose, chain, earliest=self.earliest, latest=self.latest), chain, count)


def unplannable(case: Case, remaining: Sequence[Remaining], *, earliest: date, latest: date) -> Unplannable:
    """Why the sessions cannot all be placed on those dates, given that they cannot."""
    asked = _Question(case, remaining, earliest, latest)
    there, chain = asked.fields(case)
    count = next(
        count for count in range(1, len(remaining) + 1) if existence.find(there, chain, count) is None
    )
    numbers = sorted(one.number for one in remaining)
    return Unplannable(
        session=numbers[count - 1],
        violations=_in_the_way(asked, count, numbers),
        relaxations=_relaxations(asked),
    )


def _in_the_way(asked: _Question, count: int, numbers: Sequence[int]) -> tuple[Violation, ...]:
    """A smallest set of rules that together leave no place, each as the places break it that keep all the
    others.
    """
    skip: frozenset[Rule] = frozenset()
    for rule in ORDER:
        if idle(asked.case, rule) or asked.find(count, skip=skip | {rule}) is None:
            skip |= {rule}
    found = []
    for rule in (rule for rule in ORDER if rule not in skip):
        spots = asked.find(count, skip=frozenset({rule})) or asked.find(count, skip=skip | {rule})
        assert spots is not None, "the set is smallest: without any one rule the sessions can be placed"
        places = [Place(number, spot.start) for number, spot in zip(numbers, spots, strict=False)]
        found.append(next(one for one in check(asked.case, places) if one.rule is rule))
    return tuple(found)


def _relaxations(asked: _Question) -> tuple[Relaxation, ...]:
    found: list[Relaxation] = []
    for relax in (_wishes, _spacing, _later, _by_staff, _clearance):
        found.extend(relax(asked))
    found.sort(key=lambda relaxation: relaxation.plan.cost)
    return tuple(found[:MOST_RELAXATIONS])


def _plan(asked: _Question, case: Case, *, latest: date | None = None) -> Plan | None:
    """The best plan for all sessions in a changed case."""
    there, chain = asked.fields(case, latest=latest)
    olds = sorted(one.start for one in asked.remaining if one.start is not None)
    found = best(there, chain, Roles(len(asked.remaining), tuple(olds)))
    if found is None:
        return None
    numbers = replanning.assign(asked.remaining, [spot.start for spot in found.spots])
    return make_plan(case, chain, found.spots, numbers, earliest=asked.earliest)


def _wishes(asked: _Question) -> Iterator[Relaxation]:
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
        plan = _plan(asked, replace(asked.case, wish=wider)) if asked_for else None
        if plan is not None:
            helped = True
            yield Relaxation(Rule.WISH, change, plan)
    if not helped and sum(part[0] for part in parts) > 1:
        plan = _plan(asked, replace(asked.case, wish=Wish()))
        if plan is not None:
            yield Relaxation(Rule.WISH, "On any weekday at any time", plan)


def _spaced(case: Case, **changes: int | None) -> Case:
    spacing: Spacing = replace(case.phase.spacing, **changes)  # type: ignore[arg-type]
    return replace(case, phase=replace(case.phase, spacing=spacing))


def _spacing(asked: _Question) -> Iterator[Relaxation]:
    """A bound of the spacing wider by the fewest days; the least gap only for staff, who can ask a
    prescriber.
    """
    spacing = asked.case.phase.spacing
    span = (asked.latest - asked.earliest).days
    if spacing.complete_within_days is not None:
        within = spacing.complete_within_days
        yield from _fewest(
            asked,
            Rule.COMPLETE_WITHIN,
            lambda days: _spaced(asked.case, complete_within_days=within + days),
            lambda days: f"The phase may take {plural(within + days, 'day')}, {days} more than its rule",
            most=max(1, span),
        )
    if spacing.max_gap_days is not None:
        gap = spacing.max_gap_days
        yield from _fewest(
            asked,
            Rule.MAX_GAP,
            lambda days: _spaced(asked.case, max_gap_days=gap + days),
            lambda days: f"A gap may be {plural(gap + days, 'day')}, {days} more than its rule",
            most=max(1, span),
        )
    if not asked.case.by_patient and spacing.min_gap_days > 0:
        least, minutes = spacing.min_gap_days, spacing.min_gap_minutes
        yield from _fewest(
            asked,
            Rule.MIN_GAP,
            lambda days: _spaced(
                asked.case, min_gap_days=least - days, min_gap_minutes=max(0, minutes - days * 24 * 60)
            ),
            lambda days: f"Sessions may be {plural(least - days, 'day')} apart; a prescriber must allow it",
            most=least,
        )


def _fewest(
    asked: _Question, rule: Rule, change: Callable[[int], Case], words: Callable[[int], str], *, most: int
) -> Iterator[Relaxation]:
    """The change by the fewest days, by halving: a wider bound never loses a plan."""
    count = len(asked.remaining)
    if asked.find(count, case=change(most)) is None:
        return
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if asked.find(count, case=change(middle)) is None:
            low = middle + 1
        else:
            high = middle
    plan = _plan(asked, change(low))
    assert plan is not None, "the sessions were just placed"
    yield Relaxation(rule, words(low), plan)


def _later(asked: _Question) -> Iterator[Relaxation]:
    """A later last date, by the fewest days."""
    limit = asked.latest + timedelta(days=LATER_DAYS)
    there, chain = asked.fields(asked.case, latest=limit)
    low, high, count = asked.latest.toordinal() + 1, limit.toordinal(), len(asked.remaining)
    if existence.find(there, chain, count) is None:
        return
    while low < high:
        middle = (low + high) // 2
        if existence.find(there, chain, count, deadline=middle) is None:
            low = middle + 1
        else:
            high = middle
    until = date.fromordinal(low)
    plan = _plan(asked, asked.case, latest=until)
    assert plan is not None, "the sessions were just placed"
    yield Relaxation(Rule.HORIZON, f"The last session as late as {day_words(until)}", plan)


def _by_staff(asked: _Question) -> Iterator[Relaxation]:
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


def _clearance(asked: _Question) -> Iterator[Relaxation]:
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
