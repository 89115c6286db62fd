"""Short ways to bring the diary into a state, so that a test says only what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bookings.actors import Actor
from bookings.commands.book import book_series
from bookings.displacement import Displaced
from bookings.models import Clinic, Patient, Series, Session
from scheduler.violations import Rule
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, Cast


def book_ket6(
    cast: Cast,
    *,
    patient: Patient | None = None,
    starts: Sequence[datetime] = MONDAYS_AND_THURSDAYS,
    actor: Actor | None = None,
    now: datetime = NOW,
    **more: Any,
) -> Series:
    """Six sessions at NORTH, booked by the desk: Ada's, Mondays and Thursdays at 10:00, unless said
    otherwise.
    """
    return book_series(
        patient or cast.ada,
        clinic=more.pop("clinic", cast.north),
        protocol=more.pop("protocol", cast.ket6),
        starts=starts,
        actor=actor or cast.as_desk,
        now=now,
        **more,
    )


def book_one(
    cast: Cast,
    start: datetime,
    *,
    patient: Patient | None = None,
    protocol: Any = None,
    **more: Any,
) -> Session:
    """One session of an open-ended phase at NORTH, booked by the desk."""
    series = book_series(
        patient or cast.ada,
        clinic=more.pop("clinic", cast.north),
        protocol=protocol or cast.booster,
        starts=[start],
        actor=more.pop("actor", cast.as_desk),
        now=more.pop("now", NOW),
        **more,
    )
    return series.sessions.get()


def session(series: Series, number: int) -> Session:
    """That session as it is in the database now."""
    return series.sessions.get(number=number)


def starts_of(series: Series) -> list[datetime]:
    """The starts of its sessions, in order of number."""
    return list(series.sessions.order_by("number").values_list("start", flat=True))


def named(displaced: Iterable[Displaced]) -> list[tuple[int, list[Rule]]]:
    """Who no longer fits, by session number, and which rules say so."""
    return [(one.session.number, [violation.rule for violation in one.violations]) for one in displaced]


def version(clinic: Clinic) -> int:
    """The clinic's roster version as it is stored now."""
    return Clinic.objects.get(id=clinic.id).roster_version
