from datetime import date, timedelta

from bookings import snapshot
from bookings.actors import ANONYMOUS
from bookings.commands.holds import hold_places
from bookings.models import Clinic
from scheduler.spans import minute
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york, phoenix

SIX = MONDAYS_AND_THURSDAYS
APRIL = {"first": date(2026, 4, 1), "last": date(2026, 4, 30)}


def test_the_supply_is_read_once_for_each_version_of_the_roster(cast, django_assert_num_queries):
    with django_assert_num_queries(4):
        first = snapshot.supply_of(cast.north)
    with django_assert_num_queries(0):
        assert snapshot.supply_of(cast.north) is first

    cast.n3.delete()
    Clinic.objects.filter(id=cast.north.id).update(roster_version=2)

    assert [chair.name for chair in snapshot.supply_of(Clinic.objects.get(id=cast.north.id)).chairs] == [
        "N1",
        "N2",
    ]


def test_a_retired_chair_offers_nothing(cast):
    cast.n2.retired_at = NOW
    cast.n2.save()

    assert [chair.name for chair in snapshot.supply_of(cast.north).chairs] == ["N1", "N3"]


def test_the_diary_is_one_query_however_much_is_in_it(cast, django_assert_num_queries):
    for patient in (cast.ada, cast.bea):
        book_ket6(cast, patient=patient)

    with django_assert_num_queries(1):
        diary = snapshot.load_diary(cast.north, **APRIL, now=NOW)

    assert [claim.start for claim in sorted(diary.claims, key=lambda claim: claim.start)] == [
        minute(start) for start in SIX for _ in range(2)
    ]


def test_the_diary_is_of_the_dates_asked_about(cast):
    book_ket6(cast)

    diary = snapshot.load_diary(cast.north, date(2026, 4, 9), date(2026, 4, 13), now=NOW)

    assert sorted(claim.start for claim in diary.claims) == [minute(SIX[1]), minute(SIX[2])]


def test_a_hold_is_in_the_diary_until_it_expires(cast):
    hold = hold_places(cast.north, protocol=cast.booster, starts=[SIX[0]], actor=ANONYMOUS, now=NOW)

    def claims(**more):
        return len(snapshot.load_diary(cast.north, **APRIL, **{"now": NOW, **more}).claims)

    assert claims() == 1
    assert claims(now=hold.expires_at - timedelta(seconds=1)) == 1
    assert claims(now=hold.expires_at) == 0
    assert claims(without_holds=[hold.id]) == 0
    assert claims(without_holds_of=cast.ada.id) == 1


def test_a_patients_sessions_are_those_of_all_clinics_by_each_ones_own_date(cast):
    late = phoenix("2026-04-27 14:00")
    book_one(cast, late, clinic=cast.west)
    book_one(cast, new_york("2026-04-06 10:00"))
    book_one(cast, new_york("2026-04-06 10:00"), patient=cast.bea)

    sessions = snapshot.load_patient(cast.ada.id)

    assert [(one.start, one.end - one.start, one.date) for one in sessions] == [
        (minute(SIX[0]), 130, date(2026, 4, 6)),
        (minute(late), 130, date(2026, 4, 27)),
    ]
