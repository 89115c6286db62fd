"""A closed day and what it displaces, for tests of joint plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bookings.commands import roster
from bookings.commands.repairs import draw_up_next, draw_up_repair
from bookings.models import Chair, Claim, Repair, RepairPart, RepairStatus, Series
from tests.bookings.scenes import book_ket6, session
from tests.cast import NOW, Cast, new_york

#: Ada at 08:00, Bea at 11:00, Carl at 14:00, each on Mondays and Thursdays.
HOURS = ("08:00", "11:00", "14:00")
DAYS = ("06", "09", "13", "16", "20", "23")
Places = Mapping[int, tuple[str, Chair]]  # by number: when, by New York's clock in April 2026, and where


def april(when: str) -> datetime:
    """Such as "14 08:00", by New York's clock."""
    return new_york(f"2026-04-{when}")


def three_series(cast: Cast) -> list[Series]:
    """Ada's, Bea's and Carl's, whose third sessions are on Monday 13 April."""
    patients = (cast.ada, cast.bea, cast.carl)
    return [
        book_ket6(cast, patient=patient, starts=[april(f"{day} {hour}") for day in DAYS])
        for patient, hour in zip(patients, HOURS, strict=True)
    ]


def close_monday(cast: Cast, *, now: datetime = NOW) -> Any:
    """NORTH is closed on Monday 13 April; what the command answers."""
    starts, ends = april("13 00:00"), april("14 00:00")
    cast.north.refresh_from_db()
    closed = roster.close(
        cast.north, starts=starts, ends=ends, reason="Water damage", actor=cast.as_manager, now=now
    )
    cast.north.refresh_from_db()
    return closed


def drawn_up(cast: Cast, *, now: datetime = NOW, **more: Any) -> Repair:
    """A plan for all that is out of place at NORTH, drawn up at once."""
    plan = draw_up_repair(cast.north, actor=cast.as_desk, now=now, **more)
    assert draw_up_next(now=now)
    return Repair.objects.get(id=plan.id)


def plan_of(cast: Cast, places: Mapping[Series, Places], *, now: datetime = NOW) -> Repair:
    """A plan that gives just these places, as if a worker had drawn it up."""
    plan = Repair.objects.create(
        clinic=cast.north,
        sessions=[],
        status=RepairStatus.READY,
        created_at=now,
        drawn_up_at=now,
        expires_at=now + timedelta(hours=24),
    )
    RepairPart.objects.bulk_create(
        RepairPart(repair=plan, series=series, moves=[_move(series, *one) for one in wanted.items()], left=[])
        for series, wanted in places.items()
    )
    return plan


def places_of(series: Series) -> list[tuple[str, str]]:
    """Where its sessions are, by New York's clock, and in which chairs."""
    rows = series.sessions.select_related("chair").order_by("number")
    return [(f"{one.start.astimezone(series.clinic.zone):%d %H:%M}", one.chair.name) for one in rows]


def claimed() -> set[tuple[datetime, str]]:
    """Every start and chair that sessions and holds take."""
    return set(Claim.objects.values_list("start", "chair__name"))


def _move(series: Series, number: int, place: tuple[str, Chair]) -> dict[str, Any]:
    here, (when, chair) = session(series, number), place
    return {
        "number": number,
        "session": str(here.id),
        "from": here.start.astimezone(UTC).isoformat(),
        "to": april(when).astimezone(UTC).isoformat(),
        "chair": str(chair.id),
    }
