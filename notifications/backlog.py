"""How far telling lags behind: figures for whoever watches over the service, about nobody in particular."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min

from notifications.commands.react import unreacted
from notifications.kinds import Status
from notifications.models import Message, Watermark

DAY = timedelta(days=1)


def message_lag(*, now: datetime) -> timedelta:
    """For how long the message that is due longest has been waiting; nothing where none waits. One query."""
    rows = Message.objects.filter(status=Status.PLANNED, due_at__lte=now)
    oldest = rows.aggregate(oldest=Min("due_at"))["oldest"]
    return now - oldest if oldest else timedelta()


def journal_lag(*, now: datetime) -> timedelta:
    """For how long the oldest change that nobody has reacted to has been waiting. Two queries."""
    mark = Watermark.objects.values_list("entry", flat=True).first() or 0
    oldest = unreacted(mark).values_list("at", flat=True).first()
    return max(now - oldest, timedelta()) if oldest else timedelta()


def results(*, now: datetime) -> dict[tuple[str, str], int]:
    """What has become of the messages that were due in the last 24 hours, by channel and state. One query."""
    rows = Message.objects.filter(due_at__gt=now - DAY, due_at__lte=now).order_by()
    counted = rows.values_list("channel", "status").annotate(count=Count("id"))
    return {(channel, status): count for channel, status, count in counted}
