"""Whether somebody was told something, when, and why or why not: the answer to "why did they get no text?".
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notifications.kinds import Channel, Kind
from notifications.policy import REMINDED
from notifications.rules import AFTER, BEFORE, Rule
from notifications.ways import Person, ways

NOT_ASKED_FOR = "the clinic's policy asks for no such message"
NOT_THIS_WAY = "the clinic's policy does not send this by {channel}"
NOT_YET = "it is planned in a moment: the change has not been looked at yet"
NOTHING_HAPPENED = "nothing has happened that it would tell of"
ONLY_NEAR = (
    "a text about this goes only where the clinic made the change, of a visit no more than {days} days ahead"
)
NOTHING_TO_PREPARE = "the treatment says nothing about how to prepare"


@dataclass(frozen=True, slots=True)
class Row:
    """A message that was written."""

    message: UUID
    channel: Channel
    days_before: int | None
    status: str
    due_at: datetime
    sent_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """What became, or will become, of a message by one way. `status` is `none` where none was written."""

    channel: Channel
    days_before: int | None
    status: str
    reason: str
    due_at: datetime | None = None
    sent_at: datetime | None = None
    message: UUID | None = None


def explain(
    kind: Kind,
    *,
    rules: Sequence[Rule],
    person: Person,
    session_status: str,
    prepared: bool,
    rows: Iterable[Row],
) -> tuple[Line, ...]:
    """A line for each message of that kind about the session that was written, and one for each way by which
    none was, with the reason. `prepared`: the treatment says how to prepare.
    """
    written = sorted(rows, key=lambda row: (row.due_at, str(row.message)))
    lines = [
        Line(row.channel, row.days_before, row.status, _said(row), row.due_at, row.sent_at, row.message)
        for row in written
    ]
    seen = {(row.channel, row.days_before) for row in written}
    own = [rule for rule in rules if rule.kind == kind]
    for rule in own:
        days = rule.days_before if kind in BEFORE else None
        for channel in Channel:
            if (channel, days) not in seen:
                why = _why_not(rule, channel, person, session_status=session_status, prepared=prepared)
                lines.append(Line(channel, days, "none", why))
    if not own:
        lines += [
            Line(channel, None, "none", NOT_ASKED_FOR)
            for channel in Channel
            if channel not in {row.channel for row in written}
        ]
    return tuple(lines)


def _said(row: Row) -> str:
    """The row's own reason, or that all is well."""
    plain = {
        "planned": "it waits for its hour",
        "sending": "a worker has it",
        "sent": "the provider has it",
        "delivered": "it arrived",
    }
    return row.reason or plain.get(row.status, "")


def _why_not(rule: Rule, channel: Channel, person: Person, *, session_status: str, prepared: bool) -> str:
    found = {way.channel: way for way in ways(rule.kind, rule.channels, person, days_before=rule.days_before)}
    if channel not in found:
        return NOT_THIS_WAY.format(channel=channel)
    if found[channel].barred:
        return found[channel].barred
    if rule.kind == Kind.PREPARATION and not prepared:
        return NOTHING_TO_PREPARE
    states = REMINDED if rule.kind in BEFORE else ("completed",) if rule.kind in AFTER else None
    if states is not None:
        return NOT_YET if session_status in states else f"the session is {session_status.replace('_', ' ')}"
    if channel == Channel.TEXT and rule.text_within_days is not None:
        return ONLY_NEAR.format(days=rule.text_within_days)
    return NOTHING_HAPPENED
