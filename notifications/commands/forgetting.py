"""Forget what was said to whom, once nobody needs it any more."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from bookings.models import Patient
from notifications.kinds import Status
from notifications.models import (
    ERASED,
    Attempt,
    CalendarFeed,
    Choices,
    InboundText,
    Message,
    WebhookDelivery,
)

#: What may still be sent, or is about to be.
_AHEAD = (Status.PLANNED, Status.SENDING)
_AT_A_TIME = 2_000


def forget_patient(patient: Patient, *, now: datetime) -> None:
    """Nothing says any more what this patient was told, wrote or wished; that there were messages stays.

    Addresses to which nothing more may be sent stay on that list: without it, somebody would be written to.
    In the caller's transaction.
    """
    mine = Message.objects.filter(patient=patient)
    mine.filter(status__in=_AHEAD).update(status=Status.WITHDRAWN, reason="the patient is erased")
    _without_words(mine)
    InboundText.objects.filter(patient=patient).update(body=ERASED, sender="")
    Choices.objects.filter(patient=patient).delete()
    CalendarFeed.objects.filter(patient=patient).delete()
    WebhookDelivery.objects.filter(entry__patient=patient).delete()


def forget_old_words(*, before: datetime) -> int:
    """The words and addresses of messages that were written before then, and of texts that came in; how many.

    The rows stay, since reports count them. Some thousands at a time, so that nobody waits for long.
    """
    told = Message.objects.filter(created_at__lt=before).exclude(status__in=_AHEAD)
    told = told.filter(~Q(recipient="") | ~Q(body__in=("", ERASED)) | ~Q(subject=""))
    heard = InboundText.objects.filter(received_at__lt=before).exclude(body=ERASED, sender="")
    count = 0
    while ids := list(told.values_list("id", flat=True)[:_AT_A_TIME]):
        count += _without_words(Message.objects.filter(id__in=ids))
    while ids := list(heard.values_list("id", flat=True)[:_AT_A_TIME]):
        count += InboundText.objects.filter(id__in=ids).update(body=ERASED, sender="")
    return count


def _without_words(messages: QuerySet[Message]) -> int:
    Attempt.objects.filter(message__in=messages.values("id")).update(detail="")
    return messages.update(recipient="", subject="", body=ERASED, provider_id="")
