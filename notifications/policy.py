"""Who hears what about which change: pure.

`notices` turns the changes of one series at one moment into what is to be said; `RESTUDY` names the changes
after which reminders are brought in line with the diary; `second_look` judges a message right before it is
sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.kinds import Channel, Kind, Status
from notifications.timing import night_around

#: Sessions that are reminded of: one that waits for a prescriber is not certain enough.
REMINDED = frozenset({"booked", "confirmed"})
#: Sessions ahead whose place is kept, certain or not.
AHEAD = REMINDED | {"requested"}
#: A message about a session is true as long as the session is in one of these states.
TRUE_WHILE: Mapping[Kind, frozenset[str]] = {
    Kind.RECEIPT: frozenset({"requested"}),
    Kind.CONFIRMATION: REMINDED,
    Kind.REMINDER: REMINDED,
    Kind.CHANGE: AHEAD,
    Kind.RESTORED: AHEAD,
    Kind.CANCELLATION: frozenset({"cancelled"}),
    Kind.SERIES_CANCELLATION: frozenset({"cancelled"}),
}

NO_ADDRESS = "no email address"
NO_TEXTS = "texts cannot be sent yet"


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


#: After these, the reminders of the session are brought in line with the diary ...
RESTUDY_SESSION = frozenset(
    {"session_booked", "session_moved", "session_cancelled", "session_no_show", "session_undone"}
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
#: ... of everything that the patient has: another address, another zone.
RESTUDY_PATIENT = frozenset({"patient_changed"})

#: What this page has something to do about; the rest of the journal is read and passed over.
HEARD = RESTUDY_SESSION | RESTUDY_SERIES | RESTUDY_PATIENT

_OF_SERIES = {
    "series_booked": Kind.CONFIRMATION,
    "series_requested": Kind.RECEIPT,
    "series_cancelled": Kind.SERIES_CANCELLATION,
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
        kind = _about_session(change)
        if kind is not None:
            said.setdefault(kind, []).append(change)
    return tuple(
        Notice(kind, rows[0].id, rows[0].at, tuple(_about(rows))) for kind, rows in sorted(said.items())
    )


def _about_session(change: Change) -> Kind | None:
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


@dataclass(frozen=True, slots=True)
class Now:
    """A session as the diary has it at this moment."""

    status: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is about to be sent. `sessions` maps the ids it speaks of to the starts it would
    name.
    """

    kind: Kind
    channel: Channel
    recipient: str
    expires_at: datetime
    sessions: Mapping[str, datetime]
    whole_series: bool  # speaks of all that the series has now, whatever was so when it was written


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a message: `SENDING`, or the status and the reason for which it is not sent.

    `PLANNED` with `until` puts it off. `sessions` are those of which it may still speak.
    """

    status: Status
    reason: str = ""
    until: datetime | None = None
    sessions: tuple[str, ...] = ()


def second_look(draft: Draft, diary: Mapping[str, Now], *, now: datetime, zone: ZoneInfo) -> Verdict:
    """Whether a message is still true, of use, and fit for this hour. `zone` is the recipient's."""
    true = tuple(
        session
        for session, said in draft.sessions.items()
        if session in diary and _still_so(draft, diary[session], said, now=now)
    )
    if not true and draft.kind != Kind.LOGIN_CODE:
        return Verdict(Status.WITHDRAWN, _why_not(draft, diary, now=now))
    if now >= draft.expires_at:
        return Verdict(Status.LAPSED, "too late to be of use")
    if not draft.recipient:
        return Verdict(Status.SUPPRESSED, NO_ADDRESS)
    if draft.channel != Channel.EMAIL:
        return Verdict(Status.SUPPRESSED, NO_TEXTS)
    # A notice by email answers somebody's deed and waits in a mailbox; a reminder would wake people.
    night = night_around(now, zone=zone) if draft.kind == Kind.REMINDER else None
    if night is None:
        return Verdict(Status.SENDING, sessions=true)
    if night[1] >= draft.expires_at:
        return Verdict(Status.LAPSED, "quiet hours until it is too late to be of use")
    return Verdict(Status.PLANNED, "put off to the end of quiet hours", until=night[1])


def _still_so(draft: Draft, session: Now, said: datetime, *, now: datetime) -> bool:
    same = draft.whole_series or session.start == said
    return session.status in TRUE_WHILE[draft.kind] and same and session.start > now


def _why_not(draft: Draft, diary: Mapping[str, Now], *, now: datetime) -> str:
    if draft.whole_series:
        return "no session of the series is in that state any more"
    for session in (diary[named] for named in draft.sessions if named in diary):
        if session.start <= now:
            return "the session has begun"
        if session.status not in TRUE_WHILE[draft.kind]:
            return f"the session is {session.status.replace('_', ' ')}"
    return "the session is at another time now"
