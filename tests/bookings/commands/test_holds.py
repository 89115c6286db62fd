from datetime import timedelta

import pytest
from django.db import transaction

from bookings.actors import ANONYMOUS
from bookings.commands.book import book_series
from bookings.commands.holds import hold_places, release_hold, tidy_holds
from bookings.errors import HoldExpired, Invalid, NotFound, NotOffered, SpacingBroken, Taken
from bookings.models import Claim, Hold, JournalEntry
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, starts_of
from tests.cast import BOOSTER, MONDAYS_AND_THURSDAYS, NOW, make_cast, make_protocol, new_york
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


def held_by_a_stranger(cast, start, *, now, **rules):
    protocol = make_protocol({**BOOSTER, "slug": "noticed", **rules}, cast.north, signed_by=cast.prescriber)
    return hold_places(cast.north, protocol=protocol, starts=[start], actor=ANONYMOUS, now=now)


def book_what_is_held(cast, hold, *, now):
    protocol = hold.protocol_version.protocol
    return book_series(cast.ada, clinic=cast.north, protocol=protocol, hold=hold, actor=cast.as_ada, now=now)


@pytest.mark.parametrize("minutes", [0, 5, 9])
def test_notice_is_given_when_a_place_is_held(cast, minutes):
    """Held 24 hours ahead to the minute, which is just enough, and booked some minutes later."""
    start = new_york("2026-04-02 10:00")
    day_before = start - timedelta(hours=24)
    hold = held_by_a_stranger(cast, start, now=day_before, lead_time_hours=24)

    series = book_what_is_held(cast, hold, now=day_before + timedelta(minutes=minutes))

    assert (series.status, starts_of(series)) == ("active", [start])


def test_without_a_hold_the_notice_is_too_short_five_minutes_later(cast):
    start = new_york("2026-04-02 10:00")
    late = start - timedelta(hours=24) + timedelta(minutes=5)

    with pytest.raises(NotOffered) as refusal:
        held_by_a_stranger(cast, start, now=late, lead_time_hours=24)
    assert [one["rule"] for one in refusal.value.facts["violations"]] == ["lead_time"]


@pytest.mark.parametrize("day", ["2026-04-01 14:00", "2026-04-10 10:00"])
def test_what_the_desk_keeps_for_a_patient_is_the_patients_to_book(cast, day):
    """Notice and horizon bind patients only: here both are short, and the desk held the place."""
    rules = {**BOOSTER, "slug": "noticed", "lead_time_hours": 24, "horizon_days": 8}
    protocol = make_protocol(rules, cast.north, signed_by=cast.prescriber)
    start = new_york(day)
    with pytest.raises(NotOffered):
        hold_places(
            cast.north, protocol=protocol, starts=[start], patient=cast.ada, actor=cast.as_ada, now=NOW
        )

    hold = hold_places(
        cast.north, protocol=protocol, starts=[start], patient=cast.ada, actor=cast.as_desk, now=NOW
    )

    assert starts_of(book_what_is_held(cast, hold, now=NOW)) == [start]


@pytest.mark.parametrize(("minutes", "books"), [(5, True), (6, False)])
def test_what_has_begun_while_it_was_on_hold_is_not_booked(cast, minutes, books):
    start = NOW + timedelta(minutes=15)
    held_at = start - timedelta(minutes=5)
    hold = held_by_a_stranger(cast, start, now=held_at)

    if books:
        assert book_what_is_held(cast, hold, now=held_at + timedelta(minutes=minutes)).status == "active"
    else:
        with pytest.raises(NotOffered):
            book_what_is_held(cast, hold, now=held_at + timedelta(minutes=minutes))
