"""Who listens: endpoints added, changed, given another secret, removed. A manager's verbs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, NotFound, Stale
from bookings.models import Clinic
from notifications.models import WebhookDelivery, WebhookEndpoint, WebhookStatus
from notifications.outgoing import signing
from notifications.outgoing.addresses import Forbidden, refuse_url

REMOVED = "the endpoint was removed"
DISABLED = "the endpoint was disabled"


def add_endpoint(
    clinic: Clinic,
    *,
    url: str,
    description: str = "",
    events: Iterable[str] = (),
    actor: Actor,
    now: datetime,
) -> WebhookEndpoint:
    """One more system that hears of this clinic, with a fresh secret. No events named: all of them.

    Refuses (`invalid`) an address that no webhook may go to, as far as the address itself tells.
    """
    _refuse(url)
    with transaction.atomic(durable=True):
        endpoint = WebhookEndpoint.objects.create(
            clinic=clinic,
            url=url,
            description=description,
            events=sorted(set(events)),
            secret=signing.new_secret(),
            created_at=now,
        )
        _record("webhook_added", endpoint, actor=actor, now=now, after=_facts(endpoint))
    return endpoint


def change_endpoint(
    endpoint: WebhookEndpoint,
    *,
    url: str | None = None,
    description: str | None = None,
    events: Iterable[str] | None = None,
    enabled: bool | None = None,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> WebhookEndpoint:
    """Another address, other events, off or on again. Off: what waits is withdrawn, and nothing is kept.

    A receiver that was resting is tried at once after its address changed or it was turned on.
    """
    if url is not None:
        _refuse(url)
    with _changing(endpoint, if_version=if_version) as row:
        before = _facts(row)
        if url is not None:
            row.url = url
        if description is not None:
            row.description = description
        if events is not None:
            row.events = sorted(set(events))
        if enabled is not None:
            row.enabled, row.why_disabled = enabled, "" if enabled else "by a manager"
        if url is not None or enabled:
            row.failures, row.resting_until = 0, None
        if not row.enabled:
            withdraw_waiting(row, why=DISABLED)
        _record("webhook_changed", row, actor=actor, now=now, before=before, after=_facts(row))
    return row


def rotate_secret(
    endpoint: WebhookEndpoint,
    *,
    overlap: timedelta,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> WebhookEndpoint:
    """A fresh secret. For `overlap` the one that it replaces signs as well, so that no event is refused while
    the receiver learns the new one; one that was replaced before that signs no more.
    """
    with _changing(endpoint, if_version=if_version) as row:
        row.old_secret, row.old_secret_until = (row.secret, now + overlap) if overlap else ("", None)
        row.secret = signing.new_secret()
        _record("webhook_secret_rotated", row, actor=actor, now=now, after={"endpoint": str(row.id)})
    return row


def remove_endpoint(
    endpoint: WebhookEndpoint, *, if_version: int | None = None, actor: Actor, now: datetime
) -> None:
    """It hears nothing more. What it was told stays known until the log is tidied; its secrets do not."""
    with _changing(endpoint, if_version=if_version) as row:
        row.removed_at, row.enabled, row.why_disabled = now, False, REMOVED
        row.secret, row.old_secret, row.old_secret_until = "", "", None
        withdraw_waiting(row, why=REMOVED)
        _record("webhook_removed", row, actor=actor, now=now, before=_facts(row))


def withdraw_waiting(endpoint: WebhookEndpoint, *, why: str) -> None:
    """Nothing that waits for this endpoint is sent. Inside the caller's transaction."""
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookStatus.PLANNED)
    waiting.update(status=WebhookStatus.WITHDRAWN, reason=why)


@contextmanager
def _changing(endpoint: WebhookEndpoint, *, if_version: int | None) -> Iterator[WebhookEndpoint]:
    """The row as it is now, locked; saved in its next version at the end of the block."""
    with transaction.atomic(durable=True):
        rows = WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",)).select_related("clinic")
        row = rows.filter(id=endpoint.id, removed_at__isnull=True).first()
        if row is None:
            raise NotFound("There is no such webhook any more.")
        if if_version is not None and if_version != row.version:
            raise Stale(version=row.version)
        yield row
        row.version += 1
        row.save()


def _refuse(url: str) -> None:
    try:
        refuse_url(url, allow_private=settings.WEBHOOKS_ALLOW_PRIVATE)
    except Forbidden as refusal:
        raise Invalid("url", str(refusal)) from None


def _record(verb: str, endpoint: WebhookEndpoint, *, actor: Actor, now: datetime, **facts: Any) -> None:
    journal.record(verb, actor=actor, now=now, clinic=endpoint.clinic, **facts)


def _facts(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Without path and query, in which some receivers have a password."""
    host = urlsplit(endpoint.url).hostname
    facts = {"endpoint": str(endpoint.id), "host": host, "events": endpoint.events}
    return {**facts, "enabled": endpoint.enabled}
