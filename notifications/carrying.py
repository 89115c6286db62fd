"""One text a day says everything: the rows that go along in it.

Whoever sends a text to a patient holds that patient's lock until the end of the transaction, so nobody else
counts at the same time. Rows that go along have the status of the one that carries them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from notifications.caps import FREE
from notifications.dossier import A_DAY, Dossier, same_day
from notifications.kinds import Channel, Status
from notifications.models import Message
from notifications.second_look import still_true

#: Others were set down, or what they say is no longer so.
_ON_BOARD = (Status.SENDING, Status.SENT, Status.DELIVERED, Status.FAILED)
_TRY = """
    SELECT id FROM unnest(%s::uuid[], %s::bigint[]) AS wanted(id, key) WHERE pg_try_advisory_xact_lock(key)
"""


def counts(row: Message) -> bool:
    """Whether it is one of the texts of which there is one a day."""
    return row.channel == Channel.TEXT and row.kind not in FREE


def undisturbed(rows: Sequence[Message]) -> list[Message]:
    """The rows without the texts to patients to whom somebody else is sending one at this moment."""
    wanted = {row.patient_id for row in rows if counts(row) and row.patient_id}
    if not wanted:
        return list(rows)
    patients = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [patients, [_key(patient) for patient in patients]])
        ours = {patient for (patient,) in cursor.fetchall()}
    return [row for row in rows if not counts(row) or row.patient_id in ours]


def companions(rows: Sequence[Message], *, waiting: QuerySet[Message], now: datetime) -> list[Message]:
    """The other texts to the same patients that wait and may be due today."""
    leaders = [row for row in rows if counts(row)]
    if not leaders:
        return []
    others = waiting.filter(
        Q(carried_by__isnull=True) | Q(carried_by__in=leaders),
        patient__in={row.patient_id for row in leaders},
        channel=Channel.TEXT,
        due_at__lt=now + A_DAY,
    )
    return list(
        others.exclude(kind__in=FREE).exclude(id__in=[row.id for row in rows]).order_by("due_at", "id")
    )


def load_of(leader: Message, others: Iterable[Message], dossier: Dossier, *, now: datetime) -> list[Message]:
    """Those of the others that go along: due by today's end where the patient lives, true, and wanted."""
    if not counts(leader):
        return []
    zone = dossier.zone(leader)
    found = []
    for row in others:
        if row.patient_id != leader.patient_id or row.series_id is None or not counts(row):
            continue
        draft = dossier.draft(row)
        if not same_day(row, now=now, zone=zone) or draft.barred or not draft.recipient:
            continue
        if still_true(draft, dossier.diary(row), now=now).status == Status.SENDING:
            found.append(row)
    return found


def follow(carrier: Message) -> int:
    """What has become of the carrier becomes of those it carried; how many. In the caller's transaction."""
    on_board = Message.objects.filter(carried_by=carrier, status__in=_ON_BOARD)
    return on_board.update(
        status=carrier.status,
        reason=carrier.reason,
        sent_at=carrier.sent_at,
        delivered_at=carrier.delivered_at,
        claimed_at=carrier.claimed_at,
    )


def set_down(carrier: Message) -> None:
    """Those it was to carry wait for another text. In the caller's transaction."""
    Message.objects.filter(carried_by=carrier, status__in=[Status.PLANNED, Status.SENDING]).update(
        status=Status.PLANNED, carried_by=None
    )


def _key(patient: UUID) -> int:
    digest = blake2b(f"texts {patient}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
