"""Whether the rules of a protocol can be kept together. Pure: rules in, contradictions out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from scheduler.protocol import OnMissed

MINUTES_A_DAY = 24 * 60

Contradiction = tuple[str, str]  # the field, as a path, and a sentence for a person


def contradictions(rules: Mapping[str, Any]) -> tuple[Contradiction, ...]:
    """What in a protocol's JSON cannot hold together, in any clinic. Each part is well-formed already."""
    return (*_of_phases(rules), *_of_washouts(rules), *_of_steps(rules), *_of_preparation(rules))


def _of_phases(rules: Mapping[str, Any]) -> Iterator[Contradiction]:
    names: set[str] = set()
    for index, phase in enumerate(rules["phases"]):
        if phase["name"] in names:
            yield f"phases.{index}.name", "Two phases have this name."
        names.add(phase["name"])
        for field, detail in (*_of_gaps(phase["spacing"]), *_of_course(phase["spacing"], phase["sessions"])):
            yield f"phases.{index}.spacing.{field}", detail
        for field, detail in (*_of_missed(phase, rules["phases"][index + 1 :]), *_of_assessments(phase)):
            yield f"phases.{index}.{field}", detail


def _of_missed(phase: Mapping[str, Any], later: Sequence[Any]) -> Iterator[Contradiction]:
    """What follows a missed session needs a number of sessions to come back to, or a phase to go on to."""
    then = (phase.get("on_missed") or {}).get("then", OnMissed.APPEND)
    if then != OnMissed.APPEND and phase["sessions"] is None:
        yield "on_missed.then", "An open-ended phase has no session that must be made up for."
    elif then == OnMissed.MAINTENANCE and not later:
        yield "on_missed.then", "No phase follows this one."


def _of_assessments(phase: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Each after more sessions than the one before, and none after more than the phase has."""
    numbers = phase.get("assess_after") or ()
    if any(after <= before for before, after in pairwise(numbers)):
        yield "assess_after", "Name each number once, in ascending order."
    if phase["sessions"] is not None and any(number > phase["sessions"] for number in numbers):
        yield "assess_after", f"The phase has {phase['sessions']} sessions."


def _of_gaps(spacing: Mapping[str, Any]) -> Iterator[Contradiction]:
    """min <= target <= soft max <= max, each where it is given."""
    order = ("min_gap_days", "target_gap_days", "soft_max_gap_days", "max_gap_days")
    given = [(name, spacing[name]) for name in order if spacing.get(name) is not None]
    for (lower, smaller), (upper, larger) in pairwise(given):
        if smaller > larger:
            yield upper, f"{upper} ({larger}) is less than {lower} ({smaller})."
    # The last start of a calendar day lies just under a day after its first.
    longest = spacing.get("max_gap_days")
    if longest is not None and (spacing.get("min_gap_minutes") or 0) >= (longest + 1) * MINUTES_A_DAY:
        yield (
            "min_gap_minutes",
            f"{spacing['min_gap_minutes']} minutes do not fit into {longest} calendar days.",
        )


def _of_course(spacing: Mapping[str, Any], sessions: int | None) -> Iterator[Contradiction]:
    """All the sessions of a phase, as close together as they may be, fit into its window."""
    window = spacing.get("complete_within_days")
    if window is None or sessions is None:
        return
    gaps = sessions - 1
    days = gaps * (spacing.get("min_gap_days") or 0)
    minutes = gaps * (spacing.get("min_gap_minutes") or 0)
    if limit := spacing.get("rolling_limit"):
        minutes = max(minutes, gaps // limit["sessions"] * limit["days"] * MINUTES_A_DAY)
    if days > window or minutes >= (window + 1) * MINUTES_A_DAY:
        yield "complete_within_days", f"{sessions} sessions with these gaps take longer than {window} days."


def _of_washouts(rules: Mapping[str, Any]) -> Iterator[Contradiction]:
    groups: set[str] = set()
    for index, washout in enumerate(rules.get("washouts") or ()):
        group = washout["spacing_group"]
        if group in groups:
            yield f"washouts.{index}.spacing_group", "Two washouts name this group."
        if group == rules["spacing_group"]:
            yield f"washouts.{index}.spacing_group", "Sessions of one's own group are kept apart by the gaps."
        groups.add(group)


def _of_steps(rules: Mapping[str, Any]) -> Iterator[Contradiction]:
    steps = rules["steps"]
    if sum(step["minutes"] for step in steps) > MINUTES_A_DAY:
        yield "steps", "The steps of a visit take more than 24 hours together."
    if not steps[0]["patient"]:
        yield "steps.0.patient", "A visit begins with the patient."
    for index, (before, after) in enumerate(pairwise(steps)):
        if after["patient"] and not before["patient"]:
            yield f"steps.{index + 1}.patient", "The patient has left in the step before."


def _of_preparation(rules: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Whoever may not even drink may not eat."""
    said = rules.get("preparation") or {}
    solids, fluids = said.get("solids_hours"), said.get("clear_fluids_hours")
    if fluids is not None and (solids is None or solids < fluids):
        yield (
            "preparation.clear_fluids_hours",
            f"Nothing to drink for {fluids} hours means nothing to eat for as long: say so in solids_hours.",
        )
