"""A treatment as data: phases, the steps of a visit and the rules of spacing.

Every clinical number is a value that a clinic edits; none is code. All values are frozen, so that a
protocol version can be shared between threads and kept for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple


class NurseNeed(StrEnum):
    """How much of a nurse a step takes."""

    EXCLUSIVE = "exclusive"  # one nurse, this patient alone
    SHARED = "shared"  # one of up to `patients_per_nurse` patients
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a visit, in whole minutes. `patient` is false for turnover, when the patient has left."""

    name: str
    minutes: int
    nurse: NurseNeed = NurseNeed.NONE
    patient: bool = True


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A step with its place in the visit: minutes after the session's start, half-open."""

    step: Step
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class RollingLimit:
    """No more than `sessions` starts within any `days` times 24 hours."""

    sessions: int
    days: int


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far apart the sessions of a phase are. `None` means: no such rule.

    Minutes are elapsed time from start to start; days are clinic-local calendar days between two dates.
    """

    min_gap_minutes: int = 0
    min_gap_days: int = 0
    target_gap_days: int | None = None
    soft_max_gap_days: int | None = None
    max_gap_days: int | None = None
    rolling_limit: RollingLimit | None = None
    complete_within_days: int | None = None


class OnMissed(StrEnum):
    """How a phase goes on after a session whose time came and that was not given."""

    APPEND = "append"  # it is made up for at the end
    RESTART = "restart"  # the phase begins anew
    MAINTENANCE = "maintenance"  # one more session, and the phase counts as done
    CLINICIAN = "clinician"  # a prescriber decides


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a protocol. `sessions` is None for an open-ended phase.

    `on_missed` counts where a missed session leaves a gap of more than `missed_gap_days` calendar days, in
    any gap where that is None; otherwise it is made up for at the end. After each number of sessions in
    `assess_after` a prescriber looks at the patient before the next one may begin.
    """

    name: str
    sessions: int | None
    spacing: Spacing = field(default_factory=Spacing)
    on_missed: OnMissed = OnMissed.APPEND
    missed_gap_days: int | None = None
    assess_after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Washout:
    """Calendar days between this protocol's sessions and those of another spacing group, either way round."""

    spacing_group: str
    days: int


class NurseRun(NamedTuple):
    """Part of a visit in which it takes a nurse in one manner, in minutes after the start, half-open."""

    exclusive: bool
    starts: int
    ends: int


@dataclass(frozen=True)
class Protocol:
    """One version of a treatment."""

    slug: str
    name: str
    spacing_group: str
    phases: tuple[Phase, ...]
    steps: tuple[Step, ...]
    washouts: tuple[Washout, ...] = ()
    lead_time_hours: int = 0  # binds patients, not staff
    horizon_days: int = 365  # binds patients, not staff
    cancel_cutoff_hours: int = 0  # binds patients, not staff; the same for moving and cancelling
    needs_clearance: bool = False
    needs_escort: bool = False
    chair_features: frozenset[str] = frozenset()
    version: int = 1

    @cached_property
    def timed_steps(self) -> tuple[TimedStep, ...]:
        """The steps one after another, with their minutes counted from the start of the session."""
        ends = list(accumulate(step.minutes for step in self.steps))
        return tuple(
            TimedStep(step, end - step.minutes, end) for step, end in zip(self.steps, ends, strict=True)
        )

    @cached_property
    def visit_minutes(self) -> int:
        """Minutes from the start until the patient leaves: the end of the last step that has the patient."""
        return max((timed.ends for timed in self.timed_steps if timed.step.patient), default=0)

    @cached_property
    def chair_minutes(self) -> int:
        """Minutes for which the session holds its chair: all its steps."""
        return sum(step.minutes for step in self.steps)

    @cached_property
    def nurse_runs(self) -> tuple[NurseRun, ...]:
        """When a visit takes a nurse; adjoining steps that take one in the same manner are one run."""
        runs: list[NurseRun] = []
        for timed in self.timed_steps:
            if timed.step.nurse is NurseNeed.NONE:
                continue
            exclusive, starts = timed.step.nurse is NurseNeed.EXCLUSIVE, timed.starts
            if runs and runs[-1].exclusive == exclusive and runs[-1].ends == starts:
                starts = runs.pop().starts
            runs.append(NurseRun(exclusive, starts, timed.ends))
        return tuple(runs)

    def phase(self, name: str) -> Phase:
        """The phase of that name. Raises KeyError when there is none."""
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    def begins_course(self, phase: Phase) -> bool:
        """Whether this is the first phase, whose first session begins a new course."""
        return phase.name == self.phases[0].name
