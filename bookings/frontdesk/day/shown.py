"""A board as the desk's pages show it: rows of plain values, times on the clinic's wall.

Both the list, the grid and the wall's rooming board are made of these, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bookings import lifecycle
from bookings.clinical import flags_for
from bookings.frontdesk.access import Desk
from bookings.frontdesk.day.words import ALARMS, NEXT, STATUS, VERB, flag_words, fraction, k_of_n
from bookings.frontdesk.named import step_words
from bookings.models import Session
from bookings.queries.board import Board
from bookings.queries.progress import began_at
from bookings.queries.sessions import allowed_verbs, sessions_of_course, steps_of
from bookings.snapshot import protocol_of
from scheduler.protocol import Protocol, TimedStep
from scheduler.spans import instant

#: Nobody waits for a driver's name earlier than this before the visit.
_ESCORT_WANTED = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """One visit. Times are aware, in the clinic's zone."""

    id: UUID
    version: int
    patient: str
    patient_id: UUID
    number: int
    of: int
    chair: str
    chair_id: UUID
    status: str
    status_words: str
    start: datetime
    end: datetime
    chair_until: datetime
    steps: tuple[dict[str, Any], ...]
    flags: tuple[str, ...]
    told: tuple[tuple[str, bool], ...]  # each flag in words, and whether it is an alarm
    verbs: tuple[str, ...]
    next_verb: str
    next_words: str
    needs_escort: bool
    escort: str
    timer_until: datetime | None  # when the state that the visit is in ought to be over
    timer_kind: str  # see `timing`
    missed_from: datetime | None  # from when on a visit that nobody came to may be marked as missed

    @property
    def clock(self) -> str:
        """When it begins, as the wall shows it."""
        return f"{self.start:%H:%M}"

    @property
    def leaves(self) -> str:
        """When the patient leaves, likewise."""
        return f"{self.end:%H:%M}"

    @property
    def k_of_n(self) -> str:
        """Which visit of how many, in words."""
        return k_of_n(self.number, self.of)

    @property
    def fraction(self) -> str:
        """The same in signs, for a narrow box."""
        return fraction(self.number, self.of)

    @property
    def is_alarming(self) -> bool:
        """Whether somebody ought to see to it now."""
        return any(is_alarm for _words, is_alarm in self.told)

    @property
    def is_live(self) -> bool:
        """Whether it still takes its place."""
        return self.status in lifecycle.LIVE


def rows(sessions: Iterable[Session], flags: Mapping[UUID, Iterable[str]], *, desk: Desk) -> tuple[Row, ...]:
    """Visits in the order given, each with its flags. One query at most, for the timers."""
    sessions = list(sessions)
    began = began_at(sessions)
    return tuple(row(one, flags.get(one.id, ()), desk=desk, began=began.get(one.id)) for one in sessions)


def row(session: Session, flags: Iterable[str], *, desk: Desk, began: datetime | None = None) -> Row:
    """One visit as the desk sees it. `flags`: kinds of open tasks, and `overridden`. `began`: since when it
    is in its state, for a visit under way; by its plan where that is not known.
    """
    zone = session.clinic.zone
    protocol = protocol_of(session.series.protocol_version)
    rules = session.series.protocol_version.rules
    verbs = allowed_verbs(session, actor=desk.actor, now=desk.now)
    following = NEXT.get(session.status, "")
    own = _own_flags(session, needs_escort=protocol.needs_escort, now=desk.now)
    all_flags = tuple(dict.fromkeys((*flags_for(desk.actor, flags), *own)))
    steps = tuple(
        {
            "name": step_words(rules, step["name"]),
            "start": step["start"].astimezone(zone),
            "end": step["end"].astimezone(zone),
        }
        for step in steps_of(session)
    )
    until, kind = timing(session, protocol, began=began)
    return Row(
        id=session.id,
        version=session.version,
        patient=str(session.patient),
        patient_id=session.patient_id,
        number=session.number,
        of=sessions_of_course(session),
        chair=session.chair.name,
        chair_id=session.chair_id,
        status=session.status,
        status_words=str(STATUS[session.status]),
        start=session.start.astimezone(zone),
        end=session.end.astimezone(zone),
        chair_until=session.chair_until.astimezone(zone),
        steps=steps,
        flags=all_flags,
        told=tuple(dict.fromkeys((flag_words(flag), flag in ALARMS) for flag in all_flags)),
        verbs=tuple(verbs),
        next_verb=following if following in verbs else "",
        next_words=str(VERB[following]) if following in verbs else "",
        needs_escort=protocol.needs_escort,
        escort=session.escort_name,
        timer_until=until.astimezone(zone) if until else None,
        timer_kind=kind,
        missed_from=_missed_from(session),
    )


def loads(board: Board) -> list[dict[str, Any]]:
    """The strip of nurse load: spans of equal load, as shares of the day from its first hour to its last."""
    zone, found = board.clinic.zone, []
    for this, following in zip(board.load, [*board.load[1:], None], strict=True):
        ends = following.at if following else board.day.end
        found.append(
            {
                "starts": instant(this.at).astimezone(zone),
                "ends": instant(ends).astimezone(zone),
                "needed": this.needed,
                "on_duty": this.on_duty,
                "short": this.is_short,
            }
        )
    return found


def _own_flags(session: Session, *, needs_escort: bool, now: datetime) -> Iterable[str]:
    if session.status not in lifecycle.LIVE:
        return
    is_near = session.start - now <= _ESCORT_WANTED
    if needs_escort and not session.escort_name and is_near:
        yield "no_escort"
    if session.number == 1:
        yield "first_visit"
    if session.status == lifecycle.BOOKED and is_near and now < session.start:
        yield "unconfirmed"


def timing(session: Session, protocol: Protocol, *, began: datetime | None) -> tuple[datetime | None, str]:
    """Until when the state that the visit is in ought to last, and what is counted.

    `start`: until its patient ought to be here. `wait`: until the infusion ought to begin. `infusion` and
    `recovery` last as long as their step from when they really began, so that whoever began late is observed
    as long as anybody else.
    """
    present = [timed for timed in protocol.timed_steps if timed.step.patient]
    if session.status in (lifecycle.BOOKED, lifecycle.CONFIRMED):
        return session.start, "start"
    if not present:
        return None, ""
    *before, last = present  # the last step with the patient there is the recovery
    infusion = before[-1] if before else last
    if session.status == lifecycle.ARRIVED:
        return session.start + timedelta(minutes=infusion.starts), "wait"
    if session.status == lifecycle.INFUSING:
        return _end(session, infusion, began), "infusion"
    if session.status == lifecycle.RECOVERING:
        return _end(session, last, began), "recovery"
    return None, ""


def _end(session: Session, timed: TimedStep, began: datetime | None) -> datetime:
    since = began or session.start + timedelta(minutes=timed.starts)
    return since + timedelta(minutes=timed.ends - timed.starts)


def _missed_from(session: Session) -> datetime | None:
    if session.status not in (lifecycle.BOOKED, lifecycle.CONFIRMED):
        return None
    return session.start.astimezone(session.clinic.zone) + timedelta(
        minutes=session.clinic.no_show_after_minutes
    )
