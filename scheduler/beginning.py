"""A whole course that begins at a given place: where the others would be, and whether it could begin sooner
anyway.

For somebody who has nothing booked yet. All or nothing: a first place is worth something only where the whole
course can follow it by every rule and within the wish.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from scheduler.case import Case, Clearance
from scheduler.diary import Claim, PatientSession
from scheduler.openings import choose_chair
from scheduler.series import (
    Effort,
    Plan,
    Remaining,
    Unplannable,
    Unsettled,
    earliest_plan,
    least_change,
    plan_series,
)
from scheduler.spans import Minute, Span

#: Steps of the engine for one question about one person: some three hundredths of a second.
EFFORT = 100_000
#: How far a course of which no length is said is looked for.
_AHEAD = timedelta(days=92)
#: The name under which the sessions of a course belong together while nothing of it is booked.
_COURSE = "course"


def course_from(case: Case, start: Minute, *, sessions: int, effort: int = EFFORT) -> tuple[Minute, ...]:
    """The starts of the best course found whose first session is at `start`; empty where there is none.

    Best by `preferences`; where that is not settled within the effort, the one that ends soonest, and if not
    even that is, none. The first place itself is not judged.
    """
    if sessions == 1:
        return (start,)
    begun, numbers = _begun(case, start), range(2, sessions + 1)
    first, last = case.supply.date_of(start), last_date(case, start)
    plan = _earliest(begun, numbers, first, last, effort)
    if plan is None:
        return ()
    with suppress(Unsettled):
        found = plan_series(begun, numbers=numbers, earliest=first, latest=last, limit=1, effort=effort)
        assert not isinstance(found, Unplannable), "there is an earliest plan"
        plan = found[0]
    return (start, *_starts(plan))


def course_again(
    case: Case, start: Minute, *, following: Sequence[Minute], effort: int = EFFORT
) -> tuple[Minute, ...]:
    """The same course with as little change as can be, now that some of the places that follow may be gone;
    empty where there is none.
    """
    remaining = [Remaining(number, at) for number, at in enumerate(sorted(following), start=2)]
    if not remaining:
        return (start,)
    first, last = case.supply.date_of(start), last_date(case, start)
    try:
        change = least_change(
            _begun(case, start), remaining=remaining, earliest=first, latest=last, effort=effort
        )
    except Unsettled:
        return course_from(case, start, sessions=len(remaining) + 1, effort=effort)
    return (start, *_starts(change.plan)) if change is not None else ()


def begins_otherwise(
    case: Case,
    start: Minute,
    *,
    room: Span,
    sessions: int,
    earliest: date | None = None,
    effort: int = EFFORT,
) -> bool:
    """Whether the course could begin on the date of `start` or before, not before `earliest`, without the
    room that came free.

    Room for one visit only is thought taken; where more came free, on a whole date, only the dates before it
    are looked at. What the effort leaves open is taken for a no: to be asked once too often costs nothing.
    """
    length, day = case.protocol.chair_minutes, case.supply.date_of(start)
    if room.end - room.start < 2 * length:
        chair = choose_chair(case, start)
        if chair is not None:
            taken = Claim("room", chair, start, case.protocol.timed_steps)
            case = replace(case, diary=case.diary.with_claims([taken]))
        until = day
    else:
        until = day - timedelta(days=1)
    first = max(case.supply.date_of(case.now), earliest or date.min)
    plan = _earliest(case, range(1, sessions + 1), first, last_date(case, start), effort)
    return plan is not None and case.supply.date_of(plan.places[0].start) <= until


def last_date(case: Case, start: Minute) -> date:
    """How far a course that begins at `start` is looked for: as long as it may take, and no farther than
    patients may book.
    """
    within, today = case.phase.spacing.complete_within_days, case.supply.date_of(case.now)
    ends = case.supply.date_of(start) + (_AHEAD if within is None else timedelta(days=within))
    return min(ends, today + timedelta(days=case.protocol.horizon_days))


def _begun(case: Case, start: Minute) -> Case:
    """The case of somebody whose first session is booked at `start`. What follows comes after it, so it keeps
    the notice that the first one keeps.
    """
    protocol = case.protocol
    session = PatientSession(
        id=f"{_COURSE}:1",
        series=_COURSE,
        number=1,
        spacing_group=protocol.spacing_group,
        phase=case.phase.name,
        start=start,
        end=start + protocol.visit_minutes,
        date=case.supply.date_of(start),
        protocol=protocol,
    )
    chair = choose_chair(case, start)
    taken = [Claim(session.id, chair, start, protocol.timed_steps)] if chair is not None else []
    cleared = case.clearance
    return replace(
        case,
        booked=(*case.booked, session),
        series=_COURSE,
        diary=case.diary.with_claims(taken),
        clearance=Clearance(cleared.sessions - 1, cleared.expires) if cleared else None,
        now=start,
        by_patient=False,
    )


def _earliest(case: Case, numbers: Sequence[int], first: date, last: date, effort: int) -> Plan | None:
    if last < first:
        return None
    try:
        return earliest_plan(case, numbers=numbers, earliest=first, latest=last, effort=Effort(effort))
    except Unsettled:
        return None


def _starts(plan: Plan) -> tuple[Minute, ...]:
    return tuple(sorted(place.start for place in plan.places))
