"""Reads: a fixed number of SQL queries each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from bookings.actors import Actor
from bookings.models import Clinic, Patient, Session
from bookings.queries.scope import at_their_clinics
from notifications import explaining
from notifications.kinds import Channel, Kind, Status
from notifications.knowing import known_of
from notifications.models import InboundText, Message
from notifications.rules import SIGN_IN

#: What has left us, or tried to.
_SAID = (Status.SENDING, Status.SENT, Status.DELIVERED, Status.FAILED)


def due(*, now: datetime, limit: int) -> list[UUID]:
    """The messages whose hour has come, longest waiting first."""
    rows = Message.objects.filter(status=Status.PLANNED, due_at__lte=now).order_by("due_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def count_due(*, now: datetime, most: int) -> int:
    """How many messages are due; counted up to `most`."""
    # In the order of the index: in that of the model, a limit makes PostgreSQL read the whole ledger.
    rows = Message.objects.filter(status=Status.PLANNED, due_at__lte=now).order_by("due_at")
    return rows[:most].count()


def lost(*, now: datetime, after: timedelta) -> list[UUID]:
    """The messages that a worker took so long ago that it must be gone."""
    rows = Message.objects.filter(status=Status.SENDING, claimed_at__lte=now - after, carried_by__isnull=True)
    rows = rows.order_by("claimed_at")
    return list(rows.values_list("id", flat=True)[:500])


def messages(
    actor: Actor,
    *,
    session: UUID | None = None,
    series: UUID | None = None,
    patient: UUID | None = None,
    status: str | None = None,
) -> QuerySet[Message]:
    """What a member of staff may see: messages of their clinics. Codes to sign in are nobody's.

    `session` includes what was said about the session together with others, and about its series as a whole.
    """
    ours = at_their_clinics(actor, "series__clinic") | at_their_clinics(actor)
    rows = Message.objects.filter(ours).exclude(kind__in=SIGN_IN)
    if session is not None:
        series_of = Session.objects.filter(id=session).values("series")
        rows = rows.filter(Q(session=session) | Q(session__isnull=True, series__in=series_of))
    if series is not None:
        rows = rows.filter(series=series)
    if patient is not None:
        rows = rows.filter(patient=patient)
    if status is not None:
        rows = rows.filter(status=status)
    return rows


def with_its_fate(rows: QuerySet[Message]) -> QuerySet[Message]:
    """With each try, what was said in the same text, and what was said another way instead. Three queries
    more.
    """
    return rows.select_related("series__clinic", "clinic").prefetch_related(
        "tries", "carries", "replacements"
    )


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said, by us or by the patient."""

    id: UUID
    direction: str  # out, in
    at: datetime
    zone: tzinfo
    channel: str
    what: str  # the kind of ours, the meaning of theirs
    text: str
    status: str
    reason: str = ""


def thread(actor: Actor, patient: Patient, *, before: datetime | None, limit: int) -> tuple[list[Said], bool]:
    """What was said to the patient about visits at the actor's clinics, and by them; newest first, and
    whether there is more. Three queries. What went along in another text is not told apart.
    """
    # Somebody without any series may have written all the same, and a task of the clinic says so, or waits.
    known = Q(series__patient=patient) | Q(tasks__patient=patient) | Q(waiting__patient=patient)
    clinic = Clinic.objects.filter(known, at_their_clinics(actor, "id")).first()
    if clinic is None:
        return [], False
    ours = messages(actor, patient=patient.id).filter(status__in=_SAID, carried_by__isnull=True)
    ours = ours.annotate(at=Coalesce("sent_at", "due_at")).select_related("series__clinic", "clinic")
    theirs = InboundText.objects.filter(patient=patient)
    if before is not None:
        ours, theirs = ours.filter(at__lt=before), theirs.filter(received_at__lt=before)
    said = [_said(row) for row in ours.order_by("-at")[: limit + 1]]
    said += [
        Said(row.id, "in", row.received_at, clinic.zone, Channel.TEXT, row.meaning, row.body, "received")
        for row in theirs.order_by("-received_at")[: limit + 1]
    ]
    said.sort(key=lambda one: one.at, reverse=True)
    return said[:limit], len(said) > limit


def _said(row: Any) -> Said:
    zone = row.speaker.zone
    return Said(row.id, "out", row.at, zone, row.channel, row.kind, row.body, row.status, row.reason)


def explanation(session: Session, kind: Kind) -> tuple[explaining.Line, ...]:
    """Whether, when and why or why not the patient was told this about the session. Two queries; `session`
    has its patient, its clinic and its series at hand.
    """
    known = known_of([session.patient], [session.series])
    about = Q(session=session) | Q(session__isnull=True, series=session.series)
    rows = Message.objects.filter(about, kind=kind, series=session.series)
    return explaining.explain(
        kind,
        rules=known.rules(session.series),
        person=known.person(session.patient, session.clinic_id),
        session_status=session.status,
        prepared=known.treatment(session.series).preparation is not None,
        rows=[_as_row(row) for row in rows if _speaks_of(row, session)],
    )


def _speaks_of(row: Message, session: Session) -> bool:
    named = [each["id"] for each in row.facts.get("sessions", [])]
    return not named or str(session.id) in named


def _as_row(row: Message) -> explaining.Row:
    return explaining.Row(
        row.id, Channel(row.channel), row.days_before, row.status, row.due_at, row.sent_at, row.reason
    )
