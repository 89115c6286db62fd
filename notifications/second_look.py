"""The second look: a message is judged once more right before it is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.caps import FREE, first_allowed
from notifications.kinds import Basis, Channel, Kind, Status
from notifications.policy import AHEAD, REMINDED
from notifications.timing import QUIET, QuietHours, night_around
from notifications.ways import NO_ADDRESS, NO_PHONE

#: A message about a session is true as long as the session is in one of these states.
TRUE_WHILE: Mapping[Kind, frozenset[str]] = {
    Kind.RECEIPT: frozenset({"requested"}),
    Kind.CONFIRMATION: REMINDED,
    Kind.REMINDER: REMINDED,
    Kind.CHANGE: AHEAD,
    Kind.RESTORED: AHEAD,
    Kind.CANCELLATION: frozenset({"cancelled"}),
    Kind.SERIES_CANCELLATION: frozenset({"cancelled"}),
    Kind.PREPARATION: REMINDED,
    Kind.RUNNING_LATE: REMINDED | {"arrived"},
    Kind.FOLLOW_UP: frozenset({"completed"}),
    Kind.FINISHED: frozenset({"completed"}),
    Kind.OFFER_LOST: AHEAD,  # of the visit that stays; there is none where a course would have begun
}
#: These are true of sessions that have begun as well.
_ALSO_BEGUN = frozenset({Kind.RUNNING_LATE, Kind.FOLLOW_UP, Kind.FINISHED})
#: These speak of something else than sessions; whether it still stands, `Draft.gone` says.
_LOOSE = frozenset({Kind.PROPOSAL, Kind.OFFER, *FREE})
#: An email answers somebody's deed and waits in a mailbox; these come unasked, and would wake people.
_HELD_EMAILS = frozenset({Kind.REMINDER, Kind.PREPARATION, Kind.FOLLOW_UP, Kind.FINISHED})

TOO_LATE = "too late to be of use"
AT_NIGHT = "put off to the end of quiet hours"
ANOTHER_TEXT = "put off: the patient had a text today already"


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
    gone: str = ""  # why what it speaks of besides sessions no longer stands
    barred: str = ""  # why it may not go by this way any more


@dataclass(frozen=True, slots=True)
class Reader:
    """When, and how often, whoever gets it may be disturbed."""

    zone: ZoneInfo
    quiet: QuietHours = QUIET
    texts: Sequence[datetime] = ()  # that they got lately
    basis: Basis = Basis.CONSENT


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a message: `SENDING`, or the status and the reason for which it is not sent.

    `PLANNED` with `until` puts it off. `sessions` are those of which it may still speak. `instead`: it is
    still true, and should be said by another way.
    """

    status: Status
    reason: str = ""
    until: datetime | None = None
    sessions: tuple[str, ...] = ()
    instead: bool = False


def second_look(draft: Draft, diary: Mapping[str, Now], *, now: datetime, reader: Reader) -> Verdict:
    """Whether a message is still true, of use, and fit for this hour."""
    true = still_true(draft, diary, now=now)
    if true.status != Status.SENDING:
        return true
    if not draft.recipient:
        return Verdict(Status.SUPPRESSED, NO_ADDRESS if draft.channel == Channel.EMAIL else NO_PHONE)
    if draft.barred:
        return Verdict(Status.SUPPRESSED, draft.barred)
    until, why = _not_before(draft, now=now, reader=reader)
    if until <= now:
        return true
    if until < draft.expires_at:
        return Verdict(Status.PLANNED, why, until=until)
    if draft.channel == Channel.TEXT:
        return Verdict(Status.SUPPRESSED, f"{why}, which would be {TOO_LATE}", instead=True)
    return Verdict(Status.LAPSED, "quiet hours until it is too late to be of use")


def still_true(draft: Draft, diary: Mapping[str, Now], *, now: datetime) -> Verdict:
    """Whether what a message says is still so, and of use: `SENDING`, `WITHDRAWN` or `LAPSED`."""
    true = tuple(
        session
        for session, said in draft.sessions.items()
        if session in diary and _still_so(draft, diary[session], said, now=now)
    )
    if draft.gone:
        return Verdict(Status.WITHDRAWN, draft.gone)
    loose = draft.kind in _LOOSE or (draft.kind == Kind.OFFER_LOST and not draft.sessions)
    if not true and not loose:
        return Verdict(Status.WITHDRAWN, _why_not(draft, diary, now=now))
    if now >= draft.expires_at:
        return Verdict(Status.LAPSED, TOO_LATE)
    return Verdict(Status.SENDING, sessions=true)


def _not_before(draft: Draft, *, now: datetime, reader: Reader) -> tuple[datetime, str]:
    """From when on it may go, and why not now."""
    night = night_around(now, zone=reader.zone, quiet=reader.quiet)
    if draft.channel == Channel.TEXT and draft.kind not in FREE:
        at = first_allowed(now, sent=reader.texts, zone=reader.zone, quiet=reader.quiet, basis=reader.basis)
        return at, AT_NIGHT if night is not None and night[1] == at else ANOTHER_TEXT
    if draft.channel == Channel.EMAIL and draft.kind in _HELD_EMAILS and night is not None:
        return night[1], AT_NIGHT
    return now, ""


def _still_so(draft: Draft, session: Now, said: datetime, *, now: datetime) -> bool:
    same = draft.whole_series or session.start == said
    timely = draft.kind in _ALSO_BEGUN or session.start > now
    return session.status in TRUE_WHILE.get(draft.kind, frozenset()) and same and timely


def _why_not(draft: Draft, diary: Mapping[str, Now], *, now: datetime) -> str:
    if draft.whole_series:
        return "no session of the series is in that state any more"
    for session in (diary[named] for named in draft.sessions if named in diary):
        if session.start <= now and draft.kind not in _ALSO_BEGUN:
            return "the session has begun"
        if session.status not in TRUE_WHILE[draft.kind]:
            return f"the session is {session.status.replace('_', ' ')}"
    return "the session is at another time now"
