"""Whom staff ring about a place that came free too late to be offered by a message: one task for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bookings import tasklist
from bookings.models import FreedPlace, Task, TaskKind, WaitingEntry
from scheduler.matching import Match
from scheduler.spans import instant
from scheduler.wording import when_words

_OVER = "the place is taken or its time is over"


def call(
    place: FreedPlace, matches: Sequence[Match], entries: Mapping[str, WaitingEntry], *, now: datetime
) -> None:
    """A task for each of these few, and none for others any more about this place. A call that was made is
    not asked for again.
    """
    calls = [_Call(place, entries[match.waiter.id], match) for match in matches]
    standing = Task.objects.filter(
        kind=TaskKind.PLACE_FREE, resolved_at__isnull=True, proposal__place=str(place.id)
    ).select_related("series", "clinic", "patient")
    wanted = [one.wanted() for one in calls if one.entry.session is not None]
    seen = tasklist.settled_by_people([one.series.id for one in wanted], [TaskKind.PLACE_FREE])
    about = {one.about for one in calls}
    with transaction.atomic(durable=True):
        over = [one for one in standing if (one.session_id or one.patient_id) not in about]
        tasklist.close(over, why=_OVER, now=now)
        tasklist.put([one for one in wanted if one.detail not in seen.get(one.slot, ())], now=now)
        for one in calls:
            if one.entry.session is None:
                one.put(now=now)


class _Call:
    """Somebody to be rung about the place."""

    def __init__(self, place: FreedPlace, entry: WaitingEntry, match: Match) -> None:
        when = when_words(match.start, place.clinic.zone)
        said = f"{when} is free, too soon to ask by a message: ring them, number {match.rank} in turn. "
        self.place, self.entry, self.match = place, entry, match
        self.detail = said + " ".join(match.why)

    @property
    def about(self) -> UUID | None:
        """The visit that would be earlier, or the patient who has none."""
        return self.entry.session_id or self.entry.patient_id

    def wanted(self) -> tasklist.Wanted:
        """The task about a visit that is booked."""
        session = self.entry.session
        assert session is not None, "who has nothing booked has no visit"
        move = {
            "number": session.number,
            "session": str(session.id),
            "from": session.start.astimezone(UTC).isoformat(),
            "to": instant(self.match.start).isoformat(),
            "chair": None,
        }
        proposal = {"place": str(self.place.id), "moves": [move]}
        return tasklist.Wanted(TaskKind.PLACE_FREE, session.series, session.id, self.detail, proposal)

    def put(self, *, now: datetime) -> None:
        """The task about a patient who has nothing booked."""
        made = Task.objects.filter(
            kind=TaskKind.PLACE_FREE,
            patient=self.entry.patient,
            detail=self.detail[: tasklist.DETAIL_LENGTH],
            resolved_by__isnull=False,
        )
        if made.exists():
            return
        proposal: dict[str, Any] = {
            "place": str(self.place.id),
            "moves": [],
            "starts": [instant(at).isoformat() for at in self.match.course],
        }
        tasklist.put_about(
            self.entry.patient,
            kind=TaskKind.PLACE_FREE,
            clinics=[self.place.clinic],
            detail=self.detail,
            proposal=proposal,
            now=now,
        )
