"""The database as the last judge: raw SQL cannot double-book a chair, a patient, or break the minimum gap."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from bookings.errors import SpacingBroken, Taken
from bookings.locking import recognise
from bookings.models import MINIMUM_GAP, ONE_CHAIR_ONE_CLAIM, ONE_PATIENT_ONE_PLACE, Claim
from tests.bookings.scenes import book_one
from tests.cast import new_york

AT = new_york("2026-04-06 10:00")
GAP = timedelta(hours=44)
_COPY = """
    INSERT INTO bookings_claim (
        clinic_id, chair_id, hold_id, session_id, number, patient_id, protocol_version_id,
        spacing_group, roster_version, start, chair_until, taken, present, guard)
    SELECT clinic_id, coalesce(%(chair)s, chair_id), %(hold)s, NULL, 1, coalesce(%(patient)s, patient_id),
           protocol_version_id, spacing_group, roster_version, start + %(later)s, chair_until + %(later)s,
           tstzrange(start + %(later)s, chair_until + %(later)s),
           tstzrange(start + %(later)s, upper(present) + %(later)s),
           tstzrange(start + %(later)s, upper(guard) + %(later)s)
    FROM bookings_claim WHERE session_id IS NOT NULL
"""


@pytest.fixture
def by_hand(cast):
    """Copies the claim of Ada's session on Monday at 10:00, as somebody at a database prompt might."""
    session = book_one(cast, AT)
    hold = cast.north.holds.create(
        protocol_version=session.series.protocol_version,
        phase="maintenance",
        created_at=AT,
        expires_at=AT + timedelta(days=99),
    )

    def copy(*, later, chair=None, patient=None):
        facts = {
            "later": later,
            "chair": chair and chair.id,
            "patient": patient and patient.id,
            "hold": hold.id,
        }
        with connection.cursor() as cursor:
            cursor.execute(_COPY, facts)

    copy.other_chair = cast.north.chairs.exclude(id=session.chair_id).first()
    return copy


def refused_by(call):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        call()
    return error.value.__cause__.diag.constraint_name


@pytest.mark.parametrize("minutes", [0, 149, -149])
def test_two_patients_are_not_in_one_chair(cast, by_hand, minutes):
    assert (
        refused_by(lambda: by_hand(later=timedelta(minutes=minutes), patient=cast.bea)) == ONE_CHAIR_ONE_CLAIM
    )


def test_one_patient_follows_the_other_when_the_chair_is_clean(cast, by_hand):
    by_hand(later=timedelta(minutes=150), patient=cast.bea)

    assert Claim.objects.count() == 2


@pytest.mark.parametrize("minutes", [0, 129])
def test_one_patient_is_not_in_two_chairs(cast, by_hand, minutes):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bookings_claim SET guard = 'empty'")  # so that it is not the gap that refuses

    assert (
        refused_by(lambda: by_hand(later=timedelta(minutes=minutes), chair=by_hand.other_chair))
        == ONE_PATIENT_ONE_PLACE
    )


def test_the_minimum_gap_is_kept_in_minutes(cast, by_hand):
    # 44 h later it is Wednesday, 06:00: the calendar days are kept as well.
    assert (
        refused_by(lambda: by_hand(later=GAP - timedelta(minutes=1), chair=by_hand.other_chair))
        == MINIMUM_GAP
    )
    by_hand(later=GAP)
    assert Claim.objects.count() == 2


def test_the_minimum_gap_is_kept_in_calendar_days(cast, by_hand):
    guard = Claim.objects.get().guard

    assert (guard.lower, guard.upper) == (AT, new_york("2026-04-08 06:00"))


def test_calendar_days_alone_are_guarded_too(cast):
    book_one(cast, AT, protocol=cast.infliximab)

    guard = Claim.objects.get().guard
    assert (guard.lower, guard.upper) == (AT, new_york("2026-05-04 00:00"))


def test_the_columns_that_people_read_are_the_ranges_that_are_judged(by_hand):
    with pytest.raises(IntegrityError) as error:
        Claim.objects.update(start=AT + timedelta(minutes=15))

    assert error.value.__cause__.diag.constraint_name == "claim_ranges_are_its_times"


@pytest.mark.parametrize(
    ("later", "same_chair", "refusal", "rule"),
    [
        (timedelta(0), True, Taken, "chair"),
        (timedelta(hours=1), False, SpacingBroken, "min_gap"),
    ],
)
def test_our_own_constraints_are_recognised_by_name(cast, by_hand, later, same_chair, refusal, rule):
    chair, patient = (None, cast.bea) if same_chair else (by_hand.other_chair, None)
    Claim.objects.update(present=(AT, AT + timedelta(minutes=1)))

    with pytest.raises(IntegrityError) as error:
        by_hand(later=later, chair=chair, patient=patient)

    answer = recognise(error.value)
    assert type(answer) is refusal
    assert [one["rule"] for one in answer.facts["violations"]] == [rule]


def test_any_other_constraint_is_a_mistake_of_ours(by_hand):
    with pytest.raises(IntegrityError) as error:
        Claim.objects.update(hold=None, session=None)

    assert recognise(error.value) is None


@pytest.mark.django_db
def test_each_says_in_the_database_what_it_is_for():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE contype = 'x'"
        )
        comments = dict(cursor.fetchall())

    assert set(comments) == {ONE_CHAIR_ONE_CLAIM, ONE_PATIENT_ONE_PLACE, MINIMUM_GAP}
    assert all(comments.values())
