"""What tests of texts have in common: a text of ours that was sent, and a telephone that answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from bookings.models import Patient, Session
from notifications.commands.hear import hear
from notifications.kinds import Channel, Kind, Status
from notifications.models import InboundText, Message
from tests.cast import NOW

ADA, OUR_NUMBER = "+12025550101", "+14105550100"
_sids = count(1)


def sent_text(patient: Patient, *sessions: Session, at: datetime = NOW, **other) -> Message:
    """A reminder of these sessions that the carrier has taken."""
    number = next(_sids)
    given = {
        "key": f"text {number}",
        "kind": Kind.REMINDER,
        "channel": Channel.TEXT,
        "recipient": patient.phone,
        "patient": patient,
        "series": sessions[0].series if sessions else None,
        "session": sessions[0] if len(sessions) == 1 else None,
        "facts": {"sessions": [{"id": str(one.id), "start": one.start.isoformat()} for one in sessions]},
        "due_at": at,
        "expires_at": at + timedelta(hours=12),
        "status": Status.SENT,
        "created_at": at,
        "claimed_at": at,
        "sent_at": at,
        "attempts": 1,
        "provider_id": f"SM{number}",
        "body": "Your appointment.",
    }
    return Message.objects.create(**{**given, **other})


def says(body: str, *, sender: str = ADA, sid: str = "", carrier_says: str = "", now: datetime = NOW):
    """Somebody texts us; what they are answered, as (answer, visit), or None."""
    sid = sid or f"inbound {next(_sids)}"
    reply = hear(sid=sid, sender=sender, receiver=OUR_NUMBER, body=body, carrier_says=carrier_says, now=now)
    return (reply.facts["answer"], reply.session) if reply else None


def heard() -> InboundText:
    """The last text that came in."""
    return InboundText.objects.order_by("-id").first()
