"""From rows of the journal to deliveries: written in the transaction that reacts to those rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection, transaction

from bookings.models import JournalEntry, Session
from bookings.nudging import nudge
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.outgoing.events import TOLD, Change, payload
from notifications.outgoing.retries import KEEPS

_LISTENING = """
    SELECT EXISTS (SELECT FROM notifications_webhookendpoint WHERE enabled AND removed_at IS NULL)
"""


def announce(entries: Iterable[JournalEntry], *, now: datetime) -> int:
    """Write a delivery of each of these changes for each endpoint of its clinic that wants it; how many.

    Announcing a row again writes nothing. One short query where nobody listens. Inside the caller's
    transaction.
    """
    told = [entry for entry in entries if entry.verb in TOLD and entry.series_id]
    listeners: dict[UUID, list[WebhookEndpoint]] = {}
    if told and _anybody_listens():
        listening = WebhookEndpoint.objects.filter(
            clinic__in={entry.clinic_id for entry in told}, enabled=True, removed_at__isnull=True
        )
        for endpoint in listening.select_related("clinic").order_by("id"):
            listeners.setdefault(endpoint.clinic_id, []).append(endpoint)
    wanted = [
        (entry, endpoint)
        for entry in told
        for endpoint in listeners.get(entry.clinic_id, ())  # type: ignore[arg-type]
        if not endpoint.events or TOLD[entry.verb] in endpoint.events
    ]
    if not wanted:
        return 0
    numbers = dict(
        Session.objects.filter(id__in={entry.session_id for entry, _ in wanted}).values_list("id", "number")
    )
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                endpoint=endpoint,
                entry=entry,
                type=TOLD[entry.verb],
                body=orjson.dumps(payload(_change(entry, endpoint, numbers))).decode(),
                due_at=now,
                expires_at=now + KEEPS,
                created_at=now,
            )
            for entry, endpoint in wanted
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(lambda: nudge("notifications.outgoing.tasks.send_due_webhooks"))
    return len(wanted)


def _anybody_listens() -> bool:
    """Few installations have endpoints, and every booking asks."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTENING)
        [found] = cursor.fetchone()
        return bool(found)


def _change(entry: JournalEntry, endpoint: WebhookEndpoint, numbers: dict[UUID, int]) -> Change:
    return Change(
        verb=entry.verb,
        at=entry.at,
        zone=endpoint.clinic.zone,
        clinic=str(entry.clinic_id),
        patient=str(entry.patient_id),
        series=str(entry.series_id),
        session=str(entry.session_id) if entry.session_id else None,
        number=numbers.get(entry.session_id) if entry.session_id else None,
        before=entry.before or {},
        after=entry.after or {},
    )
