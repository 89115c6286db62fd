from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bookings.actors import ANONYMOUS
from bookings.commands.book import book_series
from bookings.errors import Invalid, NotAllowed, NotFound, NotOffered, SpacingBroken, Taken
from bookings.models import Claim, JournalEntry, ProtocolVersion, Series, Session
from bookings.proof import prove
from tests.bookings.scenes import book_ket6, book_one, starts_of
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, make_version, new_york

SIX = MONDAYS_AND_THURSDAYS


def nothing_was_written():
    return (
        Series.objects.count(),
        Session.objects.count(),
        Claim.objects.count(),
        JournalEntry.objects.count(),
    ) == ((0,) * 4)


def test_the_whole_phase_is_booked_at_once(cast):
    series = book_ket6(cast, actor=cast.as_ada)

    sessions = list(series.sessions.order_by("number"))
    assert [one.number for one in sessions] == [1, 2, 3, 4, 5, 6]
    assert [one.start for one in sessions] == SIX
    assert {one.end - one.start for one in sessions} == {timedelta(minutes=130)}
    assert {one.chair_until - one.start for one in sessions} == {timedelta(minutes=150)}
    assert {one.status for one in sessions} == {"booked"}
    assert series.status == "active"
    assert prove(now=NOW) == []


def test_one_journal_row_tells_of_all_sessions(cast):
    series = book_ket6(cast, actor=cast.as_ada)

    entry = JournalEntry.objects.get()
    assert (entry.verb, entry.actor_kind, entry.actor_id, entry.at) == (
        "series_booked",
        "patient",
        cast.ada.id,
        NOW,
    )
    assert (entry.series_id, entry.patient_id, entry.clinic_id) == (series.id, cast.ada.id, cast.north.id)
    assert [one["start"] for one in entry.after["sessions"]] == [
        start.astimezone(UTC).isoformat() for start in SIX
    ]


def test_sessions_are_numbered_in_order_of_time_whatever_order_they_come_in(cast):
    series = book_ket6(cast, starts=[*SIX[3:], *SIX[:3]])

    assert starts_of(series) == SIX


def test_a_collision_in_one_session_books_none(cast):
    for patient in (cast.bea, cast.carl):
        book_one(cast, SIX[3], patient=patient)
    before = (
        Series.objects.count(),
        Session.objects.count(),
        Claim.objects.count(),
        JournalEntry.objects.count(),
    )

    with pytest.raises(Taken) as refusal:
        book_ket6(cast)

    assert [one["number"] for one in refusal.value.facts["sessions"]] == [4]
    after = (
        Series.objects.count(),
        Session.objects.count(),
        Claim.objects.count(),
        JournalEntry.objects.count(),
    )
    assert after == before


def test_whoever_comes_too_late_is_told_of_complete_plans(cast):
    for patient in (cast.bea, cast.carl):
        book_one(cast, SIX[3], patient=patient)

    with pytest.raises(Taken) as refusal:
        book_ket6(cast)

    alternatives = refusal.value.facts["alternatives"]
    assert [len(plan["sessions"]) for plan in alternatives] == [6] * len(alternatives)
    assert len(alternatives) == 3
    starts = [one["start"] for one in alternatives[0]["sessions"]]
    assert starts_of(book_ket6(cast, starts=starts)) == starts


def test_one_session_that_is_taken_is_answered_with_the_three_nearest_openings(cast):
    at = new_york("2026-04-14 13:00")
    for patient in (cast.bea, cast.carl):
        book_one(cast, at, patient=patient)

    with pytest.raises(Taken) as refusal:
        book_one(cast, at)

    # Earlier starts would have a patient resting while both nurses set the other two up.
    starts = [plan["sessions"][0]["start"] for plan in refusal.value.facts["alternatives"]]
    assert starts == [at + timedelta(minutes=minutes) for minutes in (15, 30, 45)]


def test_sessions_closer_than_the_minimum_gap_are_refused(cast):
    too_close = [*SIX[:1], new_york("2026-04-07 10:00"), *SIX[2:]]

    with pytest.raises(SpacingBroken) as refusal:
        book_ket6(cast, starts=too_close)

    (violation,) = refusal.value.facts["violations"]
    assert (violation["rule"], violation["sessions"], violation["required"], violation["actual"]) == (
        "min_gap",
        [1, 2],
        2,
        1,
    )
    assert "earliest Wed 8 April" in violation["detail"]
    assert nothing_was_written()


def test_a_place_outside_the_hours_is_not_offered(cast):
    with pytest.raises(NotOffered) as refusal:
        book_ket6(cast, starts=[new_york("2026-04-06 07:00"), *SIX[1:]])

    assert [one["rule"] for one in refusal.value.facts["violations"]] == ["closed", "nursing"]


