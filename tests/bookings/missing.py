"""A course in which a session is missed, for tests of what follows."""

import pytest

from bookings.models import Series
from bookings.proof import prove
from tests.bookings.watch_scenes import at, attend, book, miss, session, watch_all
from tests.cast import KET6, Cast, make_protocol

pytestmark = pytest.mark.django_db(transaction=True)

MAINTENANCE = {
    "name": "maintenance",
    "sessions": None,
    "spacing": {"min_gap_minutes": 44 * 60, "min_gap_days": 2},
}
MISSED = "5 of 6 sessions are done or planned: session 3 was missed."
NOW_THEN = at(13, 10, 20)


def series_that(cast: Cast, then: str | None, *, gap: int | None = None, patient=None) -> Series:
    """Ada's six sessions, 6 to 23 April, under such a rule; the third is not yet missed."""
    missed = {} if then is None else {"on_missed": {"then": then, **({"after_gap_days": gap} if gap else {})}}
    phases = [{**KET6["phases"][0], **missed}, MAINTENANCE]
    slug = f"then-{then}-{gap}"
    protocol = make_protocol({**KET6, "slug": slug, "phases": phases}, cast.north, signed_by=cast.prescriber)
    return book(cast, protocol=protocol, patient=patient)


def miss_third(cast: Cast, series: Series) -> None:
    for number in (1, 2):
        attend(cast, session(series, number))
    miss(cast, session(series, 3))
    watch_all(now=NOW_THEN)


def proposal_of(series: Series) -> dict:
    return series.tasks.get(resolved_at=None).proposal


def statuses(series: Series) -> list[str]:
    return list(series.sessions.order_by("number").values_list("status", flat=True))


def broken() -> list:
    return [one for one in prove(now=NOW_THEN) if one.rule != "whole"]
