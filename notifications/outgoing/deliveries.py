"""Deliver what is due: take a delivery, settle it, put lost ones back, send one once more.

As with messages, the request is made outside any transaction, between `take` and `settle`. A receiver may get
an event twice, when a worker died in between or its answer was lost: always under the same `webhook-id`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from bookings.errors import NotFound, WrongState
from notifications.models import WebhookDelivery, WebhookEndpoint, WebhookStatus, WebhookTry
from notifications.outgoing import retries, signing
from notifications.outgoing.endpoints import DISABLED, REMOVED, withdraw_waiting

LOST_AFTER = timedelta(minutes=10)  # longer than a task may run
LOG_KEEPS = timedelta(days=30)
_LOST = "the worker that had it went away"
_LENGTH = 300  # what the columns for reasons take


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery in the hands of one worker, signed and ready to go."""

    delivery: UUID
    number: int  # of the try
    url: str
    body: str
    headers: dict[str, str]


def take(delivery: UUID, *, now: datetime) -> Taken | None:
    """Take a due delivery. None: there is nothing to send, or the receiver is left in peace for now.

    Two workers never get the same one.
    """
    with transaction.atomic(durable=True):
        row = (
            WebhookDelivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("endpoint")
            .filter(id=delivery, status=WebhookStatus.PLANNED, due_at__lte=now, expires_at__gt=now)
            .filter(Q(endpoint__resting_until=None) | Q(endpoint__resting_until__lte=now))
            .first()
        )
        if row is None:
            return None
        endpoint = row.endpoint
        if not endpoint.enabled:
            row.status = WebhookStatus.WITHDRAWN
            row.reason = REMOVED if endpoint.removed_at else DISABLED
            row.save()
            return None
        row.status, row.claimed_at, row.attempts = WebhookStatus.SENDING, now, row.attempts + 1
        row.save()
        WebhookTry.objects.create(delivery=row, number=row.attempts, began_at=now)
    headers = signing.headers(str(row.id), row.body, secrets=_secrets(endpoint, now=now), now=now)
    return Taken(row.id, row.attempts, endpoint.url, row.body, headers)


def settle(taken: Taken, answer: retries.Answer, *, now: datetime) -> WebhookDelivery:
    """Write down what the receiver said, and what follows: done, another try, or the end of it."""
    with transaction.atomic(durable=True):
        # The endpoint first, as every verb that withdraws does: nobody waits in a ring.
        endpoint = (
            WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",))
            .filter(deliveries=taken.delivery)
            .get()
        )
        row = WebhookDelivery.objects.select_for_update().get(id=taken.delivery)
        WebhookTry.objects.filter(delivery=row, number=taken.number).update(
            ended_at=now, answer=answer.status, detail=answer.said[:_LENGTH]
        )
        if answer.accepted or not answer.in_trouble:
            endpoint.failures, endpoint.resting_until = 0, None
        else:
            endpoint.failures += 1
            endpoint.resting_until = now + retries.rest(endpoint.failures)
        if row.status == WebhookStatus.SENDING and row.attempts == taken.number:
            _follow(row, endpoint, answer, now=now)
            row.save()
        endpoint.save(update_fields=["failures", "resting_until", "enabled", "why_disabled", "version"])
    return row


def recover(delivery: UUID, *, now: datetime) -> None:
    """Put a delivery back that was taken `LOST_AFTER` ago or earlier and never settled."""
    with transaction.atomic(durable=True):
        row = (
            WebhookDelivery.objects.select_for_update(skip_locked=True)
            .filter(id=delivery, status=WebhookStatus.SENDING, claimed_at__lte=now - LOST_AFTER)
            .first()
        )
        if row is None:
            return
        WebhookTry.objects.filter(delivery=row, number=row.attempts).update(detail=_LOST)
        row.status, row.reason, row.due_at = WebhookStatus.PLANNED, _LOST, now
        row.save()


def replay(delivery: WebhookDelivery, *, now: datetime) -> WebhookDelivery:
    """Send it once more, due at once, for another day: the same bytes under the same `webhook-id`.

    One that is on its way stays as it is. Raises WrongState where nobody listens any more.
    """
    with transaction.atomic(durable=True):
        row = (
            WebhookDelivery.objects.select_for_update(of=("self",))
            .select_related("endpoint")
            .get(id=delivery.id)
        )
        if row.endpoint.removed_at is not None:
            raise NotFound("There is no such webhook any more.")
        if not row.endpoint.enabled:
            raise WrongState("This webhook is disabled.", now="disabled", allowed=[])
        if row.status in (WebhookStatus.PLANNED, WebhookStatus.SENDING):
            return row
        row.status, row.reason, row.delivered_at = WebhookStatus.PLANNED, "", None
        row.due_at, row.expires_at = now, now + retries.KEEPS
        row.attempts_before = row.attempts
        row.save()
    return row


def give_up_expired(*, now: datetime) -> int:
    """What has waited for a day, most of it for a receiver that does not answer, has failed; how many."""
    late = WebhookDelivery.objects.filter(status=WebhookStatus.PLANNED, expires_at__lte=now, due_at__lte=now)
    return late.update(status=WebhookStatus.FAILED, reason="the receiver took nothing for a day")


def forget_old(*, now: datetime) -> int:
    """The log keeps `LOG_KEEPS`, and secrets that sign no more are not kept; how many deliveries were
    forgotten.
    """
    replaced = WebhookEndpoint.objects.filter(old_secret_until__lte=now)
    replaced.update(old_secret="", old_secret_until=None)
    old = WebhookDelivery.objects.filter(created_at__lt=now - LOG_KEEPS).exclude(
        status__in=[WebhookStatus.PLANNED, WebhookStatus.SENDING]
    )
    return old.delete()[1].get(WebhookDelivery._meta.label, 0)  # noqa: SLF001  Django's public Meta


def _secrets(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    old = endpoint.old_secret if endpoint.old_secret_until and now < endpoint.old_secret_until else ""
    return [secret for secret in (endpoint.secret, old) if secret]


def _follow(
    row: WebhookDelivery, endpoint: WebhookEndpoint, answer: retries.Answer, *, now: datetime
) -> None:
    tries = row.attempts - row.attempts_before
    decision = retries.decide(answer, tries=tries, now=now, expires_at=row.expires_at)
    if isinstance(decision, retries.Delivered):
        row.status, row.reason, row.delivered_at = WebhookStatus.DELIVERED, "", now
    elif not endpoint.enabled:
        row.status, row.reason = WebhookStatus.WITHDRAWN, endpoint.why_disabled
    elif isinstance(decision, retries.Again):
        row.status, row.reason, row.due_at = WebhookStatus.PLANNED, decision.why[:_LENGTH], decision.at
    else:
        row.status, row.reason = WebhookStatus.FAILED, decision.why[:_LENGTH]
        if decision.closed:
            endpoint.enabled, endpoint.why_disabled = False, decision.why
            endpoint.version += 1
            withdraw_waiting(endpoint, why=decision.why)
