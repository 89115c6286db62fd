"""Whom a text comes from and which visit it is about: reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from bookings.lifecycle import MOVABLE
from bookings.models import Clinic, JournalEntry, Patient, Series, Session
from notifications.kinds import Channel, Kind
from notifications.models import InboundText, Message

#: A text of ours that is older is not what somebody answers.
ANSWERED_WITHIN = timedelta(days=7)
_THREAD = 5  # texts of each side that a task shows
_ADDRESS = re.compile(r"https?://\S+")


def visit_of(
    patients: Sequence[Patient], number: str, *, now: datetime
) -> tuple[Session, datetime | None] | None:
    """The visit that a text from `number` is about, and the start that was told there.

    The nearest one ahead of those that the newest of our texts to it named, whatever has become of it
    since; where none did, the nearest one ahead that stands.
    """
    texts = Message.objects.filter(
        patient__in=patients, channel=Channel.TEXT, recipient=number, sent_at__gt=now - ANSWERED_WITHIN
    ).filter(carried_by__isnull=True)
    for text in texts.order_by("-sent_at", "-id").prefetch_related("carries")[:20]:
        told = {id: start for one in (text, *text.carries.all()) for id, start in _named(one)}  # noqa: A001
        ahead = [(start, id) for id, start in told.items() if start > now]  # noqa: A001
        if ahead:
            start, nearest = min(ahead)
            return _sessions().get(id=nearest), start
    standing = _sessions().filter(patient__in=patients, start__gt=now, status__in=MOVABLE)
    found = standing.order_by("start", "id").first()
    return (found, None) if found else None


def latest_series(patients: Sequence[Patient]) -> Series | None:
    """The series that a text is about when no visit is ahead."""
    return (
        Series.objects.filter(patient__in=patients)
        .select_related("clinic", "patient")
        .order_by("-created_at", "-id")
        .first()
    )


def clinics_for(patients: Sequence[Patient]) -> list[Clinic]:
    """The clinics that look after a text of patients without any series: the one that they last had to do
    with, as the journal has it; where none is known, all.
    """
    theirs = JournalEntry.objects.filter(patient__in=patients, clinic__isnull=False)
    last = theirs.exclude(verb="task_opened").order_by("-id").first()  # that is what is being asked here
    return list(Clinic.objects.filter(id__in=[last.clinic_id]) if last else Clinic.objects.all())


def thread_of(number: str, *, now: datetime) -> str:
    """The last texts with that number, newest first, one a line, without the secrets of links."""
    since = now - ANSWERED_WITHIN
    theirs = InboundText.objects.filter(sender=number, received_at__gt=since).order_by("-received_at", "-id")
    ours = Message.objects.filter(channel=Channel.TEXT, recipient=number, sent_at__gt=since).exclude(
        kind__in=[Kind.LOGIN_CODE, Kind.LOGIN_LINK]
    )
    lines = [(text.received_at, f"Patient: {text.body}") for text in theirs[:_THREAD]]
    lines += [(text.sent_at or now, f"We: {text.body}") for text in ours.order_by("-sent_at")[:_THREAD]]
    lines.sort(key=lambda line: line[0], reverse=True)
    return "\n".join(_ADDRESS.sub("(link)", " ".join(line.split())) for _, line in lines)


def _named(text: Message) -> list[tuple[str, datetime]]:
    named = text.facts.get("sessions") or text.facts.get("about") or []
    return [(one["id"], datetime.fromisoformat(one["start"])) for one in named]


def _sessions():
    return Session.objects.select_related("clinic", "series__clinic", "patient")
