"""What the front desk is not told: that there is a clinical hold they know, why there is one they do not.

One place for all doors. Whoever else works at the clinic reads reasons; in an emergency everybody may
(`commands/emergencies.py`), and that leaves its trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bookings.actors import Actor
from bookings.models import JournalEntry, Role, TaskKind
from scheduler.violations import CLINICAL

#: What the front desk reads in place of the kind of such a task.
HOLD = "clinical_hold"
#: Kinds of tasks that say something of the patient's health.
CLINICAL_KINDS = frozenset({TaskKind.HARD_GAP, TaskKind.CLEARANCE_NEEDED})
#: Among a session's overrides, though no rule of the diary: begun before a prescriber looked.
ASSESSMENT = "assessment"
_VERBS = frozenset(
    {
        "series_lapsed",
        "series_cleared",
        "series_assessed",
        "missed_decided",
        "clearance_granted",
        "emergency_opened",
        "emergency_used",
        "emergency_closed",
    }
)
_RULES = frozenset({*CLINICAL, ASSESSMENT})


def reads_reasons(actor: Actor) -> bool:
    """Whether the actor reads clinical reasons: everybody but the front desk."""
    return actor.role != Role.FRONT_DESK


def may_know_why(actor: Actor, kind: str) -> bool:
    """Whether the actor reads the kind and the reason of such a task."""
    return reads_reasons(actor) or kind not in CLINICAL_KINDS


def kind_for(actor: Actor, kind: str) -> str:
    """The kind of a task as the actor may know it."""
    return kind if may_know_why(actor, kind) else HOLD


def flags_for(actor: Actor, flags: Iterable[str]) -> list[str]:
    """The flags of a visit, kinds of open tasks among them, as the actor may know them."""
    return [kind_for(actor, flag) for flag in flags]


def overrides_for(actor: Actor, overrides: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Which rules were broken on purpose; the reason for breaking a clinical one is left out for the desk."""
    if reads_reasons(actor):
        return list(overrides)
    return [{**one, "reason": ""} if one["rule"] in _RULES else one for one in overrides]


def journal_for(actor: Actor, entry: JournalEntry, *, by_prescriber: bool) -> tuple[dict[str, Any], str]:
    """What a row says it was afterwards, and its reason, as the actor may know them: not what a prescriber
    gave as a reason, nor what was said of a clinical hold.
    """
    kind = entry.after.get("kind", "")
    clinical = by_prescriber or entry.verb in _VERBS or kind in CLINICAL_KINDS
    if reads_reasons(actor) or not clinical:
        return entry.after, entry.reason
    after = entry.after | ({"kind": HOLD} if kind in CLINICAL_KINDS else {})
    return after, ""
