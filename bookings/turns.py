"""Whose turn it is, of those who wait for a place that came free. Everybody is ranked by one query, before
anybody is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from bookings import lifecycle, snapshot
from bookings.models import FreedPlace, Offer, OfferStatus, Series, SeriesStatus, Session, WaitingEntry
from scheduler import waiters
from scheduler.hours import dates
from scheduler.protocol import Spacing
from scheduler.spans import minute

#: Fairness looks at the offers of this time.
LATELY = timedelta(days=30)
_LET_PASS = (OfferStatus.DECLINED, OfferStatus.EXPIRED)
_GOES_ON = (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED)
_RANKED_BY = (
    *("id", "created_at", "passed", "wish", "session__start", "before", "following", "next_of_group"),
    *("session__series__protocol_version", "session__series__phase"),
)


def waiting_for(place: FreedPlace, *, asked: bool = False) -> QuerySet[WaitingEntry]:
    """Those who could be offered the place as far as the list alone tells, in no order.

    Nobody who had an offer of this place; nobody who has one, whatever they wait for, or, with `asked`, only
    those.
    """
    mine = Offer.objects.filter(entry=OuterRef("pk"), place=place)
    open_ones = Offer.objects.filter(entry__patient=OuterRef("patient"), status=OfferStatus.OPEN)
    first, last = (at.astimezone(place.clinic.zone).date() for at in (place.starts, place.ends))
    sooner = Q(
        session__status__in=lifecycle.MOVABLE,
        session__start__gt=place.starts,
        session__series__status__in=_GOES_ON,
    )
    rows = WaitingEntry.objects.filter(
        Q(earliest__isnull=True) | Q(earliest__lte=last),
        Q(latest__isnull=True) | Q(latest__gte=first),
        sooner | Q(session__isnull=True) & ~Exists(begun_since()),
        ~Exists(mine),
        Exists(open_ones) if asked else ~Exists(open_ones),
        clinic=place.clinic_id,
        closed_at__isnull=True,
    )
    return rows if place.protocol_id is None else rows.filter(protocol=place.protocol_id)


def begun_since() -> QuerySet[Series]:
    """Of an entry that waits for a whole phase: what the patient has booked of it since, at any clinic."""
    return Series.objects.filter(
        patient=OuterRef("patient"),
        protocol_version__protocol=OuterRef("protocol"),
        phase=OuterRef("phase"),
        created_at__gt=OuterRef("created_at"),
    ).exclude(status=SeriesStatus.CANCELLED)


def in_turn(place: FreedPlace, *, now: datetime) -> list[UUID]:
    """The entries of `waiting_for`, whoever's turn it is first, without those whom their wish or the visits
    beside theirs keep from coming. One query, and one for protocols unknown.
    """
    stands = Session.objects.exclude(status__in=lifecycle.GONE)
    own = stands.filter(series=OuterRef("session__series"))
    others = stands.filter(
        patient=OuterRef("patient"), series__spacing_group=OuterRef("session__series__spacing_group")
    ).exclude(id=OuterRef("session"))
    mine = OuterRef("session__start")
    rows = waiting_for(place).annotate(
        passed=passed(now),
        before=Subquery(own.filter(start__lt=mine).order_by("-start").values("start")[:1]),
        following=Subquery(own.filter(start__gt=mine).order_by("start").values("start")[:1]),
        next_of_group=Subquery(others.filter(start__gt=place.ends).order_by("start").values("start")[:1]),
    )
    found = [_Ranked(*row) for row in rows.values_list(*_RANKED_BY)]
    protocols = snapshot.protocols_of({one.version for one in found if one.version is not None})
    turns = []
    for one in found:
        spacing = protocols[one.version].phase(one.phase).spacing if one.version is not None else None
        if one.could_come(place, spacing):
            turns.append(one.turn(place.clinic.zone, spacing))
    return [UUID(turn[-1]) for turn in sorted(turns)]


class _Ranked(NamedTuple):
    """An entry, as far as its turn asks."""

    id: UUID
    joined: datetime
    passed: int
    wish: dict[str, Any]
    start: datetime | None  # of the visit that would be earlier
    before: datetime | None  # the visit of the series before it
    following: datetime | None  # and after it
    next_of_group: datetime | None  # the first after the place, of the same spacing group in any series
    version: UUID | None
    phase: str

    def turn(self, zone: ZoneInfo, spacing: Spacing | None) -> waiters.Turn:
        """Whose turn it is, the least first."""
        deadline = None
        if spacing is not None and self.before is not None and self.start is not None:
            days = [at.astimezone(zone).date() for at in (self.before, self.start)]
            deadline = waiters.overdue(spacing, before=days[0], present=days[1])
        joined = minute(self.joined)
        return waiters.turn(
            deadline, newcomer=self.start is None, since=joined, passed=self.passed, id=str(self.id)
        )

    def could_come(self, place: FreedPlace, spacing: Spacing | None) -> bool:
        """Not so where none of its hours is wished for, it is before the visit that comes before theirs, or
        so early that the gap after theirs would be too long. The engine judges all of it again.
        """
        zone = place.clinic.zone
        first, last = (at.astimezone(zone) for at in (place.starts, place.ends))
        weekdays, clocks = self.wish.get("weekdays"), (first.time(), last.time())
        if weekdays and not any(day.isoweekday() in weekdays for day in dates(first.date(), last.date())):
            return False
        if first.date() == last.date() and not _overlap(self.wish, *clocks):
            return False
        if self.before is not None and self.before >= place.ends:
            return False
        if spacing is None or self.following is None or self.next_of_group is None:
            return True
        after = self.next_of_group.astimezone(zone).date()
        return waiters.overdue(spacing, before=last.date(), present=after) is None


def _overlap(wish: Mapping[str, Any], first: time, last: time) -> bool:
    """Whether a start between those clocks may be within the hours that are wished for."""
    not_before, not_after = wish.get("not_before"), wish.get("not_after")
    return not (
        (not_before and time.fromisoformat(not_before) > last)
        or (not_after and time.fromisoformat(not_after) < first)
    )


def passed(now: datetime) -> Count:
    """How many offers of late the owner of an entry declined or did not answer."""
    return Count("offers", filter=Q(offers__status__in=_LET_PASS, offers__created_at__gt=now - LATELY))
