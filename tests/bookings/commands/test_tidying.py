"""What has been kept for long enough goes, and what is a moment younger stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError

from bookings.commands.links import issue_link
from bookings.commands.tidying import forget_readings, forget_ways_in
from bookings.models import AccessToken, Link, LinkPurpose, Reading
from tests.bookings.scenes import book_ket6
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
A_MOMENT = timedelta(seconds=1)


def token(cast: Cast, *, expires_at: datetime, revoked_at: datetime | None = None) -> AccessToken:
    digest = bytes([AccessToken.objects.count()]) * 32
    return AccessToken.objects.create(
        digest=digest, staff=cast.desk, created_at=NOW, expires_at=expires_at, revoked_at=revoked_at
    )


def reading(at: datetime) -> Reading:
    return Reading.objects.create(at=at, actor_kind="staff", purpose="list", route="desk-list", patients=[])


def test_a_token_that_ended_before_then_is_forgotten_and_one_that_ended_just_then_is_kept(cast: Cast):
    later = NOW + timedelta(days=30)
    token(cast, expires_at=NOW - A_MOMENT)
    token(cast, expires_at=later, revoked_at=NOW - A_MOMENT)
    kept = {token(cast, expires_at=NOW), token(cast, expires_at=later, revoked_at=NOW)}

    assert forget_ways_in(before=NOW) == 2
    assert set(AccessToken.objects.all()) == kept


def test_a_link_to_a_visit_is_forgotten_when_the_visit_has_been_over_for_so_long(cast: Cast):
    visit = book_ket6(cast).sessions.get(number=1)
    issue_link(cast.ada, purpose=LinkPurpose.VISIT, session=visit, now=NOW)

    assert forget_ways_in(before=visit.end) == 0
    assert Link.objects.count() == 1
    assert forget_ways_in(before=visit.end + A_MOMENT) == 1
    assert Link.objects.count() == 0


def test_readings_of_before_then_are_forgotten_and_the_one_of_just_then_is_kept():
    then = datetime(2019, 5, 6, tzinfo=UTC)
    reading(then - A_MOMENT)
    kept = reading(then)

    assert forget_readings(before=then) == 1
    assert list(Reading.objects.all()) == [kept]


def test_the_database_refuses_to_forget_a_reading_of_less_than_six_years():
    reading(datetime.now(UTC) - timedelta(days=6 * 365 - 1))

    with pytest.raises(DatabaseError, match="reading"):
        forget_readings(before=datetime.now(UTC))
