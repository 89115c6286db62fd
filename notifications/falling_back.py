"""When a message did not arrive: the same by another way, or a task for somebody with a telephone."""

from __future__ import annotations

from datetime import datetime

from bookings import tasklist
from bookings.models import Task, TaskKind
from notifications.kinds import Channel, Kind, Status
from notifications.knowing import known_of
from notifications.models import Message
from notifications.rules import ANSWERS
from notifications.ways import barred

_OTHER = {Channel.EMAIL: Channel.TEXT, Channel.TEXT: Channel.EMAIL}
_GONE = (Status.SENDING, Status.SENT, Status.DELIVERED)
#: Who sits in traffic reads no email.
_RING_ANYWAY = frozenset({Kind.RUNNING_LATE})
#: Nobody is rung up, nor gets a text, for want of these.
_LIGHT = frozenset({Kind.FOLLOW_UP, Kind.FINISHED})


def after_failure(row: Message, *, detail: str, now: datetime) -> Message | None:
    """See to it that what `row` was to say is said: the message by the other way, if one was written.

    For a message that failed for ever, came back, or was held back for too long; `detail` says which, for
    people. Where it was said by the other way already, nothing happens; where it cannot be said any other
    way, or is urgent, there is a task. Doing it twice writes once. In the caller's transaction; `row` has
    `patient` and `series` at hand.
    """
    if row.series is None or row.patient is None:
        return None
    other = _OTHER[Channel(row.channel)]
    person = known_of([row.patient], [row.series]).person(row.patient, row.series.clinic_id)
    # Who asked by text waits there for the answer.
    is_open = (
        row.instead_of_id is None and row.kind not in ANSWERS and not barred(Kind(row.kind), other, person)
    )
    instead = None
    told = row.instead_of_id is None and _told_otherwise(row, other, is_open=is_open)
    if not told and is_open and now < row.expires_at and not (other == Channel.TEXT and row.kind in _LIGHT):
        instead = _by_another_way(row, other, person.address(other), now=now)
    if (instead is None and not told) or row.kind in _RING_ANYWAY:
        _ask_to_ring(row, detail, now=now)
    return instead


def arrived(row: Message, *, now: datetime) -> None:
    """Close the task that asked somebody to ring about this. In the caller's transaction."""
    tasks = Task.objects.filter(
        kind=TaskKind.MESSAGE_FAILED, series=row.series_id, session=row.session_id, resolved_at__isnull=True
    )
    tasklist.close(tasks.select_related("series"), why="sent", now=now)


def _told_otherwise(row: Message, other: Channel, *, is_open: bool) -> bool:
    """Whether the twin of the row by the other way has gone, or will."""
    twin = f"{row.key.removesuffix(f':{row.channel}')}:{other}"
    statuses = (*_GONE, Status.PLANNED) if is_open else _GONE
    return Message.objects.filter(key=twin, status__in=statuses).exclude(id=row.id).exists()


def _by_another_way(row: Message, other: Channel, address: str, *, now: datetime) -> Message:
    copied = ("kind", "language", "patient_id", "series_id", "session_id", "session_version", "days_before")
    instead = Message(
        key=f"{row.key}:instead",
        channel=other,
        recipient=address,
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
    if row.kind in _LIGHT and row.channel == Channel.TEXT:
        return
    assert row.series is not None, "a caller saw to that"
    said = f"A {row.kind.replace('_', ' ')} could not be sent: {detail}"
    tasklist.put([tasklist.Wanted(TaskKind.MESSAGE_FAILED, row.series, row.session_id, said)], now=now)
