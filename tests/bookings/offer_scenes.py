"""Offers for tests: visits at NORTH, people who wait for an earlier time, and a place that comes free."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bookings.commands.cancel import cancel_session
from bookings.commands.offers import offer_freed_places
from bookings.commands.roster import close
from bookings.commands.waiting import join_waiting_list
from bookings.models import Claim, Offer, Patient, Session, WaitingEntry
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import NOW, Cast, make_patient, new_york

FREED, LATER = new_york("2026-04-13 10:00"), new_york("2026-04-20 10:00")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TWO_HOURS = NOW + 2 * HOUR  # until then a place that is days away is kept


def wait(cast: Cast, patient: Patient, start: Any = LATER, *, joined: Any = NOW, **more: Any) -> WaitingEntry:
    """The patient has a visit then, and waits for an earlier time since `joined`."""
    visit = book_one(cast, start, patient=patient)
    return join_waiting_list(
        patient,
        clinic=cast.north,
        protocol=cast.booster,
        session=visit,
        actor=cast.as_desk,
        now=joined,
        **more,
    )


def free(cast: Cast, start: Any = FREED, *, now: Any = NOW, patient: Patient | None = None) -> Session:
    """A visit of Ada's, or of somebody else's, is cancelled; what was there is free."""
    visit = book_one(cast, start, patient=patient or cast.ada, now=now)
    return cancel_session(visit, actor=cast.as_desk, now=now)


def people(count: int) -> list[Patient]:
    """More patients, by number."""
    return [make_patient(f"P{k}", "Example", number=60 + k) for k in range(count)]


def many_wait(cast: Cast, count: int) -> list[WaitingEntry]:
    """So many who wait, the first of them the longest, with visits after one another from the 20th on."""
    starts = [LATER + timedelta(days=day, hours=hour) for day in range(4) for hour in (-2, 0, 3)]
    return [
        wait(cast, one, start, joined=NOW - timedelta(days=20 - k))
        for k, (one, start) in enumerate(zip(people(count), starts, strict=False))
    ]


def offer(*, now: Any = NOW) -> list[Offer]:
    """What the worker offers now, in order of rank."""
    before = set(Offer.objects.values_list("id", flat=True))
    offer_freed_places(now=now)
    return list(Offer.objects.exclude(id__in=before).order_by("start", "rank"))


def statuses() -> list[str]:
    """What became of all offers, in order of rank."""
    return list(Offer.objects.order_by("created_at", "rank").values_list("status", flat=True))


def held() -> list[Any]:
    """Every start that some hold keeps."""
    return list(Claim.objects.filter(hold__isnull=False).order_by("start").values_list("start", flat=True))


#: The course of six that Ada has, beginning at FREED.
COURSE = [new_york(f"2026-04-{day} 10:00") for day in ("13", "16", "20", "23", "27", "30")]


def booked_up(cast: Cast, first: Session | None = None) -> Session:
    """Nothing can begin before Tuesday the 14th, but for one visit on Monday at ten: the first of six that
    Ada has, or another.
    """
    first = first or book_ket6(cast, starts=COURSE).sessions.get(number=1)
    others = [chair for chair in (cast.n1, cast.n2, cast.n3) if chair.id != first.chair_id]
    rest = [
        (None, NOW, FREED),
        (first.chair, first.chair_until, FREED + 14 * HOUR),
        *((chair, FREED, FREED + 14 * HOUR) for chair in others),
    ]
    for chair, starts, ends in rest:
        close(cast.north, chair=chair, starts=starts, ends=ends, actor=cast.as_manager, now=NOW)
    return first


def wait_for_course(
    cast: Cast, patient: Patient, *, clinic: Any = None, joined: Any = NOW, **more: Any
) -> WaitingEntry:
    """The patient waits for six sessions of which nothing is booked."""
    return join_waiting_list(
        patient,
        clinic=clinic or cast.north,
        protocol=more.pop("protocol", cast.ket6),
        actor=cast.as_desk,
        now=joined,
        **more,
    )
