"""Places that changes gave back: read from the journal, so that a change that no nudge told of is found."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from bookings import snapshot
from bookings.models import (
    HELD_BY_CLINIC,
    Clinic,
    FreedPlace,
    Hold,
    JournalEntry,
    Offer,
    OfferStatus,
    ProtocolVersion,
    WaitingEntry,
)
from scheduler.hours import day_start
from scheduler.spans import instant

#: Visits that leave their place, ...
BY_VISITS = frozenset({"session_moved", "session_cancelled", "session_no_show"})
#: ... places that were kept for a patient's answer, ...
BY_PROPOSALS = frozenset({"proposal_declined", "proposal_expired", "proposal_superseded"})
#: ... and room where there was none.
_BY_ROSTER = frozenset({"closure_removed", "shift_added", "hours_changed", "chair_added", "chair_changed"})
FREEING = BY_VISITS | BY_PROPOSALS | _BY_ROSTER
#: Places that were held for those who wait, and are no longer.
BY_OFFERS = frozenset({"offer_declined", "offer_expired", "offer_withdrawn"})
#: After these there may be a place where there was none, for whoever looks for one.
ROOM = FREEING | BY_OFFERS | {"clinic_changed"}
#: After these there may be something to offer, or somebody else to offer it to.
MOVES_ON = FREEING | {"offer_declined", "offer_withdrawn", "waiting_left"}
#: Whoever leaves a place for one that was offered leaves it to the next, and so on: so many times.
DEEPEST = 3
#: How far back the journal is searched for changes that no nudge told of.
LOOK_BACK = timedelta(hours=24)
#: A chair that comes back for good, and hours for every week to come, are offered so far ahead.
AHEAD = timedelta(days=92)


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
    rows = rows.select_related("clinic", "session__series__protocol_version", "series__protocol_version")
    for row in rows.order_by("id"):
        if row.verb in BY_VISITS:
            yield from _of_visit(row, now)
        elif row.verb in BY_PROPOSALS:
            yield from _of_proposal(row, now)
        else:
            yield from _of_roster(row, now)


def kept_for_a_form(place: FreedPlace, *, now: datetime) -> bool:
    """Whether somebody who fills in a form has a hold on some of that room just now."""
    others = Hold.objects.filter(clinic=place.clinic_id, expires_at__gt=now).exclude(source=HELD_BY_CLINIC)
    return others.filter(claims__start__lt=place.ends, claims__chair_until__gt=place.starts).exists()


def _of_visit(row: JournalEntry, now: datetime) -> Iterator[FreedPlace]:
    before, after = row.before or {}, row.after or {}
    if row.session is None or before.get("start") in (None, after.get("start") if _moved(row) else None):
        return
    depth = _depth(row)
    if depth <= DEEPEST:
        yield from _at(row, before["start"], row.session.series.protocol_version, depth=depth, now=now)


def _of_proposal(row: JournalEntry, now: datetime) -> Iterator[FreedPlace]:
    if row.series is not None:
        for move in (row.after or {}).get("moves", ()):
            yield from _at(row, move["to"], row.series.protocol_version, depth=1, now=now)


def _at(
    row: JournalEntry, start: str, version: ProtocolVersion, *, depth: int, now: datetime
) -> Iterator[FreedPlace]:
    """One visit's place at that start."""
    starts = datetime.fromisoformat(start)
    if starts > now:
        length = timedelta(minutes=snapshot.protocol_of(version).chair_minutes)
        yield _place(row, starts, starts + length, now=now, protocol_id=version.protocol_id, depth=depth)


def _of_roster(row: JournalEntry, now: datetime) -> Iterator[FreedPlace]:
    """One place for each date, so that each is offered by itself."""
    assert row.clinic is not None, "a roster is a clinic's"
    before, after, zone = row.before or {}, row.after or {}, row.clinic.zone
    facts = before if row.verb == "closure_removed" else after
    if "starts" in facts:
        # A visit that begins before the room that came free, or ends after it, needed it all the same.
        margin = _longest_visit(row.clinic) - timedelta(minutes=row.clinic.grid_minutes)
        begins = datetime.fromisoformat(facts["starts"]) - margin
        ends = datetime.fromisoformat(facts["ends"]) + margin
        weekdays = frozenset(range(1, 8))
    else:
        begins, ends, weekdays = now, now + AHEAD, _weekdays_with_more(row.verb, before, after)
    for day in _dates(max(begins, now), min(ends, now + AHEAD), row.clinic):
        if day.isoweekday() in weekdays:
            midnight, morrow = (instant(day_start(one, zone)) for one in (day, day + timedelta(days=1)))
            starts, until = max(now, begins, midnight), min(ends, morrow)
            yield _place(row, starts, until, now=now, protocol_id=None, depth=1)


def _longest_visit(clinic: Clinic) -> timedelta:
    """For how long a chair is held, at most, by what somebody waits for there. One query."""
    waited_for = ProtocolVersion.objects.filter(
        protocol__waiting__clinic=clinic, protocol__waiting__closed_at__isnull=True
    )
    versions = waited_for.distinct().values_list("id", flat=True)
    protocols = snapshot.protocols_of(set(versions)).values()
    return timedelta(minutes=max((one.chair_minutes for one in protocols), default=0))


def _weekdays_with_more(verb: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[int]:
    """Of a chair that is back, or can be used for more, every weekday; of weekly hours, those that have
    longer ones.
    """
    every = frozenset(range(1, 8))
    if verb == "hours_changed":
        return frozenset(day for day in every if _longer(before.get(str(day), ()), after.get(str(day), ())))
    if verb == "chair_added" or (before["retired"] and not after["retired"]):
        return every
    can_more = not after["retired"] and set(after["features"]) - set(before["features"])
    return every if can_more else frozenset()


def _longer(before: Collection[Any], after: Collection[Any]) -> bool:
    """Whether some stretch of hours is not within one that there was."""
    spans = [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in before]
    return any(
        not any(
            opens <= time.fromisoformat(one[0]) and time.fromisoformat(one[1]) <= closes
            for opens, closes in spans
        )
        for one in after
    )


def _dates(begins: datetime, ends: datetime, clinic: Clinic) -> Iterator[date]:
    """The clinic's dates that the span touches."""
    if begins < ends:
        day, last = (at.astimezone(clinic.zone).date() for at in (begins, ends - timedelta.resolution))
        while day <= last:
            yield day
            day += timedelta(days=1)


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
