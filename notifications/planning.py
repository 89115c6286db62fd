"""Brings rows in line with the diary: which messages there ought to be about sessions to come and sessions
that are over, and the rows of a notice.

Everything here runs inside the caller's transaction, with a fixed number of queries however many sessions
there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connection

from bookings.models import Series, Session
from notifications import timing
from notifications.kinds import Channel, Kind, Status
from notifications.knowing import Known, zone_of
from notifications.models import Message, draft
from notifications.policy import REMINDED, Notice
from notifications.rules import AFTER, BEFORE, Rule
from notifications.second_look import TOO_LATE
from notifications.timing import NOTICE_KEEPS, Due
from notifications.ways import NOT_IN_POLICY, REASONS, UNWRITTEN, Way, ways

#: A message in one of these states may still be brought in line.
_OPEN = (Status.PLANNED, Status.SUPPRESSED)
#: What may be another of a row that is there.
RESTUDIED = ("recipient", "due_at", "expires_at", "status", "reason")
#: What is planned ahead for a session, as against what is said of a change.
PLANNED_AHEAD = tuple(BEFORE | AFTER)
# In the order of the model's fields: `from_db` expects them so.
_LOOKED_AT = tuple(
    field.attname
    for field in Message._meta.concrete_fields  # noqa: SLF001
    if field.name in {"id", "kind", "channel", "session", "days_before", "facts", *RESTUDIED}
)
_WRITTEN = f"""
    SELECT {", ".join(_LOOKED_AT)} FROM {Message._meta.db_table}
    WHERE session_id = ANY (%(sessions)s::uuid[]) AND kind = ANY (%(kinds)s) AND status <> %(withdrawn)s
