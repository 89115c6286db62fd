"""What could be offered to whom: places that changes gave back, and those who wait for one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from bookings import snapshot
from bookings.actors import patient_actor
from bookings.errors import SpacingBroken
from bookings.judging import Question
from bookings.lifecycle import MOVABLE
from bookings.models import FreedPlace, JournalEntry, Offer, OfferStatus, SeriesStatus, WaitingEntry
from bookings.preparation import preparation_of
from bookings.replanning import under_clearance
from scheduler.case import Wish
from scheduler.hours import day_start
from scheduler.matching import Waiter
from scheduler.spans import Span, instant, minute

#: Changes that give places back.
FREEING = frozenset({"session_moved", "session_cancelled", "session_no_show", "closure_removed"})
#: After these there may be something to offer, or somebody else to offer it to.
MOVES_ON = FREEING | {"offer_declined", "offer_withdrawn", "waiting_left"}
#: Whoever leaves a place for one that was offered leaves it to the next, and so on: so many times.
DEEPEST = 3
#: A patient who must be fetched needs a day to find somebody. A house default, no published number: fasting
#: and a driver make it unrealistic to fill a place from one day to the next.
DRIVER_HOURS = 24
#: How far back the journal is searched for changes that no nudge told of.
LOOK_BACK = timedelta(hours=24)
#: Fairness looks at the offers of this time.
LATELY = timedelta(days=30)
_LET_PASS = (OfferStatus.DECLINED, OfferStatus.EXPIRED)
_GOES_ON = (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED)


def newly_freed(entries: Collection[int] | None, *, now: datetime) -> Iterator[FreedPlace]:
    """The places, not yet saved, that changes of the last day gave back and that nobody has looked at.

    Of those journal rows, or of all; only at clinics where somebody waits, and only what is ahead.
    """
    waited_for = WaitingEntry.objects.filter(closed_at__isnull=True).values("clinic")
    seen = FreedPlace.objects.filter(entry=OuterRef("pk"))
    rows = JournalEntry.objects.filter(
        ~Exists(seen), verb__in=FREEING, at__gt=now - LOOK_BACK, clinic__in=waited_for
    )
    if entries is not None:
        rows = rows.filter(id__in=entries)
    for row in rows.select_related("clinic", "session__series__protocol_version").order_by("id"):
        yield from _of_closure(row, now) if row.session is None else _of_session(row, now)


def waiting_for(place: FreedPlace, *, now: datetime) -> QuerySet[WaitingEntry]:
    """Those who could be offered the place as far as the list alone tells, whoever joined first first.

    Nobody who has an offer, whatever they wait for, or had one of this place. Each knows how many offers they
    let pass (`passed`).
    """
    mine = Offer.objects.filter(entry=OuterRef("pk"), place=place)
    asked = Offer.objects.filter(entry__patient=OuterRef("patient"), status=OfferStatus.OPEN)
    first, last = (_date(place, at) for at in (place.starts, place.ends))
    rows = WaitingEntry.objects.filter(
        Q(earliest__isnull=True) | Q(earliest__lte=last),
        Q(latest__isnull=True) | Q(latest__gte=first),
        ~Exists(mine),
        ~Exists(asked),
        clinic=place.clinic_id,
        closed_at__isnull=True,
        session__status__in=MOVABLE,
        session__start__gt=place.starts,
        series__status__in=_GOES_ON,
    )
    if place.protocol_id is not None:
        rows = rows.filter(protocol=place.protocol_id)
    lately = Q(offers__status__in=_LET_PASS, offers__created_at__gt=now - LATELY)
    return with_all(rows).annotate(passed=Count("offers", filter=lately)).order_by("created_at", "id")


def with_all(rows: QuerySet[WaitingEntry]) -> QuerySet[WaitingEntry]:
    """With everything that a waiter is made of."""
    return rows.select_related("patient", "clinic", "session__series__protocol_version", "session__clinic")


def waiter_of(entry: WaitingEntry, span: Span, *, now: datetime) -> Waiter | None:
    """An entry of `waiting_for` as the engine sees it, in the diary around the span. Three queries.

    None where the course waits for a prescriber to look at it again.
    """
    session, clinic = entry.session, entry.clinic
    assert session is not None, "only visits that are booked are offered earlier places"
    series = session.series
    question = Question(
        version=series.protocol_version,
        phase=series.phase,
        places=(),
        actor=patient_actor(entry.patient),
        now=now,
        patient_id=entry.patient_id,
        series_id=series.id,
        leaving=frozenset({str(session.id)}),
    )
    supply = snapshot.supply_of(clinic)
    case = question.look_around(clinic, supply.date_of(span.start), supply.date_of(span.end))
    with suppress(SpacingBroken):
        return Waiter(
            id=str(entry.id),
            person=str(entry.patient_id),
            case=replace(under_clearance(case, question, series), wish=wish_of(entry)),
            number=session.number,
            present=minute(session.start),
            since=minute(entry.created_at),
            notice=notice_minutes(entry),
            passed=entry.passed,  # type: ignore[attr-defined]  # counted by the query
            first=entry.earliest,
            last=entry.latest,
        )
    return None


def notice_minutes(entry: WaitingEntry) -> int:
    """How long before a visit the patient must know: as they said, and never less than the treatment asks
    for, to book it, to fast, and to find a driver.
    """
    assert entry.session is not None
    version = entry.session.series.protocol_version
    protocol, preparation = snapshot.protocol_of(version), preparation_of(version.rules)
    hours = (
        entry.notice_hours,
        protocol.lead_time_hours,
        preparation.solids_hours or 0,
        preparation.clear_fluids_hours or 0,
        DRIVER_HOURS if protocol.needs_escort else 0,
    )
    return max(hours) * 60


def wish_of(entry: WaitingEntry) -> Wish:
    """When the patient can come."""
    kept = entry.wish
    not_before, not_after = kept.get("not_before"), kept.get("not_after")
    return Wish(
        weekdays=frozenset(kept.get("weekdays") or ()),
        not_before=time.fromisoformat(not_before) if not_before else None,
        not_after=time.fromisoformat(not_after) if not_after else None,
    )


def span_of(place: FreedPlace) -> Span:
    """The place in minutes."""
    return Span(minute(place.starts), minute(place.ends))


def _of_session(row: JournalEntry, now: datetime) -> Iterator[FreedPlace]:
    before, after = row.before or {}, row.after or {}
    if row.session is None or before.get("start") in (None, after.get("start") if _moved(row) else None):
        return
    start = datetime.fromisoformat(before["start"])
    depth = _depth(row)
    if start <= now or depth > DEEPEST:
        return
    version = row.session.series.protocol_version
    length = timedelta(minutes=snapshot.protocol_of(version).chair_minutes)
    yield _place(row, start, start + length, now=now, protocol_id=version.protocol_id, depth=depth)


def _of_closure(row: JournalEntry, now: datetime) -> Iterator[FreedPlace]:
    """One place for each date, so that each is offered by itself."""
    assert row.clinic is not None
    zone, facts = row.clinic.zone, row.before or {}
    start = max(now, datetime.fromisoformat(facts["starts"]))
    ends = datetime.fromisoformat(facts["ends"])
    while start < ends:
        morrow = instant(day_start(start.astimezone(zone).date() + timedelta(days=1), zone))
        yield _place(row, start, min(ends, morrow), now=now, protocol_id=None, depth=1)
        start = morrow


def _place(
    row: JournalEntry,
    starts: datetime,
    ends: datetime,
    *,
    now: datetime,
    protocol_id: UUID | None,
    depth: int,
) -> FreedPlace:
    assert row.clinic_id is not None, "a place is in a clinic"
    return FreedPlace(
        entry=row,
        clinic_id=row.clinic_id,
        protocol_id=protocol_id,
        starts=starts,
        ends=ends,
        depth=depth,
        found_at=now,
    )


def _moved(row: JournalEntry) -> bool:
    return row.verb == "session_moved"


def _depth(row: JournalEntry) -> int:
    """One more than that of the place for which the session left this one, if it was offered."""
    accepted = Offer.objects.filter(
        status=OfferStatus.ACCEPTED, decided_at=row.at, entry__session=row.session_id
    )
    before = accepted.values_list("place__depth", flat=True).first() if _moved(row) else None
    return 1 + (before or 0)


def _date(place: FreedPlace, at: datetime) -> date:
    return at.astimezone(place.clinic.zone).date()
