"""What a clinic's policy says, as values: which message goes over which channels, and when. Pure.

A policy is data (`notifications.models.Policy.rules`); `parse` reads it, `faults` says what is wrong with
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from notifications.kinds import Channel, Kind

#: Nobody sets these: they answer the person who asks.
ANSWERS = frozenset({Kind.REPLY, Kind.LOGIN_CODE, Kind.LOGIN_LINK})
#: What they carry is kept no longer than it takes to send it, and shown to nobody.
SIGN_IN = frozenset({Kind.LOGIN_CODE, Kind.LOGIN_LINK})
#: So many days before a visit, by the clinic's calendar.
BEFORE = frozenset({Kind.REMINDER, Kind.PREPARATION})
#: So many days after it.
AFTER = frozenset({Kind.FOLLOW_UP})
#: The others follow a change of the diary at once.
SETTABLE = tuple(kind for kind in Kind if kind not in ANSWERS)

MOST_RULES = 30
MOST_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One message that a policy asks for. `at` is the clinic's wall-clock; None: the visit's own hour."""

    kind: Kind
    channels: tuple[Channel, ...]
    days_before: int | None = None
    days_after: int | None = None
    at: time | None = None
    text_within_days: int | None = None  # a text only of visits that are no more days ahead


def parse(rules: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Rules that have no `faults`, as values."""
    return tuple(
        Rule(
            kind=Kind(rule["kind"]),
            channels=tuple(Channel(channel) for channel in rule["channels"]),
            days_before=rule.get("days_before"),
            days_after=rule.get("days_after"),
            at=time.fromisoformat(rule["at"]) if rule.get("at") else None,
            text_within_days=rule.get("text_within_days"),
        )
        for rule in rules
    )


def faults(rules: Sequence[Rule]) -> Iterator[tuple[int, str, str]]:
    """What is wrong: number of the rule, field, a sentence. Nothing for rules that make sense together."""
    seen = set()
    for number, rule in enumerate(rules):
        yield from ((number, field, detail) for field, detail in _faults_of(rule))
        slot = rule.kind, rule.days_before
        if slot in seen:
            yield number, "kind", "There is such a rule above already."
        seen.add(slot)


def _faults_of(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.kind in ANSWERS:
        yield "kind", "This one answers somebody who asks and is nobody's to set."
    if len(set(rule.channels)) != len(rule.channels):
        yield "channels", "Name each channel once."
    for field, kinds, days in (
        ("days_before", BEFORE, rule.days_before),
        ("days_after", AFTER, rule.days_after),
    ):
        if (days is not None) != (rule.kind in kinds):
            word = "Say how many days." if rule.kind in kinds else f"A {rule.kind} has no such days."
            yield field, word
        elif days is not None and not 1 <= days <= MOST_DAYS:
            yield field, f"From 1 to {MOST_DAYS} days."
    if rule.at is not None and rule.kind not in BEFORE | AFTER:
        yield "at", "This one follows a change at once and has no hour of its own."
    if rule.text_within_days is not None and Channel.TEXT not in rule.channels:
        yield "text_within_days", "This rule sends no texts."
