"""Who hears what about which change: pure.

`notices` turns the changes of one series at one moment into what is to be said; `RESTUDY` names the changes
after which reminders are brought in line with the diary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.kinds import Kind

#: Sessions that are reminded of: one that waits for a prescriber is not certain enough.
REMINDED = frozenset({"booked", "confirmed"})
#: Sessions ahead whose place is kept, certain or not.
AHEAD = REMINDED | {"requested"}


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the journal, as far as this page looks at it."""

    id: int
    verb: str
    at: datetime
    session: str | None  # id
    status_before: str | None
    status_after: str | None
    start_before: datetime | None
    start_after: datetime | None
    by_clinic: bool = False  # not by the patient
    minutes: int | None = None  # by which the clinic is late
    proposal: str | None = None  # id
    offer: str | None = None  # id
    expires_at: datetime | None = None  # of the offer


@dataclass(frozen=True, slots=True)
class About:
    """A session that a notice speaks of, as it was when the notice was written."""

    session: str  # id
    start: datetime
    before: datetime | None = None  # where it was, of one that was moved


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to say about a series. `about` is empty when it speaks of the series as a whole."""

    kind: Kind
    entry: int  # the journal row that it comes from
    at: datetime
    about: tuple[About, ...] = ()
    by_clinic: bool = False
    minutes: int | None = None
    proposal: str | None = None
    offer: str | None = None
    expires_at: datetime | None = None  # later it is of no use; None: as every notice


#: After these, the reminders of the session are brought in line with the diary ...
RESTUDY_SESSION = frozenset(
    {
        "session_booked",
        "session_moved",
        "session_cancelled",
        "session_no_show",
        "session_undone",
        "session_completed",
    }
)
#: ... of every session of the series ...
RESTUDY_SERIES = frozenset(
    {
        "series_booked",
        "series_requested",
        "series_cleared",
        "series_cancelled",
        "series_replanned",
        "series_reopened",
        "series_lapsed",
    }
)
#: ... of everything that the patient has: another address, another zone, other wishes ...
RESTUDY_PATIENT = frozenset({"patient_changed", "consent_given", "consent_withdrawn", "choices_changed"})
#: ... of everything that is ahead at the clinic.
RESTUDY_CLINIC = frozenset({"policy_changed", "voice_changed"})

#: What this page has something to do about; the rest of the journal is read and passed over.
HEARD = (
    RESTUDY_SESSION
    | RESTUDY_SERIES
    | RESTUDY_PATIENT
    | RESTUDY_CLINIC
    | {"series_completed", "session_running_late", "moves_proposed", "offer_made", "offer_lost"}
)

_OF_SERIES = {
    "series_booked": Kind.CONFIRMATION,
    "series_requested": Kind.RECEIPT,
    "series_cancelled": Kind.SERIES_CANCELLATION,
}
#: Said of the series besides what is said of its sessions.
_BESIDE_SERIES = {
    "series_completed": Kind.FINISHED,
    "moves_proposed": Kind.PROPOSAL,
    "offer_made": Kind.OFFER,
    "offer_lost": Kind.OFFER_LOST,
}


def notices(changes: Sequence[Change]) -> tuple[Notice, ...]:
    """What is to be said about the changes of one series that were made at one moment.

    A notice about the series stands for the changes of its sessions that came with it, so six cancelled
    sessions are one message. Nothing is said about a session that had already begun, nor about a change of
    chair alone.
    """
    for change in changes:
        if change.verb in _OF_SERIES:
            return (Notice(_OF_SERIES[change.verb], change.id, change.at),)
        if change.verb == "series_cleared" and change.status_before in (None, "requested"):
            return (Notice(Kind.CONFIRMATION, change.id, change.at),)
    said: dict[Kind, list[Change]] = {}
    for change in changes:
        kind = _BESIDE_SERIES.get(change.verb) or _about_session(change)
        if kind is not None:
            said.setdefault(kind, []).append(change)
    return tuple(_notice(kind, rows) for kind, rows in sorted(said.items()))


def _notice(kind: Kind, rows: Sequence[Change]) -> Notice:
    first = rows[0]
    return Notice(
        kind,
        first.id,
        first.at,
        tuple(_about(rows)),
        by_clinic=first.by_clinic,
        minutes=first.minutes,
        proposal=first.proposal,
        offer=first.offer,
        expires_at=first.expires_at,
    )


def _about_session(change: Change) -> Kind | None:
    if change.verb == "session_running_late":
        return Kind.RUNNING_LATE
    if change.start_after is None or change.start_after <= change.at:
        return None
    if change.verb == "session_booked":
        return Kind.CHANGE
    if change.verb == "session_moved" and change.start_before != change.start_after:
        return Kind.CHANGE
    if change.verb == "session_cancelled":
        return Kind.CANCELLATION
    if (
        change.verb == "session_undone"
        and change.status_before == "cancelled"
        and change.status_after in AHEAD
    ):
        return Kind.RESTORED
    return None


def _about(changes: Iterable[Change]) -> Iterable[About]:
    last = {change.session: change for change in changes}  # moved twice at one moment: the later one is so
    for session, change in last.items():
        if session is not None and change.start_after is not None:
            moved = change.verb == "session_moved"
            yield About(session, change.start_after, change.start_before if moved else None)
