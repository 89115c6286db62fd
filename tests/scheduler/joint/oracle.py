"""Every way to place the sessions of a few series tried, cheapest first, and judged by the rules alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from scheduler.case import Case, Place
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.joint import Horizon, Stricken
from scheduler.rules import check
from scheduler.spans import Minute
from scheduler.supply import Supply
from scheduler.violations import Rule
from tests.scheduler.oracle.judge import grid_starts

Start = Minute | None
NOT_CLOSED = frozenset(Rule) - {Rule.CLOSED}
Key = tuple[int, int, int]  # left, moved, minutes


@dataclass(frozen=True)
class Asked:
    """One question to `repair`."""

    stricken: tuple[Stricken, ...]
    supply: Supply
    diary: Diary
    now: Minute
    horizon: Horizon

    def sessions(self) -> list[tuple[int, int, Minute, bool]]:
        """Of each open session: its series, its number, its old start, and whether it is lost."""
        return [
            (at, session.number, session.start, session.number in one.lost)
            for at, one in enumerate(self.stricken)
            for session in one.remaining
            if session.start is not None
        ]


def options(asked: Asked) -> list[list[Start]]:
    """Where each session could be at all: the open hours, its old place, and nowhere if it is lost."""
    found: list[list[Start]] = []
    for at, _, old, lost in asked.sessions():
        case = replace(asked.stricken[at].case, supply=asked.supply)
        grid = grid_starts(case, *asked.horizon)
        open_hours = {start for start in grid if not check(case, [Place(1, start)], skip=NOT_CLOSED)}
        found.append([*sorted(open_hours | {old}), *([None] if lost else [])])
    return found


def cheapest(asked: Asked) -> Key:
    """What the best plan costs, or the best of all plans that leave some sessions without a place."""
    sessions = asked.sessions()
    ways = sorted(product(*options(asked)), key=lambda way: key_of(sessions, way))
    return next(key_of(sessions, way) for way in ways if keeps(asked, way))


def key_of(sessions: Sequence[tuple[int, int, Minute, bool]], way: Sequence[Start]) -> Key:
    moved = [abs(at - old) for (_, _, old, _), at in zip(sessions, way, strict=True) if at not in (None, old)]
    return list(way).count(None), len(moved), sum(moved)


def keeps(asked: Asked, way: Sequence[Start]) -> bool:
    """Whether there are chairs in which everybody keeps every rule beside all the others."""
    return any(_kept(asked, way, chairs) for chairs in _chairs(asked, way))


def _chairs(asked: Asked, way: Sequence[Start]) -> Iterator[tuple[str, ...]]:
    return product(*([chair.id for chair in asked.supply.chairs] if at is not None else [""] for at in way))


def _kept(asked: Asked, way: Sequence[Start], chairs: Sequence[str]) -> bool:
    placed = [
        (at, Place(number, start, chair), old, lost)
        for (at, number, old, lost), start, chair in zip(asked.sessions(), way, chairs, strict=True)
        if start is not None
    ]
    for at, one in enumerate(asked.stricken):
        others = [
            Claim(
                f"{other} {place.number}",
                str(place.chair),
                place.start,
                asked.stricken[other].case.protocol.timed_steps,
            )
            for other, place, _, _ in placed
            if other != at
        ]
        beside = (
            visit(asked.stricken[other].case, place)
            for other, place, _, _ in placed
            if _sibling(asked, at, other)
        )
        case = replace(
            one.case,
            booked=(*one.case.booked, *beside),
            supply=asked.supply,
            diary=asked.diary.with_claims(others),
            now=asked.now,
            by_patient=False,
        )
        own = [place for index, place, _, _ in placed if index == at]
        short = len(own) < len(one.remaining) or any(
            _sibling(asked, at, other)
            and sum(index == other for index, *_ in placed) < len(asked.stricken[other].remaining)
            for other in range(len(asked.stricken))
        )
        stayed = {session.number for session in one.case.booked}
        stayed |= {
            place.number
            for index, place, old, lost in placed
            if index == at and place.start == old and not lost
        }
        for broken in check(case, own):
            if not (short and broken.rule is Rule.MAX_GAP and broken.sessions[-1] in stayed):
                return False
    return True


def _sibling(asked: Asked, one: int, other: int) -> bool:
    """Whether those two series are of one patient."""
    patient = asked.stricken[one].patient
    return one != other and bool(patient) and asked.stricken[other].patient == patient


def visit(case: Case, place: Place) -> PatientSession:
    """A session of the series at that place, as the patient would have it."""
    return PatientSession(
        id=f"{case.series} {place.number}",
        series=case.series or "",
        number=place.number,
        spacing_group=case.protocol.spacing_group,
        phase=case.phase.name,
        start=place.start,
        end=place.start + case.protocol.visit_minutes,
        date=case.supply.date_of(place.start),
        protocol=case.protocol,
    )
