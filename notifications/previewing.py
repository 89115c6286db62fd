"""What a message would say about a real session. Writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bookings.models import Session
from notifications import compose, dossier
from notifications.gathering import gather
from notifications.kinds import Channel, Kind
from notifications.models import Message

#: Stands for the secret of a link.
NOWHERE = "preview"
_DELAY = 30  # minutes by which an example is late


def preview(session: Session, kind: Kind, channel: Channel, *, language: str, now: datetime) -> compose.Words:
    """The words of such a message about the session, as if it were sent at `now`. A fixed number of queries;
    `session` has its patient, its clinic and its series at hand.
    """
    series = session.series
    series.patient, series.clinic = session.patient, session.clinic
    about = {"id": str(session.id), "start": session.start.astimezone(UTC).isoformat()}
    row = Message(
        # There may be no proposal: the session's own time stands for the one that would be offered.
        kind=Kind.CHANGE if kind == Kind.PROPOSAL else kind,
        channel=channel,
        language=language,
        patient=session.patient,
        series=series,
        session=session,
        facts={"sessions": [about], **({"minutes": _DELAY} if kind == Kind.RUNNING_LATE else {})},
        created_at=now,
        due_at=now,
        expires_at=now + timedelta(days=1),
    )
    content = gather([(row, [session])], dossier.load([row], now=now), secret=NOWHERE)
    if kind == Kind.PROPOSAL:
        content = replace(
            content,
            kinds=(kind,),
            appointments=tuple(replace(each, kind=kind) for each in content.appointments),
        )
    return compose.words(content, channel)
