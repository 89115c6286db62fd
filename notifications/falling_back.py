"""When a message did not arrive: the same by another way, or a task for somebody with a telephone."""

from __future__ import annotations

from datetime import datetime

from bookings import tasklist
from bookings.models import Task, TaskKind
from notifications.kinds import Channel, Kind, Status
from notifications.knowing import known_of
from notifications.models import Message
from notifications.ways import barred

_OTHER = {Channel.EMAIL: Channel.TEXT, Channel.TEXT: Channel.EMAIL}
_TOLD = (Status.PLANNED, Status.SENDING, Status.SENT, Status.DELIVERED)
#: Who sits in traffic reads no email.
_RING_ANYWAY = frozenset({Kind.RUNNING_LATE})
#: Nobody is rung up, nor gets a text, for want of these.
_CAN_DO_WITHOUT = frozenset({Kind.FOLLOW_UP, Kind.FINISHED})


def after_failure(row: Message, *, detail: str, now: datetime) -> Message | None:
    """See to it that what `row` was to say is said: the message by the other way, if one was written.

    For a message that failed for ever, came back, or was held back for too long; `detail` says which, for
    people. Where it was said by the other way already, nothing happens; where it cannot be said any other
    way, or is urgent, there is a task. Doing it twice writes once. In the caller's transaction; `row` has
    `patient` and `series` at hand.
    """
    if row.series is None or row.patient is None:
        return None
    instead = None
    if not _told_otherwise(row):
        instead = _by_another_way(row, now=now)
        if instead is None:
            _ask_to_ring(row, detail, now=now)
    if row.kind in _RING_ANYWAY:
        _ask_to_ring(row, detail, now=now)
    return instead


def arrived(row: Message, *, now: datetime) -> None:
    """Close the task that asked somebody to ring about this. In the caller's transaction."""
    tasks = Task.objects.filter(
        kind=TaskKind.MESSAGE_FAILED, series=row.series_id, session=row.session_id, resolved_at__isnull=True
    )
    tasklist.close(tasks.select_related("series"), why="sent", now=now)


def _told_otherwise(row: Message) -> bool:
    if row.instead_of_id is not None:
        return False  # the other way was tried before this one
    stem = row.key.removesuffix(f":{row.channel}")
    twin = f"{stem}:{_OTHER[Channel(row.channel)]}"
    return Message.objects.filter(key=twin, status__in=_TOLD).exclude(id=row.id).exists()


def _by_another_way(row: Message, *, now: datetime) -> Message | None:
    other = _OTHER[Channel(row.channel)]
    if row.instead_of_id is not None or now >= row.expires_at:
        return None
    if other == Channel.TEXT and row.kind in _CAN_DO_WITHOUT:
        return None
    assert row.series is not None and row.patient is not None, "a caller saw to that"  # noqa: PT018
    person = known_of([row.patient], [row.series]).person(row.patient, row.series.clinic_id)
    if barred(Kind(row.kind), other, person):
        return None
    copied = ("kind", "language", "patient_id", "series_id", "session_id", "session_version", "days_before")
    instead = Message(
        key=f"{row.key}:instead",
        channel=other,
        recipient=person.address(other),
        facts=row.facts,
        due_at=now,
        expires_at=row.expires_at,
        created_at=now,
        instead_of=row,
        **{name: getattr(row, name) for name in copied},
    )
    Message.objects.bulk_create([instead], ignore_conflicts=True)
    return instead


def _ask_to_ring(row: Message, detail: str, *, now: datetime) -> None:
    if row.kind in _CAN_DO_WITHOUT and row.channel == Channel.TEXT:
        return
    assert row.series is not None, "a caller saw to that"
    said = f"A {row.kind.replace('_', ' ')} could not be sent: {detail}"
    tasklist.put([tasklist.Wanted(TaskKind.MESSAGE_FAILED, row.series, row.session_id, said)], now=now)
