"""A simple engine for tests of what is around it: each lost session goes to the nearest free place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scheduler.diary import Claim, Diary
from scheduler.joint import Change, Cost, Horizon, JointPlan, Left, Moved, Progress, Stage, Stricken
from scheduler.openings import choose_chair, openings
from scheduler.rules import Case, Place, check


def repair(stricken: Any, *, diary: Diary, horizon: Horizon, on_progress: Any = None, **_: Any) -> JointPlan:
    """A plan that keeps every rule and is rarely the best, though it says so."""
    for one in stricken:
        diary = diary.with_claims(_claim(one, place) for place in _staying(one))
    changes, left = [], []
    for one in stricken:
        moves, gone, diary = _mend(one, diary, horizon)
        if moves:
            changes.append(Change(one.series, tuple(moves)))
        if gone:
            left.append(Left(one.series, tuple(gone), (), ()))
    moved = [move for change in changes for move in change.moves]
    minutes = sum(abs(move.after - move.before) for move in moved)
    cost = Cost(len(moved), 0, sum(move.after != move.before for move in moved), minutes)
    stage = Stage.LEFT if left else Stage.LOST
    if on_progress:
        on_progress(Progress(stage, cost, cost, 0.1))
    return JointPlan(tuple(changes), tuple(left), stage, cost, cost, 0.1)


def _mend(one: Stricken, diary: Diary, horizon: Horizon) -> tuple[list[Moved], list[int], Diary]:
    places, moves, gone = _staying(one), [], []
    for session in one.remaining:
        if session.number not in one.lost or session.start is None:
            continue
        around = replace(one.case, diary=diary)
        found = list(_fitting(one, around, places, session.number, horizon))
        if not found:
            gone.append(session.number)
            continue
        start = session.start
        best = min(found, key=lambda place: (abs(place.start - start), place.start))
        places.append(best)
        moves.append(Moved(session.number, start, best.start, best.chair or ""))
        diary = diary.with_claims([_claim(one, best)])
    return moves, gone, diary


def _fitting(
    one: Stricken, case: Case, places: list[Place], number: int, horizon: Horizon
) -> Iterator[Place]:
    """Where that session would keep every rule beside those of the series that have a place."""
    without = case.diary.without(_claim(one, place).id for place in places)
    for found in openings(case, first=horizon.first, last=horizon.last, number=number).values():
        for opening in found:
            place = Place(number, opening.start, choose_chair(case, opening.start))
            if not check(replace(case, diary=without), [*places, place]):
                yield place


def _staying(one: Stricken) -> list[Place]:
    return [
        Place(session.number, session.start, session.chair)
        for session in one.remaining
        if session.number not in one.lost and session.start is not None
    ]


def _claim(one: Stricken, place: Place) -> Claim:
    return Claim(
        f"{one.series}:{place.number}", place.chair or "", place.start, one.case.protocol.timed_steps
    )
