"""Whose turn it is, of those who wait for a place that came free. Everybody is ranked by one query, before
anybody is looked at.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from bookings import lifecycle, snapshot
from bookings.models import FreedPlace, Offer, OfferStatus, Series, SeriesStatus, Session, WaitingEntry
from scheduler import matching
from scheduler.spans import minute

#: Fairness looks at the offers of this time.
LATELY = timedelta(days=30)
_LET_PASS = (OfferStatus.DECLINED, OfferStatus.EXPIRED)
_GOES_ON = (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED)
_RANKED_BY = (
    *("id", "created_at", "passed", "session__start", "before"),
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
    """The entries of `waiting_for`, whoever's turn it is first. One query, and one for protocols unknown."""
    own = Session.objects.filter(
        series=OuterRef("session__series"), start__lt=OuterRef("session__start")
    ).exclude(status__in=lifecycle.GONE)
    rows = list(
        waiting_for(place)
        .annotate(
            passed=passed(now),
            before=Subquery(own.order_by("-start").values("start")[:1]),
        )
        .values_list(*_RANKED_BY)
    )
    protocols = snapshot.protocols_of({row[5] for row in rows if row[5] is not None})
    zone = place.clinic.zone
    turns = []
    for entry, joined, let_pass, start, before, version, phase in rows:
        deadline = None
        if before is not None:
            spacing = protocols[version].phase(phase).spacing
            days = [at.astimezone(zone).date() for at in (before, start)]
            deadline = matching.overdue(spacing, before=days[0], present=days[1])
        turns.append(
            matching.turn(
                deadline, newcomer=start is None, since=minute(joined), passed=let_pass, id=str(entry)
            )
        )
    return [UUID(turn[-1]) for turn in sorted(turns)]


def passed(now: datetime) -> Count:
    """How many offers of late the owner of an entry declined or did not answer."""
    return Count("offers", filter=Q(offers__status__in=_LET_PASS, offers__created_at__gt=now - LATELY))
