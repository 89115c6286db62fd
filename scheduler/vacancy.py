"""Where the clinic has room for one more visit, for every minute of a date at once (see `bits`).

The same judgement as the place rules `closed`, `chair`, `nursing` and `start_stagger`, turned round: they
take one start and give a reason; this gives all the starts that have none to fear.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scheduler.bits import between, erode
from scheduler.diary import Diary, Taken
from scheduler.protocol import Protocol
from scheduler.spans import crowded
from scheduler.supply import NursingMode, Supply, Window


class Vacancy(NamedTuple):
    """Where one visit fits in the diary on one date."""

    starts: int  # minutes on the grid at which the clinic is open, nurses suffice and some chair is free
    chairs: tuple[int, ...]  # those of them at which each fitting chair is free, in the clinic's order


def vacancy(supply: Supply, diary: Diary, window: Window, protocol: Protocol) -> Vacancy:
    """Where a visit under the protocol fits on the window's date. Found once, then kept with the diary."""
    key = window, protocol.visit_minutes, protocol.chair_minutes, protocol.nurse_runs, protocol.chair_features
    kept = diary.kept.get(key)
    if isinstance(kept, Vacancy):
        return kept
    found = diary.kept[key] = _find(supply, diary, window, protocol)
    return found


def staffed(supply: Supply, diary: Diary, window: Window, protocol: Protocol) -> int:
    """The minutes, on the grid or off it, from which nurses suffice for a whole visit. Kept likewise."""
    key = window, protocol.nurse_runs
    kept = diary.kept.get(key)
    if isinstance(kept, int):
        return kept
    taken = diary.taken(window.start, window.end + window.reach)
    found = diary.kept[key] = staffed_beside(supply, taken, window, protocol)
    return found


def staffed_beside(supply: Supply, taken: Taken, window: Window, protocol: Protocol) -> int:
    """The same beside what is taken of the window."""
    exclusive, shared = _spare_nursing(supply, taken, window)
    enough = window.all
    for run in protocol.nurse_runs:
        enough &= erode(exclusive if run.exclusive else shared, run.ends - run.starts) >> run.starts
    return enough


def _find(supply: Supply, diary: Diary, window: Window, protocol: Protocol) -> Vacancy:
    starts = window.starts(protocol.visit_minutes) & ~_staggered(supply, diary, window)
    if starts:
        starts &= staffed(supply, diary, window, protocol)
    if not starts:
        return Vacancy(0, ())
    taken = diary.taken(window.start, window.end + window.reach)
    chairs, some_chair = [], 0
    for chair in supply.chairs_with(protocol.chair_features):
        # Where a claim outlasts the window this frees minutes after it, which no visit of the date can reach.
        free = window.all ^ (taken.busy.get(chair.id, 0) | window.out.get(chair.id, 0))
        fits = starts & erode(free, protocol.chair_minutes)
        chairs.append(fits)
        some_chair |= fits
    return Vacancy(some_chair, tuple(chairs))


def _staggered(supply: Supply, diary: Diary, window: Window) -> int:
    """The minutes of the date at which one more start would be too many."""
    stagger = supply.start_stagger
    if stagger is None:
        return 0
    starts = diary.starting(window.start - stagger.minutes + 1, window.end + stagger.minutes)
    found = 0
    for span in crowded(starts, limit=stagger.starts, within=stagger.minutes):
        found |= between(span.start - window.start, span.end - window.start, length=window.end - window.start)
    return found


def _spare_nursing(supply: Supply, taken: Taken, window: Window) -> tuple[int, int]:
    """The minutes at which one more exclusive step would be fine, and those for one more shared step.

    N nurses, E exclusive and S shared steps under way, K patients per nurse. In `strict` counting the shared
    steps need groups of K, so one more exclusive step asks E + ceil(S / K) < N and one more shared step E +
    ceil((S + 1) / K) <= N, which is E + floor(S / K) < N.
    """
    per_nurse = supply.patients_per_nurse
    if supply.nursing_mode is NursingMode.STRICT:
        return (
            _below(window.nurses, taken.exclusive, taken.shared[::per_nurse]),
            _below(window.nurses, taken.exclusive, taken.shared[per_nurse - 1 :: per_nurse]),
        )
    # In line of sight: E + S + 1 <= N * K, which is floor((E + S) / K) < N; and E + 1 <= N, or E <= N
    # for a shared step.
    watched = _below(window.nurses, taken.attended[per_nurse - 1 :: per_nurse], ())
    exclusive = watched & _below(window.nurses, taken.exclusive, ())
    for level, busy in enumerate(taken.exclusive):
        watched &= ~(busy & ~(window.nurses[level] if level < len(window.nurses) else 0))
    return exclusive, watched


def _below(nurses: Sequence[int], one: Sequence[int], two: Sequence[int]) -> int:
    """The minutes at which two counts together are below the nurses on duty; all three are thermometers.

    There is some n with at least n nurses and a sum that is not at least n. The sum is at least n where, for
    some split of n, the one count reaches its part and the other the rest.
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