def test_a_place_that_is_both_closed_and_badly_spaced_is_not_offered(cast):
    with pytest.raises(NotOffered) as refusal:
        book_ket6(cast, starts=[SIX[0], new_york("2026-04-07 07:00"), *SIX[2:]])

    assert {one["rule"] for one in refusal.value.facts["violations"]} == {"closed", "nursing", "min_gap"}


@pytest.mark.parametrize("count", [1, 5])
def test_part_of_a_phase_is_refused(cast, count):
    with pytest.raises(Invalid) as refusal:
        book_ket6(cast, starts=SIX[:count])

    assert refusal.value.facts["errors"][0]["field"] == "sessions"
    assert "All 6 sessions" in refusal.value.detail


def test_a_time_without_an_offset_is_refused(cast):
    with pytest.raises(Invalid):
        book_ket6(cast, starts=[datetime(2026, 4, 6, 10), *SIX[1:]])


def test_a_time_with_seconds_is_refused(cast):
    with pytest.raises(Invalid):
        book_ket6(cast, starts=[SIX[0] + timedelta(seconds=30), *SIX[1:]])


def test_strangers_sign_in_before_they_book(cast):
    with pytest.raises(NotAllowed):
        book_ket6(cast, actor=ANONYMOUS)


def test_a_patient_books_for_nobody_else(cast):
    with pytest.raises(NotFound):
        book_ket6(cast, patient=cast.bea, actor=cast.as_ada)


def test_staff_book_only_where_they_work(cast):
    with pytest.raises(NotFound):
        book_ket6(cast, actor=replace(cast.as_desk, clinics=frozenset({cast.west.id})))


def test_only_a_signed_version_is_booked(cast):
    make_version(cast.ket6, {**KET6, "name": "not signed yet"}, signed_by=None)

    assert book_ket6(cast).protocol_version.version == 1


def test_the_newest_signed_version_is_booked(cast):
    newest = make_version(cast.ket6, KET6, signed_by=cast.prescriber)

    assert book_ket6(cast).protocol_version == newest


def test_a_treatment_that_the_clinic_does_not_offer_is_refused(cast):
    cast.ket6.clinics.remove(cast.north)

    with pytest.raises(Invalid):
        book_ket6(cast)


def test_the_next_phase_is_plain_for_a_patient_who_has_had_the_first(cast):
    ProtocolVersion.objects.filter(protocol=cast.esketamine).update(
        rules={**cast.esketamine.versions.get().rules, "needs_clearance": False}
    )
    starts = [new_york(f"2026-04-{day} 10:00") for day in ("06", "08", "10", "13", "15", "17", "20", "22")]
    first = book_ket6(cast, protocol=cast.esketamine, starts=starts)
    second = book_ket6(cast, protocol=cast.esketamine, starts=[new_york("2026-04-28 10:00")])

    assert (first.phase, second.phase) == ("induction", "maintenance")


# Notice


@pytest.mark.parametrize(("minutes", "booked"), [(0, True), (1, False)])
def test_a_patient_books_up_to_the_start_itself(cast, minutes, booked):
    def book():
        return book_ket6(cast, actor=cast.as_ada, now=SIX[0] + timedelta(minutes=minutes))

    if booked:
        assert book().status == "active"
    else:
        with pytest.raises(NotOffered):
            book()


def test_staff_book_into_the_past_only_with_a_reason(cast):
    late = SIX[0] + timedelta(hours=1)
    with pytest.raises(NotOffered):
        book_ket6(cast, now=late)

    series = book_ket6(cast, now=late, override_reason="came without an appointment")

    assert [one["rule"] for one in series.sessions.get(number=1).overrides] == ["lead_time"]


def test_the_number_of_statements_does_not_depend_on_the_number_of_sessions(cast, django_assert_num_queries):
    book_one(
        cast, new_york("2026-05-05 13:00"), patient=cast.carl
    )  # what is kept between bookings is there now
    desk, expected = cast.as_desk, 14

    with django_assert_num_queries(expected):
        book_ket6(cast, patient=cast.ada, actor=desk)
    with django_assert_num_queries(expected):
        book_ket6(
            cast, patient=cast.bea, actor=desk, protocol=cast.booster, starts=[new_york("2026-04-07 13:00")]
        )


def test_a_roster_that_changes_after_the_look_is_seen_under_the_lock(cast):
    stale = cast.north.__class__.objects.get(id=cast.north.id)
    book_one(cast, new_york("2026-04-07 13:00"))  # the roster is known now
    cast.n1.closures.create(clinic=cast.north, starts=SIX[0], ends=SIX[1])
    cast.north.closures.create(starts=SIX[0], ends=SIX[1])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bookings_clinic SET roster_version = roster_version + 1")

    with pytest.raises(NotOffered) as refusal:
        book_series(cast.bea, clinic=stale, protocol=cast.ket6, starts=SIX, actor=cast.as_desk, now=NOW)

    assert [one["rule"] for one in refusal.value.facts["violations"]] == ["closed"]
