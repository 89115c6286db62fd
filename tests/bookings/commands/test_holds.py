from datetime import timedelta

import pytest
from django.db import transaction

from bookings.actors import ANONYMOUS
from bookings.commands.book import book_series
from bookings.commands.holds import hold_places, release_hold, tidy_holds
from bookings.errors import HoldExpired, Invalid, NotFound, SpacingBroken, Taken
from bookings.models import Claim, Hold, JournalEntry
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, starts_of
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, make_cast, new_york
from tests.threads import in_another_thread

SIX = MONDAYS_AND_THURSDAYS
TEN_MINUTES = timedelta(minutes=10)


def hold_six(cast, *, actor=ANONYMOUS, now=NOW, **more):
    return hold_places(cast.north, protocol=cast.ket6, starts=SIX, actor=actor, now=now, **more)


def hold_one(cast, start, *, now=NOW, **more):
    return hold_places(cast.north, protocol=cast.booster, starts=[start], actor=ANONYMOUS, now=now, **more)


def book(cast, hold, *, patient=None, now=NOW):
    return book_series(
        patient or cast.ada, clinic=cast.north, protocol=cast.ket6, hold=hold, actor=cast.as_desk, now=now
    )


def test_a_stranger_keeps_six_places_for_ten_minutes(cast):
    hold = hold_six(cast)

    assert hold.expires_at == NOW + TEN_MINUTES
    assert list(hold.claims.order_by("number").values_list("start", flat=True)) == SIX
    assert JournalEntry.objects.get().verb == "hold_made"


def test_a_hold_becomes_a_series_in_the_same_places(cast):
    hold = hold_six(cast)
    chairs = list(hold.claims.order_by("number").values_list("chair", flat=True))

    series = book(cast, hold)

    assert starts_of(series) == SIX
    assert list(series.sessions.order_by("number").values_list("chair", flat=True)) == chairs
    assert not hold.claims.exists()
    assert prove(now=NOW) == []


def test_what_is_on_hold_is_taken(cast):
    at = new_york("2026-04-14 13:00")
    hold_one(cast, at)
    hold_one(cast, at)

    with pytest.raises(Taken):
        book_one(cast, at)


def test_a_hold_can_be_booked_to_its_last_moment(cast):
    hold = hold_six(cast)

    assert book(cast, hold, now=NOW + TEN_MINUTES - timedelta(seconds=1)).status == "active"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_a_hold_ends_by_time_though_no_worker_runs(cast, late):
    hold = hold_six(cast)

    with pytest.raises(HoldExpired):
        book(cast, hold, now=NOW + TEN_MINUTES + late)


def test_an_expired_hold_blocks_nobody(cast):
    for _ in range(2):
        hold_one(cast, SIX[0])

    series = book_ket6(cast, patient=cast.bea, now=NOW + TEN_MINUTES)

    assert starts_of(series) == SIX
    assert prove(now=NOW + TEN_MINUTES) == []


def test_an_expired_hold_blocks_nobody_inside_the_constraints_either(cast):
    """All three chairs are in claims of expired holds, and the constraints look at no clock."""
    for minutes in (0, 15, 30):
        hold_one(cast, SIX[0] + timedelta(minutes=minutes))
    assert Claim.objects.values("chair").distinct().count() == 3

    one = book_one(cast, SIX[0] + timedelta(minutes=15), now=NOW + TEN_MINUTES)

    assert Claim.objects.get().session == one


def test_an_expired_hold_of_the_patient_at_another_clinic_blocks_nobody_inside_the_constraints(cast):
    at = new_york("2026-04-06 13:00")
    hold_places(cast.west, protocol=cast.booster, starts=[at], patient=cast.ada, actor=cast.as_desk, now=NOW)

    one = book_one(cast, at, patient=cast.ada, now=NOW + TEN_MINUTES)

    assert Claim.objects.get().session == one


