"""Where the clinic has room for one more visit, for every minute of a date at once (see `bits`).

The same judgement as the place rules `closed`, `chair`, `nursing` and `start_stagger`, turned round: they take one
start and give a reason; this gives all the starts that have none to fear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.bits import between, erode
from scheduler.case import Case
from scheduler.diary import Taken
from scheduler.protocol import NurseNeed, Protocol
from scheduler.spans import crowded
from scheduler.supply import NursingMode, Supply, Window


def staffed_starts(case: Case, window: Window, starts: int) -> int:
    """Those of the starts at which the clinic is open, nurses suffice and not too many sessions begin together."""
    starts &= window.starts(case.protocol.visit_minutes)
    if starts:
        starts &= ~_staggered(case, window)
    if starts:
        taken = case.diary.taken(window.start, window.end + window.reach)
        exclusive, shared = _spare_nursing(case.supply, window, taken)
        for need, begins, ends in _nurse_runs(case.protocol):
            spare = exclusive if need is NurseNeed.EXCLUSIVE else shared
            starts &= erode(spare, ends - begins) >> begins
    return starts


def chair_starts(case: Case, window: Window) -> Iterator[tuple[str, int]]:
    """Each fitting chair, in the clinic's order, with the minutes from which it is free for the whole visit."""
    taken = case.diary.taken(window.start, window.end + window.reach)
    minutes = case.protocol.chair_minutes
    for chair in case.supply.chairs_with(case.protocol.chair_features):
        barred = taken.busy.get(chair.id, 0) | window.out.get(chair.id, 0)
        yield chair.id, erode(window.all & ~barred, minutes)


def _staggered(case: Case, window: Window) -> int:
    """The minutes of the date at which one more start would be too many."""
    stagger = case.supply.start_stagger
    if stagger is None:
        return 0
    starts = case.diary.starting(window.start - stagger.minutes + 1, window.end + stagger.minutes)
    found = 0
    for span in crowded(starts, limit=stagger.starts, within=stagger.minutes):
        found |= between(span.start - window.start, span.end - window.start, length=window.end - window.start)
    return found


def _nurse_runs(protocol: Protocol) -> Iterator[tuple[NurseNeed, int, int]]:
    """The stretches of a visit that take a nurse in one manner: how, from and to in minutes after the start."""
    run: tuple[NurseNeed, int, int] | None = None
    for timed in protocol.timed_steps:
        if run and run[0] is timed.step.nurse:
            run = run[0], run[1], timed.ends
            continue
        if run and run[0] is not NurseNeed.NONE:
            yield run
        run = timed.step.nurse, timed.starts, timed.ends
    if run and run[0] is not NurseNeed.NONE:
        yield run


def _spare_nursing(supply: Supply, window: Window, taken: Taken) -> tuple[int, int]:
    """The minutes at which one more exclusive step would be fine, and those at which one more shared step would.

    N nurses, E exclusive and S shared steps under way, K patients per nurse. In `strict` counting the shared steps
    need groups of K, so one more exclusive step asks E + ceil(S / K) < N and one more shared step
    E + ceil((S + 1) / K) <= N, which is E + floor(S / K) < N.
    """
    per_nurse = supply.patients_per_nurse
    if supply.nursing_mode is NursingMode.STRICT:
        return (
            _below(window.nurses, taken.exclusive, taken.shared[::per_nurse]),
            _below(window.nurses, taken.exclusive, taken.shared[per_nurse - 1 :: per_nurse]),
        )
    # In line of sight: E + S + 1 <= N * K, which is floor((E + S) / K) < N; and E + 1 <= N, or E <= N for shared.
    watched = _below(window.nurses, taken.attended[per_nurse - 1 :: per_nurse], ())
    exclusive = watched & _below(window.nurses, taken.exclusive, ())
    for level, busy in enumerate(taken.exclusive):
        watched &= ~(busy & ~(window.nurses[level] if level < len(window.nurses) else 0))
    return exclusive, watched


def _below(nurses: Sequence[int], one: Sequence[int], two: Sequence[int]) -> int:
    """The minutes at which two counts together are below the nurses on duty; all three are thermometers.

    There is some n with at least n nurses and a sum that is not at least n. The sum is at least n where, for some
    split of n, the one count reaches its part and the other the rest.
    """
    found = 0
    for n, on_duty in enumerate(nurses, start=1):
        reached = one[n - 1] if n <= len(one) else 0
        for part, level in enumerate(two[:n], start=1):
            rest = n - part
            if rest == 0:
                reached |= level
            elif rest <= len(one):
                reached |= level & one[rest - 1]
        found |= on_duty & ~reached
    return found
