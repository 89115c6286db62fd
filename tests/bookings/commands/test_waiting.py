from datetime import date, time, timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_session
from bookings.commands.waiting import LONGEST_NOTICE_HOURS, join_waiting_list, leave_waiting_list
from bookings.errors import Invalid, NotFound, WrongState
from bookings.models import JournalEntry, WaitingEntry
from scheduler.rules import Wish
from tests.bookings.scenes import book_one
from tests.cast import NOW, new_york

TODAY = date(2026, 4, 1)
MORNINGS = Wish(weekdays=frozenset({5, 2}), not_after=time(12))
MONDAY = new_york("2026-04-13 10:00")


def join(cast, *, actor=None, now=NOW, protocol=None, **more):
    return join_waiting_list(
        more.pop("patient", cast.ada),
        clinic=cast.north,
        protocol=protocol or cast.ket6,
        actor=actor or cast.as_ada,
        now=now,
        **more,
    )


def verbs():
    return list(
        JournalEntry.objects.filter(verb__startswith="waiting").order_by("id").values_list("verb", flat=True)
    )


def test_a_patient_waits_for_a_course_with_their_wishes(cast):
    entry = join(cast, wish=MORNINGS, earliest=TODAY, latest=date(2026, 5, 1), notice_hours=48)

    assert (entry.phase, entry.series, entry.session) == ("induction", None, None)
    assert entry.wish == {"weekdays": [2, 5], "not_before": None, "not_after": "12:00"}
    assert (entry.earliest, entry.latest, entry.notice_hours) == (TODAY, date(2026, 5, 1), 48)
    assert verbs() == ["waiting_joined"]


def test_or_for_an_earlier_time_of_a_visit(cast):
    visit = book_one(cast, MONDAY)

    entry = join(cast, protocol=cast.booster, session=visit)

    assert (entry.phase, entry.series_id, entry.session_id) == ("maintenance", visit.series_id, visit.id)


def test_joining_again_replaces_the_wishes_and_keeps_the_place(cast):
    first = join(cast)
    second = join(cast, wish=MORNINGS, now=NOW + timedelta(days=1))

    assert (second.id, second.created_at, second.version) == (first.id, NOW, 2)
    assert WaitingEntry.objects.get().wish["not_after"] == "12:00"


def test_joining_twice_with_the_same_wishes_is_joining_once(cast):
    assert join(cast).version == join(cast).version == 1
    assert verbs() == ["waiting_joined"]


def test_who_has_left_waits_no_longer_and_may_join_anew(cast):
    entry = join(cast)
    left = leave_waiting_list(entry, actor=cast.as_ada, now=NOW)
    again = join(cast, now=NOW + timedelta(days=1))

    assert (left.closed_at, left.closed_why) == (NOW, "left")
    assert again.id != entry.id
    assert verbs() == ["waiting_joined", "waiting_left", "waiting_joined"]


def test_nobody_leaves_twice(cast):
    entry = join(cast)
    leave_waiting_list(entry, actor=cast.as_ada, now=NOW)

    with pytest.raises(WrongState):
        leave_waiting_list(entry, actor=cast.as_ada, now=NOW)


def test_the_last_date_is_not_before_today_nor_before_the_first(cast):
    assert join(cast, latest=TODAY).latest == TODAY
    for wrong in ({"latest": date(2026, 3, 31)}, {"earliest": date(2026, 4, 3), "latest": date(2026, 4, 2)}):
        with pytest.raises(Invalid):
            join(cast, **wrong)


def test_notice_is_two_weeks_at_most(cast):
    assert join(cast, notice_hours=LONGEST_NOTICE_HOURS).notice_hours == 336
    for wrong in (-1, LONGEST_NOTICE_HOURS + 1):
        with pytest.raises(Invalid):
            join(cast, notice_hours=wrong)


def test_a_visit_that_has_begun_or_is_cancelled_cannot_be_earlier(cast):
    visit = book_one(cast, MONDAY)
    with pytest.raises(WrongState):
        join(cast, protocol=cast.booster, session=visit, now=MONDAY)
    cancel_session(visit, actor=cast.as_ada, now=NOW)

    with pytest.raises(WrongState):
        join(cast, protocol=cast.booster, session=visit)


def test_the_visit_is_the_patients_own_and_of_that_treatment(cast):
    visit = book_one(cast, MONDAY, patient=cast.bea)
    with pytest.raises(NotFound):
        join(cast, protocol=cast.booster, session=visit)
    with pytest.raises(Invalid):
        join(cast, patient=cast.bea, actor=patient_actor(cast.bea), session=visit)


def test_nobody_joins_or_leaves_for_another_patient(cast):
    entry, bea = join(cast), patient_actor(cast.bea)

    with pytest.raises(NotFound):
        join(cast, actor=bea)
    with pytest.raises(NotFound):
        leave_waiting_list(entry, actor=bea, now=NOW)


def test_what_the_clinic_does_not_offer_is_not_waited_for(cast):
    cast.ket6.clinics.remove(cast.north)

    with pytest.raises(Invalid):
        join(cast)


def test_who_would_come_to_several_clinics_waits_at_each_of_them_in_one_step(cast):
    entry = join(cast, also_at=[cast.west, cast.north], wish=MORNINGS)

    rows = list(WaitingEntry.objects.order_by("id").values_list("clinic", "phase", "wish"))
    kept = {"weekdays": [2, 5], "not_before": None, "not_after": "12:00"}
    assert rows == [(cast.north.id, "induction", kept), (cast.west.id, "induction", kept)]
    assert entry.clinic == cast.north
    assert verbs() == ["waiting_joined", "waiting_joined"]


def test_a_visit_that_is_booked_stays_at_its_clinic(cast):
    visit = book_one(cast, MONDAY)

    with pytest.raises(Invalid):
        join(cast, protocol=cast.booster, session=visit, also_at=[cast.west])
    assert WaitingEntry.objects.count() == 0


def test_staff_put_nobody_on_the_list_of_a_clinic_where_they_do_not_work(cast):
    with pytest.raises(NotFound):
        join(cast, actor=cast.as_nurse, also_at=[cast.west])
    assert WaitingEntry.objects.count() == 0
