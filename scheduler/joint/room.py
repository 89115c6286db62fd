"""What the clinic has room for, as sums over the sessions that could be under way at one time.

Sessions of one kind (the same steps, and the same needs of a chair) that start together are one number. Equal
stretches for which chairs are free are one number as well: visits of which no more lie in them at any minute
than there are such stretches can be dealt out to them one by one (`seats`). So no chair is in the model, and
yet it is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ortools.sat.python import cp_model

from scheduler.diary import Claim
from scheduler.joint.question import Question
from scheduler.protocol import NurseNeed, Protocol
from scheduler.spans import Minute
from scheduler.supply import NursingMode

Starting = dict[tuple[int, Minute], list[cp_model.IntVar]]  # by course and start: each session that could


class Group(NamedTuple):
    """Sessions of one kind that start together: how many is for the solver to find out."""

    protocol: Protocol
    start: Minute
    sessions: cp_model.IntVar
    most: int


class Use(NamedTuple):
    """So many units of something, from one minute up to another, for each of `sessions`."""

    start: Minute
    end: Minute
    sessions: cp_model.IntVar
    most: int
    units: int = 1


def add_room(model: cp_model.CpModel, question: Question, starting: Starting) -> None:
    """Let no more sessions be together than the clinic has chairs, nurses and room to begin for."""
    groups = _groups(model, question, starting)
    if not groups:
        return
    first = min(group.start for group in groups)
    last = max(group.start + group.protocol.chair_minutes for group in groups)
    claims = question.diary.near(first, last)
    _add_chairs(model, question, groups, claims, first, last)
    _add_nursing(model, question, groups, claims, first, last)
    _add_stagger(model, question, groups)


def _groups(model: cp_model.CpModel, question: Question, starting: Starting) -> list[Group]:
    together: dict[tuple[object, object, Minute], tuple[Protocol, list[cp_model.IntVar]]] = {}
    for (index, start), sessions in starting.items():
        protocol = question.courses[index].case.protocol
        key = protocol.timed_steps, protocol.chair_features, start
        together.setdefault(key, (protocol, []))[1].extend(sessions)
    found = []
    for (_, _, start), (protocol, sessions) in together.items():
        most = min(len(sessions), len(question.supply.chairs))
        count = sessions[0]
        if len(sessions) > 1:
            count = model.new_int_var(0, most, "")
            model.add(cp_model.LinearExpr.sum(sessions) == count)
        found.append(Group(protocol, start, count, most))
    return sorted(found, key=lambda group: group.start)


def _add_chairs(
    model: cp_model.CpModel,
    question: Question,
    groups: Sequence[Group],
    claims: Sequence[Claim],
    first: Minute,
    last: Minute,
) -> None:
    """Each session lies in some stretch for which a fitting chair is free, and equal stretches are a sum."""
    stretches = _stretches(question, claims, first, last)
    uses: list[list[Use]] = [[] for _ in stretches]
    for group in groups:
        start, end = group.start, group.start + group.protocol.chair_minutes
        fitting = [
            at
            for at, ((begins, ends, features), _) in enumerate(stretches)
            if begins <= start and end <= ends and group.protocol.chair_features <= features
        ]
        counts = [group.sessions]
        if len(fitting) != 1:
            counts = [model.new_int_var(0, min(group.most, stretches[at][1]), "") for at in fitting]
            model.add(cp_model.LinearExpr.sum(counts) == group.sessions)
        for at, count in zip(fitting, counts, strict=True):
            uses[at].append(Use(start, end, count, min(group.most, stretches[at][1])))
    for (_, chairs), there in zip(stretches, uses, strict=True):
        for under_way, _ in _moments(there, ()):
            _at_most(model, under_way, chairs)


Stretch = tuple[Minute, Minute, frozenset[str]]  # free from, free until, the features of the chair


def _stretches(
    question: Question, claims: Sequence[Claim], first: Minute, last: Minute
) -> list[tuple[Stretch, int]]:
    """The stretches from first to last for which a chair is free, and how many chairs are so alike."""
    closures = question.supply.closures_near(first, last)
    found: dict[Stretch, int] = {}
    for chair in question.supply.chairs:
        barred = [(claim.start, claim.end) for claim in claims if claim.chair == chair.id]
        barred += [(one.start, one.end) for one in closures if one.chair == chair.id]
        free = first
        for start, end in [*sorted(barred), (last, last)]:
            if free < start:
                stretch = free, start, chair.features
                found[stretch] = found.get(stretch, 0) + 1
            free = max(free, end)
    return sorted(found.items(), key=lambda item: (item[0][:2], sorted(item[0][2])))


def _add_nursing(
    model: cp_model.CpModel,
    question: Question,
    groups: Sequence[Group],
    claims: Sequence[Claim],
    first: Minute,
    last: Minute,
) -> None:
    """Nurses on duty, and what is left of them, as the rule counts them (`place_rules.nursing`)."""
    supply = question.supply
    strict, each = supply.nursing_mode is NursingMode.STRICT, supply.patients_per_nurse
    shifts = [(one.start, one.end, 1) for one in supply.shifts_near(first, last)]
    alone: list[tuple[Minute, Minute, int]] = []  # exclusive steps of what is in the diary
    watched: list[tuple[Minute, Minute, int]] = []  # shared ones
    for claim in claims:
        for timed in claim.steps:
            if timed.step.nurse is not NurseNeed.NONE:
                exclusive = timed.step.nurse is NurseNeed.EXCLUSIVE
                (alone if exclusive else watched).append(
                    (claim.start + timed.starts, claim.start + timed.ends, 1)
                )
    runs = [(group, run) for group in groups for run in group.protocol.nurse_runs]

    weight = each if strict else 1
    uses = [
        Use(
            group.start + run.starts,
            group.start + run.ends,
            group.sessions,
            group.most,
            weight if run.exclusive else 1,
        )
        for group, run in runs
    ]
    room = [(start, end, each * many) for start, end, many in shifts]
    room += [(start, end, -weight) for start, end, _ in alone]
    room += [(start, end, -1) for start, end, _ in watched]
    for under_way, left in _moments(uses, room):
        _at_most(model, under_way, left)
    if not strict:
        uses = [use for use, (_, run) in zip(uses, runs, strict=True) if run.exclusive]
        room = shifts + [(start, end, -1) for start, end, _ in alone]
        for under_way, left in _moments(uses, room):
            _at_most(model, under_way, left)


def _add_stagger(model: cp_model.CpModel, question: Question, groups: Sequence[Group]) -> None:
    stagger = question.supply.start_stagger
    if stagger is None:
        return
    first, last = groups[0].start - stagger.minutes, groups[-1].start + stagger.minutes
    taken = question.diary.starting(first, last)
    uses = [Use(group.start, group.start + stagger.minutes, group.sessions, group.most) for group in groups]
    room = [(first, last + stagger.minutes, stagger.starts)]
    room += [(start, start + stagger.minutes, -1) for start in taken]
    for beginning, left in _moments(uses, room):  # of a window's starts, the last is in it when it ends
        _at_most(model, beginning, left)


Level = tuple[Minute, Minute, int]  # from, until, how much more there is meanwhile


def _moments(uses: Sequence[Use], levels: Sequence[Level]) -> Iterator[tuple[list[Use], int]]:
    """Which uses could be under way at one minute, and how much there is then: the minutes that bind, for at
    each of the others the same uses or fewer have as much or more.
    """
    changes: dict[Minute, int] = {}
    for start, end, much in levels:
        changes[start] = changes.get(start, 0) + much
        changes[end] = changes.get(end, 0) - much
    beginning: dict[Minute, list[Use]] = {}
    for use in uses:
        beginning.setdefault(use.start, []).append(use)
    under_way: list[Use] = []
    there = 0
    for at in sorted({*changes, *beginning}):
        staying = [use for use in under_way if use.end > at]
        then = there + changes.get(at, 0)
        if under_way and (len(staying) < len(under_way) or then > there):
            yield under_way, there
        under_way, there = staying + beginning.get(at, []), then
    if under_way:
        yield under_way, there


def _at_most(model: cp_model.CpModel, uses: Sequence[Use], much: int) -> None:
    if sum(use.most * use.units for use in uses) > much:
        counts, units = [use.sessions for use in uses], [use.units for use in uses]
        model.add(cp_model.LinearExpr.weighted_sum(counts, units) <= max(much, 0))
