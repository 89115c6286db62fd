"""Other places for one session of a plan that is not booked yet, and what they do to its others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bookings.queries.openings import Offer
from bookings.settling import one_request, settled
from scheduler.case import Case, Place
from scheduler.diary import PatientSession
from scheduler.openings import Opening, Refusal, explain, openings
from scheduler.rules import check
from scheduler.series import Effort, Remaining, Replan, Unplannable, replan
from scheduler.spans import instant, minute
from scheduler.violations import Violation

#: The name under which the sessions of a plan belong together while nothing of it is booked.
_PLAN = "plan"
#: How many days after its last session a plan may be mended.
_ROOM = timedelta(days=14)


@dataclass(frozen=True)
class OtherPlaces:
    """Where one session of a plan could be on some dates.

    `fitting` keep the other sessions as they are; `moving` would move some of them. `refused`: every other
    start of the one date that was asked about, with the rules in its way.
    """

    fitting: dict[date, tuple[Opening, ...]]
    moving: dict[date, tuple[Opening, ...]]
    refused: tuple[Refusal, ...]


def broken(offer: Offer, starts: Sequence[datetime]) -> tuple[Violation, ...]:
    """The rules that these starts of all sessions break now; none where they could be held."""
    places = _places(starts)
    return check(_case(offer, starts), places)


def other_places(
    offer: Offer, starts: Sequence[datetime], *, number: int, first: date, last: date, day: date
) -> OtherPlaces:
    """Other starts for session `number` (counted from 1 in time) on the dates from `first` to `last`, and why
    those of `day` are refused.
    """
    case = _case(offer, starts, also=(first, last))
    others = [place for place in _places(starts) if place.number != number]
    beside = _with(case, others)
    fitting = openings(beside, first=first, last=last, number=number)
    possible = openings(case, first=first, last=last, number=number)
    kept = {one.start for found in fitting.values() for one in found}
    moving = {
        on: tuple(one for one in found if one.start not in kept) if others else ()
        for on, found in possible.items()
    }
    could = kept | {one.start for found in moving.values() for one in found}
    refused = explain(beside, first=day, last=day, number=number)
    return OtherPlaces(fitting, moving, tuple(one for one in refused if one.start not in could))


def with_change(
    offer: Offer, starts: Sequence[datetime], *, number: int, to: datetime
) -> Replan | Unplannable | None:
    """The others placed anew around session `number` at its new start, with the fewest moves.

    None where the new start itself is not to be had.
    """
    case = _case(offer, [*starts, to])
    pinned = Place(number, minute(to))
    if check(case, [pinned]):
        return None
    others = [place for place in _places(starts) if place.number != number]
    return _again(offer, _with(case, [pinned]), others, around=[*starts, to])


def mended(offer: Offer, starts: Sequence[datetime]) -> Replan | Unplannable:
    """The same plan with as little change as can be, now that some of its places may be gone."""
    return _again(offer, _case(offer, starts), _places(starts), around=starts)


def _again(
    offer: Offer, case: Case, places: Sequence[Place], *, around: Sequence[datetime]
) -> Replan | Unplannable:
    earliest, latest = _dates(offer, around)
    remaining = [Remaining(place.number, place.start) for place in places]

    def ask(last: date, effort: Effort) -> tuple[Replan, ...] | Unplannable:
        return replan(case, remaining=remaining, earliest=earliest, latest=last, limit=1, effort=effort)

    found, _ = settled(ask, earliest=earliest, latest=latest, effort=one_request())
    return found if isinstance(found, Unplannable) else found[0]


def _case(offer: Offer, starts: Sequence[datetime], *, also: tuple[date, ...] = ()) -> Case:
    """The case of the whole course, without its sessions. At most two queries."""
    first, last = _dates(offer, starts)
    case = offer.case(min(first, *also, first), max(last, *also, last))
    return replace(case, series=_PLAN)


def _dates(offer: Offer, starts: Sequence[datetime]) -> tuple[date, date]:
    """From today to a while after the last start, so that the others have room to give way."""
    zone = offer.clinic.zone
    return offer.today, max(start.astimezone(zone).date() for start in starts) + _ROOM


def _places(starts: Sequence[datetime]) -> tuple[Place, ...]:
    return tuple(Place(number, at) for number, at in enumerate(sorted(map(minute, starts)), start=1))


def _with(case: Case, places: Sequence[Place]) -> Case:
    """The case of a patient who has those places already."""
    protocol = case.protocol
    held = tuple(
        PatientSession(
            id=f"{_PLAN}:{place.number}",
            series=_PLAN,
            number=place.number,
            spacing_group=protocol.spacing_group,
            phase=case.phase.name,
            start=place.start,
            end=place.start + protocol.visit_minutes,
            date=case.supply.date_of(place.start),
            protocol=protocol,
        )
        for place in places
    )
    return replace(case, booked=(*case.booked, *held))


def starts_of(places: Sequence[Place]) -> list[datetime]:
    """The starts of places, in order of time."""
    return [instant(start) for start in sorted(place.start for place in places)]