"""  # noqa: S608, SLF001  names of ours
_OVER = "its hour was over when the session was booked or moved"

_Slot = tuple[UUID, str, str, int | None, datetime]  # session, kind, channel, days before, start


@dataclass(frozen=True, slots=True)
class Want:
    """One message that there ought to be about a session."""

    kind: Kind
    way: Way
    due: Due

    @property
    def days_before(self) -> int | None:
        return self.due.rule.days_before if self.kind in BEFORE else None


@dataclass(frozen=True, slots=True)
class Changed:
    """What is to be written: rows that are missing, and rows whose `RESTUDIED` fields are others now."""

    new: list[Message]
    rows: list[Message]


def restudy(
    sessions: Sequence[Session], known: Known, *, decided_at: Callable[[Session], datetime], now: datetime
) -> Changed:
    """What brings the messages about these sessions in line with the diary, the policy and the patient's
    wishes.

    Written, each session ahead that is booked has one row for each of its reminders and each way that is
    wanted, due by its present start, and no other waits; one that is over has what follows it. What was due
    before the session was put there (`decided_at`) has lapsed. One query.
    """
    rows = {_slot_of(row): row for row in _written(sessions)}
    changed = Changed([], [])
    done: set[_Slot] = set()
    for session in sessions:
        decided = decided_at(session)
        for want in wanted(session, known, decided_at=decided, now=now):
            slot: _Slot = (session.id, want.kind, want.way.channel, want.days_before, session.start)
            done.add(slot)
            row = rows.get(slot)
            if row is None and want.way.barred not in UNWRITTEN:
                changed.new.append(_ahead(session, want, known, decided_at=decided, now=now))
            elif row is not None and row.status in _OPEN:
                changed.rows.extend(_in_line(row, session, want, known, now=now))
    standing = {session.id: session for session in sessions}
    for left, other in rows.items():
        if left not in done and other.status in _OPEN:
            changed.rows.extend(_no_more(other, standing[left[0]]))
    return changed


def wanted(session: Session, known: Known, *, decided_at: datetime, now: datetime) -> Iterator[Want]:
    """What there ought to be about a session as it is now, by each way, open or barred."""
    person = known.person(session.patient, session.clinic_id)
    for due in _dues(session, known, decided_at=decided_at, now=now):
        rule = due.rule
        for way in ways(rule.kind, rule.channels, person, days_before=rule.days_before):
            yield Want(rule.kind, way, due)


def notice_rows(
    notice: Notice, series: Series, known: Known, *, is_booked: bool = True, now: datetime
) -> Iterator[Message]:
    """The rows of a notice, not yet written: one by each way. `series` has its patient at hand, and its
    clinic where it is not booked.
    """
    patient = series.patient
    person = known.person(patient, series.clinic_id)
    rule = next((rule for rule in known.rules(series) if rule.kind == notice.kind), None)
    for way in ways(notice.kind, rule.channels, person) if rule else ():
        if way.barred in UNWRITTEN or (way.channel == Channel.TEXT and not _is_pressing(notice, rule)):
            continue
        expires = notice.expires_at or notice.at + NOTICE_KEEPS
        if notice.minutes is not None and notice.about:
            expires = notice.about[0].start + timedelta(minutes=notice.minutes)
        yield Message(
            key=f"{notice.kind}:{notice.entry}:{way.channel}",
            kind=notice.kind,
            channel=way.channel,
            recipient=person.address(way.channel),
            language=patient.language,
            patient=patient,
            series=series if is_booked else None,
            clinic=None if is_booked else series.clinic,
            session_id=UUID(notice.about[0].session) if len(notice.about) == 1 else None,
            facts=_facts(notice),
            due_at=notice.at,
            expires_at=expires,
            created_at=now,
            **_standing(way, late=expires <= now),
        )


def _is_pressing(notice: Notice, rule: Rule | None) -> bool:
    """A patient knows what they did themselves, and what is weeks away can be read in an email."""
    if rule is None or rule.text_within_days is None:
        return True
    if not notice.by_clinic:
        return False
    near = notice.at + timedelta(days=rule.text_within_days)
    return any(min(about.start, about.before or about.start) <= near for about in notice.about)


def _facts(notice: Notice) -> dict[str, object]:
    sessions = [
        {"id": about.session, "start": about.start.isoformat()}
        | ({"before": about.before.isoformat()} if about.before else {})
        for about in notice.about
    ]
    facts: dict[str, object] = {"sessions": sessions}
    if notice.minutes is not None:
        facts["minutes"] = notice.minutes
    if notice.proposal is not None:
        facts["proposal"] = notice.proposal
    if notice.offer is not None:
        facts["offer"] = notice.offer
    return facts


def _dues(session: Session, known: Known, *, decided_at: datetime, now: datetime) -> Iterator[Due]:
    clinic = session.clinic.zone
    patient = zone_of(session.patient, otherwise=clinic)
    quiet = known.quiet(session.patient, session.clinic_id)
    rules = known.rules(session.series)
    if session.status in REMINDED and session.start > now:
        reminding = [rule for rule in rules if rule.kind == Kind.REMINDER]
        yield from timing.reminders(session.start, reminding, clinic=clinic, patient=patient, quiet=quiet)
        if known.treatment(session.series).preparation is not None:
            for rule in rules:
                if rule.kind == Kind.PREPARATION:
                    yield timing.preparation(
                        session.start,
                        rule,
                        decided_at=decided_at,
                        clinic=clinic,
                        patient=patient,
                        quiet=quiet,
                    )
    if session.status == "completed":
        for rule in rules:
            if rule.kind in AFTER:
                yield timing.follow_up(session.end, rule, clinic=clinic, patient=patient, quiet=quiet)


def _written(sessions: Sequence[Session]) -> list[Message]:
    """The rows about these sessions that may speak for them still, as far as they are looked at."""
    if not sessions:
        return []
    asked: dict[str, Any] = {
        "sessions": [session.id for session in sessions],
        "kinds": [kind.value for kind in PLANNED_AHEAD],
        "withdrawn": Status.WITHDRAWN.value,
    }
    facts = _LOOKED_AT.index("facts")
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN, asked)
        return [
            Message.from_db(
                DEFAULT_DB_ALIAS, _LOOKED_AT, (*row[:facts], orjson.loads(row[facts]), *row[facts + 1 :])
            )
            for row in cursor.fetchall()
        ]


def _slot_of(row: Message) -> _Slot:
    start = datetime.fromisoformat(row.facts["sessions"][0]["start"])
    assert row.session_id is not None, "what is planned ahead is about one session"
    return row.session_id, row.kind, row.channel, row.days_before, start


def _in_line(row: Message, session: Session, want: Want, known: Known, *, now: datetime) -> Iterator[Message]:
    """The row, changed, when it was not in line."""
    person = known.person(session.patient, session.clinic_id)
    told = (row.recipient, row.due_at, row.expires_at)
    ought = (person.address(want.way.channel), want.due.due_at, want.due.expires_at)
    barred = row.reason if row.status == Status.SUPPRESSED else ""
    if barred and barred not in REASONS:
        return  # put aside for good when its hour came
    late = bool(barred) and want.due.expires_at <= now
    if (told == ought and barred == want.way.barred and not late) or (late and want.way.barred):
        return
    row.recipient, row.due_at, row.expires_at = ought
    standing = _standing(want.way, late=late)
    row.status, row.reason = standing["status"], standing["reason"]
    yield row


def _no_more(row: Message, session: Session) -> Iterator[Message]:
    """The row of a message that is not wanted: no longer true, or not asked for."""
    start = _slot_of(row)[-1]
    states = REMINDED if row.kind in BEFORE else ("completed",)
    if session.status not in states:
        row.status, row.reason = Status.WITHDRAWN, f"the session is {session.status.replace('_', ' ')}"
    elif start != session.start:
        row.status, row.reason = Status.WITHDRAWN, "the session is at another time now"
    elif row.status == Status.PLANNED or row.reason in REASONS - {NOT_IN_POLICY}:
        row.status, row.reason = Status.SUPPRESSED, NOT_IN_POLICY
    else:
        return
    yield row


def _ahead(session: Session, want: Want, known: Known, *, decided_at: datetime, now: datetime) -> Message:
    standing = _standing(want.way, late=want.due.expires_at <= now)
    if want.due.due_at <= decided_at and want.kind == Kind.REMINDER:
        standing = {"status": Status.LAPSED, "reason": _OVER}
    days = f":{want.days_before}d" if want.days_before is not None else ""
    return draft(
        key=f"{want.kind}:{session.id}:v{session.version}{days}:{want.way.channel}",
        kind=want.kind,
        channel=want.way.channel,
        recipient=known.person(session.patient, session.clinic_id).address(want.way.channel),
        language=session.patient.language,
        patient_id=session.patient_id,
        series_id=session.series_id,
        session_id=session.id,
        session_version=session.version,
        days_before=want.days_before,
        facts={"sessions": [{"id": str(session.id), "start": session.start.astimezone(UTC).isoformat()}]},
        due_at=want.due.due_at,
        expires_at=want.due.expires_at,
        created_at=now,
        **standing,
    )


def _standing(way: Way, *, late: bool = False) -> dict[str, str]:
    if late:
        return {"status": Status.LAPSED, "reason": TOO_LATE}
    if not way.barred:
        return {"status": Status.PLANNED, "reason": ""}
    return {"status": Status.SUPPRESSED, "reason": way.barred}