def test_a_hold_of_the_patient_that_still_runs_is_given_up_for_a_booking(cast):
    at = new_york("2026-04-06 13:00")
    hold_places(cast.west, protocol=cast.booster, starts=[at], patient=cast.ada, actor=cast.as_desk, now=NOW)

    one = book_one(cast, at, patient=cast.ada)

    assert Claim.objects.get().session == one


def test_a_patient_has_one_hold_at_a_time(cast):
    first = hold_six(cast, patient=cast.ada, actor=cast.as_ada)
    second = hold_six(cast, patient=cast.ada, actor=cast.as_ada)

    with pytest.raises(HoldExpired):
        book(cast, first)
    assert starts_of(book(cast, second)) == SIX


def test_a_hold_of_one_patient_is_not_booked_by_another(cast):
    hold = hold_six(cast, patient=cast.ada, actor=cast.as_ada)

    with pytest.raises(HoldExpired):
        book(cast, hold, patient=cast.bea)


def test_a_hold_is_booked_once(cast):
    hold = hold_six(cast)
    book(cast, hold)

    with pytest.raises(HoldExpired):
        book(cast, hold, patient=cast.bea)


def test_a_hold_is_for_its_own_treatment(cast):
    hold = hold_one(cast, SIX[0])

    with pytest.raises(Invalid):
        book(cast, hold)


def test_a_hold_keeps_the_spacing_of_its_own_places(cast):
    with pytest.raises(SpacingBroken):
        hold_places(
            cast.north,
            protocol=cast.ket6,
            starts=[SIX[0], new_york("2026-04-07 10:00"), *SIX[2:]],
            actor=ANONYMOUS,
            now=NOW,
        )


def test_a_patients_hold_keeps_the_spacing_to_what_is_booked(cast):
    book_one(cast, new_york("2026-04-07 10:00"))

    with pytest.raises(SpacingBroken):
        hold_six(cast, patient=cast.ada, actor=cast.as_ada)


def test_a_patient_holds_for_nobody_else(cast):
    with pytest.raises(NotFound):
        hold_six(cast, patient=cast.bea, actor=cast.as_ada)


def test_a_hold_that_is_given_back_frees_its_places(cast):
    hold = hold_six(cast)

    release_hold(hold, actor=ANONYMOUS, now=NOW)

    assert not Claim.objects.exists()
    assert [entry.verb for entry in JournalEntry.objects.order_by("id")] == ["hold_made", "hold_released"]
    with pytest.raises(HoldExpired):
        release_hold(hold, actor=ANONYMOUS, now=NOW)


def test_tidying_deletes_what_has_expired_and_nothing_else(cast):
    hold_one(cast, SIX[0], now=NOW - TEN_MINUTES)
    kept = hold_one(cast, SIX[1])
    booked = book_one(cast, SIX[2])

    assert tidy_holds(now=NOW) == 1

    assert list(Hold.objects.all()) == [kept]
    assert set(Claim.objects.values_list("hold", "session")) == {(kept.id, None), (None, booked.id)}


@pytest.mark.django_db(transaction=True)
def test_tidying_waits_for_nobody_and_leaves_what_others_have_in_hand(transactional_db):
    """Whoever books clears expired claims away too. If one waited for the other, each with one claim in hand,
    they would wait for ever.
    """
    cast = make_cast()
    first, second = (hold_one(cast, SIX[number], now=NOW - TEN_MINUTES) for number in (0, 1))

    with transaction.atomic():
        Claim.objects.select_for_update().get(hold=second)
        swept = in_another_thread(lambda: tidy_holds(now=NOW))
        assert swept == 1  # in that moment, not when the transaction has ended
        assert list(Hold.objects.all()) == [second]
        assert list(Claim.objects.values_list("hold", flat=True)) == [second.id]

    assert tidy_holds(now=NOW) == 1
    assert not Claim.objects.exists()
    assert not Hold.objects.filter(id__in=[first.id, second.id]).exists()
