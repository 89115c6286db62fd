"""A board as the desk's pages show it: rows of plain values, times on the clinic's wall.

Both the list, the grid and the wall's rooming board are made of these, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bookings import lifecycle
from bookings.frontdesk.access import Desk
from bookings.frontdesk.day.words import NEXT, STATUS, VERB, flag_words
from bookings.models import Session
from bookings.queries.board import Board
from bookings.queries.sessions import allowed_verbs, sessions_of_course, steps_of
from bookings.snapshot import protocol_of
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
    flag_words: tuple[str, ...]
    verbs: tuple[str, ...]
    next_verb: str
    next_words: str
    needs_escort: bool
    escort: str
    timer_until: datetime | None  # when the step under way ought to be over
    timer_words: str

    @property
    def is_live(self) -> bool:
        """Whether it still takes its place."""
        return self.status in lifecycle.LIVE


def rows(board: Board, *, desk: Desk) -> tuple[Row, ...]:
    """The day's visits in order of time, with nothing asked of the database."""
    return tuple(row(session, board.flags.get(session.id, []), desk=desk) for session in board.sessions)


def row(session: Session, flags: Iterable[str], *, desk: Desk) -> Row:
    """One visit as the desk sees it. `flags`: kinds of open tasks, and `overridden`."""
    zone = session.clinic.zone
    protocol = protocol_of(session.series.protocol_version)
    verbs = allowed_verbs(session, actor=desk.actor, now=desk.now)
    following = NEXT.get(session.status, "")
    all_flags = (*flags, *_own_flags(session, needs_escort=protocol.needs_escort, now=desk.now))
    steps = tuple(
        {"name": step["name"], "start": step["start"].astimezone(zone), "end": step["end"].astimezone(zone)}
        for step in steps_of(session)
    )
    until, words = _timer(session, steps)
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
        flags=tuple(dict.fromkeys(all_flags)),
        flag_words=tuple(dict.fromkeys(flag_words(flag) for flag in all_flags)),
        verbs=tuple(verbs),
        next_verb=following if following in verbs else "",
        next_words=str(VERB[following]) if following in verbs else "",
        needs_escort=protocol.needs_escort,
        escort=session.escort_name,
        timer_until=until,
        timer_words=words,
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


def _timer(session: Session, steps: tuple[dict[str, Any], ...]) -> tuple[datetime | None, str]:
    """Until when the state that the visit is in ought to last: late before it has begun, overrun after."""
    zone = session.clinic.zone
    if session.status in (lifecycle.BOOKED, lifecycle.CONFIRMED):
        return session.start.astimezone(zone), "start"
    if session.status in (lifecycle.ARRIVED, lifecycle.INFUSING) and len(steps) > 1:
        # The last step with the patient there is recovery; what comes before it is the infusion.
        present = [step for step in steps if step["end"] <= session.end.astimezone(zone)]
        return (present[-2]["end"] if len(present) > 1 else present[-1]["end"]), "infusion"
    if session.status == lifecycle.RECOVERING:
        return session.end.astimezone(zone), "recovery"
    return None, ""
