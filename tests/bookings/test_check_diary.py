import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from bookings.commands.move import move_session
from bookings.commands.roster import close
from bookings.models import ONE_CHAIR_ONE_CLAIM, ONE_PATIENT_ONE_PLACE, Claim, Series, Session
from bookings.proof import Excuse, prove
from tests.bookings.scenes import book_ket6, book_one, session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

SIX = MONDAYS_AND_THURSDAYS
AT = new_york("2026-04-14 13:00")


def found(**more):
    return [(one.rule, one.excuse.value) for one in prove(now=NOW, **more)]


def shift(claim, by):
    """Move a claim and its session, past every rule."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_claim SET start = start + %(by)s, chair_until = chair_until + %(by)s, "
            "taken = tstzrange(lower(taken) + %(by)s, upper(taken) + %(by)s), "
            "present = tstzrange(lower(present) + %(by)s, upper(present) + %(by)s), guard = 'empty' "
            "WHERE id = %(id)s",
            {"by": by, "id": claim.id},
        )
        cursor.execute(
            'UPDATE bookings_session SET start = start + %(by)s, "end" = "end" + %(by)s, '
            "chair_until = chair_until + %(by)s WHERE id = %(id)s",
            {"by": by, "id": claim.session_id},
        )


def drop_constraints():
    """Until the end of the test the database believes everything."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come is not altered
        for name in (ONE_CHAIR_ONE_CLAIM, ONE_PATIENT_ONE_PLACE):
            cursor.execute(f"ALTER TABLE bookings_claim DROP CONSTRAINT {name}")


def test_a_good_diary_has_nothing_to_find(cast):
    book_ket6(cast)
    book_ket6(cast, patient=cast.bea)

    assert found() == []


def test_what_was_overridden_is_told_apart(cast):
    moved = session(book_ket6(cast), 2)
    tuesday = new_york("2026-04-07 10:00")
    move_session(moved, start=tuesday, override_reason="travels", actor=cast.as_prescriber, now=NOW)

    assert found() == [("min_gap", "overridden")]


def test_what_a_change_of_the_roster_displaced_is_told_apart(cast):
    book_ket6(cast)
    close(cast.north, starts=SIX[2], ends=SIX[3], actor=cast.as_desk, now=NOW)

    assert found() == [("closed", "displaced")]


def test_what_is_over_is_not_judged_by_todays_roster(cast):
    book_ket6(cast)
    close(cast.north, starts=SIX[2], ends=SIX[3], actor=cast.as_desk, now=NOW)

    assert prove(now=SIX[3]) == []


@pytest.mark.parametrize(
    ("number", "by", "rules"),
    [
        (2, timedelta(days=-2), {"min_gap"}),
        (2, timedelta(days=-3), {"min_gap", "one_per_day", "patient_overlap", "chair"}),
        (6, timedelta(days=11), {"complete_within"}),
        (6, timedelta(days=14), {"complete_within", "max_gap"}),
        (4, timedelta(hours=8), {"closed", "nursing"}),
        (4, timedelta(minutes=5), {"closed"}),
    ],
)
def test_every_break_is_found(cast, number, by, rules):
    series = book_ket6(cast)
    claim = Claim.objects.get(session=session(series, number))
    if by == timedelta(days=-3):
        drop_constraints()
        Claim.objects.filter(id=claim.id).update(chair=session(series, 1).chair)
    shift(claim, by)

    assert {one.rule for one in prove(now=NOW)} == rules
    assert {one.excuse for one in prove(now=NOW)} == {Excuse.NONE}


def test_two_patients_in_one_chair_are_no_matter_of_the_roster(cast):
    first, second = (book_one(cast, AT, patient=patient) for patient in (cast.ada, cast.bea))
    drop_constraints()
    Claim.objects.filter(session=second).update(chair=first.chair)
    Session.objects.filter(id=second.id).update(chair=first.chair)
    cast.north.roster_version += 1
    cast.north.save()

    assert found() == [("chair", "none")]


def test_one_nurse_too_few_is_found(cast):
    for patient in (cast.ada, cast.bea):
        book_one(cast, AT, patient=patient)
    third = book_one(cast, AT, patient=cast.carl, actor=cast.as_prescriber, override_reason="helps herself")
    assert found() == [("nursing", "overridden")]
    Session.objects.filter(id=third.id).update(overrides=[])

    assert found() == [("nursing", "none")]


def test_rows_that_do_not_fit_together_are_found(cast):
    series = book_ket6(cast)
    Session.objects.filter(series=series, number=1).update(status="cancelled")
    Claim.objects.filter(session__series=series, session__number=2).delete()
    Session.objects.filter(series=series, number=3).update(chair=cast.n3)
    Session.objects.filter(series=series, number=6).delete()

    assert found() == [("claim", "none")] * 3 + [("whole", "none")]


def test_a_treatment_without_its_clearance_is_found(cast):
    series = book_one(cast, AT, protocol=cast.esketamine, phase="maintenance").series
    assert found() == []
    Series.objects.filter(id=series.id).update(status="active")

    assert found() == [("clearance", "none")]


def test_one_clinic_is_proved_alone(cast):
    book_one(cast, AT)
    shift(Claim.objects.get(), timedelta(minutes=5))

    assert found(clinic=cast.north) == [("closed", "none")]
    assert found(clinic=cast.west) == []


def test_the_number_of_queries_does_not_depend_on_the_diary(cast, django_assert_max_num_queries):
    book_ket6(cast)
    book_ket6(cast, patient=cast.bea)
    with django_assert_max_num_queries(20):
        prove(now=NOW)


def test_the_command_is_content_with_a_good_diary(cast, capsys):
    book_ket6(cast)

    call_command("check_diary")

    assert capsys.readouterr().out == "0 broken, 0 overridden, 0 displaced by a change of the roster.\n"


def test_the_command_ends_with_one_for_a_broken_diary(cast, capsys):
    book_one(cast, AT)
    shift(Claim.objects.get(), timedelta(minutes=5))

    with pytest.raises(SystemExit) as end:
        call_command("check_diary", "--json", "--clinic", "north")

    assert end.value.code == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["broken"] == 1
    assert [one["rule"] for one in answer["findings"]] == ["closed"]


def test_the_command_knows_its_clinics(cast):
    with pytest.raises(CommandError):
        call_command("check_diary", "--clinic", "nowhere")
