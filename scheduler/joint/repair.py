"""One plan for many series that lost places at one clinic at once.

Each step has an answer in hand: first one series after another, as each of them would be mended alone
(`greedy`); then a constraint solver, all together (`solving`, `model`), with only the lost sessions moved
and, where that is not enough, with others of their series; then everybody gets a chair (`seats`), and the one
judge of the rules looks at every session beside all the others (`judging`). What finds no place is named with
the reason (`leaving`).

OR-Tools is imported where it solves, not here: it costs a process 0.4 s of its processor and 80 MB.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from scheduler.diary import Diary
from scheduler.joint.greedy import mend_in_turn
from scheduler.joint.opening import put_in_order
from scheduler.joint.question import Places, Question
from scheduler.joint.values import Change, Horizon, JointPlan, Moved, OnProgress, Stricken
from scheduler.series import Effort
from scheduler.spans import Minute
from scheduler.supply import Supply

#: Of the time that is allowed, the part for the first answer, and the part that is kept for chairs, judge and
#: reasons.
FIRST, LAST = 0.3, 0.1
#: In how many orders at most the series are mended one after another.
ORDERS = 4
#: How many steps of the engine are a second (see `series.Effort`).
STEPS = 2_500_000


def repair(
    stricken: Sequence[Stricken],
    *,
    supply: Supply,
    diary: Diary,
    now: Minute,
    horizon: Horizon,
    seconds: float,
    on_progress: OnProgress | None = None,
) -> JointPlan:
    """The plan that places most lost sessions (the most urgent where not all can be), moves the fewest and
    moves those the least.

    `diary` holds none of the remaining sessions of any series. Nobody else is moved. Every session keeps
    every rule, as `rules.check` judges it beside all the others; a plan that breaks one is a mistake, and
    raises BrokenPlan. The search ends after so many seconds, give or take one, with the best that was found
    and the bound that was proven; `proven` says that these are one. The same question has the same answer
    unless the machine is so slow that the seconds run out before the work that they stand for. `on_progress`
    is told of each better answer; what it raises ends the repair.

    Raises ValueError where a series comes twice, or a session has no number, chair or start of its own.
    """
    from scheduler.joint.judging import refuse_broken
    from scheduler.joint.leaving import reasons
    from scheduler.joint.seats import seat_all
    from scheduler.joint.solving import Search, stage_of

    began = time.monotonic()
    question = put_in_order(stricken, supply=supply, diary=diary, now=now, horizon=horizon)
    first = _first_answer(question, steps=int(seconds * FIRST * STEPS))
    search = Search(question, first, began=began, until=began + seconds * (1 - LAST), on_progress=on_progress)
    search.run()
    seats = seat_all(question, search.places)
    refuse_broken(question, search.places, seats)
    return JointPlan(
        changes=_changes(question, search.places, seats),
        left=tuple(
            reasons(
                question,
                search.places,
                seats,
                steps=int(seconds * LAST * STEPS),
                until=began + seconds,
            )
        ),
        stage=stage_of(question, search.places),
        cost=search.cost,
        bound=search.bound,
        seconds=time.monotonic() - began,
    )


def _first_answer(question: Question, *, steps: int) -> Places:
    """The best that comes of mending one series after another, in some orders: the most urgent first, and
    others by a die that always falls alike.
    """
    courses = range(len(question.courses))
    urgency = [max((one.urgency for one in course.sessions), default=0) for course in question.courses]
    order = sorted(courses, key=lambda at: -urgency[at])
    whole, dice = Effort(steps), random.Random(len(courses))  # noqa: S311
    best = mend_in_turn(question, order, effort=whole)
    once = steps - whole.left
    for _ in range(ORDERS - 1):
        if whole.left < once:
            break
        dice.shuffle(order)
        best = min(
            best, mend_in_turn(question, order, effort=whole), key=lambda found: question.cost(found).key
        )
    return best


def _changes(question: Question, places: Places, seats: dict[tuple[str, int], str]) -> tuple[Change, ...]:
    found = []
    for course, starts in zip(question.courses, places, strict=True):
        moves = [
            Moved(one.number, one.start, start, seats[course.series, one.number])
            for one, start in zip(course.sessions, starts, strict=True)
            if start is not None and (start, seats[course.series, one.number]) != (one.start, one.chair)
        ]
        if moves:
            found.append(Change(course.series, tuple(sorted(moves))))
    return tuple(found)
