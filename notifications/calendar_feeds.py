"""A patient's calendar by its secret address.

The secret follows from the row and the server's key, so only its digest is kept, and whoever reads the table
cannot read the calendars.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.utils.crypto import salted_hmac

from bookings import lifecycle
from bookings.models import Patient, Session
from notifications.calendar import Visit
from notifications.content import Voice
from notifications.models import CalendarFeed, ClinicVoice

KEPT = timedelta(days=92)  # so long a visit stays in the calendar after it
LENGTH = 32  # of 64 signs each: 192 bits


def secret_of(feed: CalendarFeed) -> str:
    """The secret part of the address, as of so many renewals."""
    told = salted_hmac("notifications.calendar", f"{feed.patient_id}:{feed.renewals}", algorithm="sha256")
    return base64.urlsafe_b64encode(told.digest()).decode()[:LENGTH]


def digest_of(secret: str) -> bytes:
    """What is kept of it."""
    return sha256(secret.encode()).digest()


def address_of(feed: CalendarFeed | None) -> str:
    """The whole address; empty where there is none, or it was made with another key of the server."""
    if feed is None or bytes(feed.digest) != digest_of(secret_of(feed)):
        return ""
    return f"{settings.PUBLIC_URL}/calendar/{secret_of(feed)}.ics"


def calendar_of(secret: str, *, now: datetime) -> tuple[Patient, list[Visit]] | None:
    """Whose calendar has this secret address, and their visits that stand, those of the last three months
    among them; None: nobody's. Three queries.
    """
    feed = CalendarFeed.objects.select_related("patient").filter(digest=digest_of(secret)).first()
    if feed is None:
        return None
    sessions = list(
        Session.objects.filter(patient=feed.patient, start__gt=now - KEPT)
        .exclude(status__in=lifecycle.GONE)
        .select_related("clinic")
        .order_by("start", "id")
    )
    voices = ClinicVoice.objects.in_bulk({session.clinic_id for session in sessions})
    return feed.patient, [visit_of(session, voices.get(session.clinic_id)) for session in sessions]


def visit_of(session: Session, voice: ClinicVoice | None) -> Visit:
    """The visit as a calendar shows it. Reads nothing: the session knows its clinic."""
    clinic = session.clinic
    name = voice.sender_name if voice and voice.sender_name else clinic.name
    return Visit(
        session=str(session.id),
        start=session.start,
        end=session.end,
        sequence=session.version - 1,
        certain=session.status != lifecycle.REQUESTED,
        clinic=Voice(name=name, zone=clinic.zone, phone=clinic.phone, address=clinic.address),
    )
