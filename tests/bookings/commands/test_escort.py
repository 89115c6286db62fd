from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.attend import check_in_session, complete_session, recover_session, start_session
from bookings.commands.cancel import cancel_session
from bookings.commands.escort import name_escort
from bookings.commands.move import move_session
from bookings.errors import Invalid, NotFound, Stale, WrongState
from bookings.models import JournalEntry, Session
from tests.bookings.scenes import book_one
from tests.cast import NOW, new_york

MONDAY = new_york("2026-04-13 10:00")


@pytest.fixture
def visit(cast):
    return book_one(cast, MONDAY)


def named(session, name="Noor Quill", phone="202 555 0142", **more):
    return name_escort(session, **{"name": name, "phone": phone, "now": NOW, **more})


def who(session):
    return Session.objects.values_list("escort_name", "escort_phone").get(id=session.id)


def test_the_name_is_kept_with_the_telephone_in_its_one_form(cast, visit):
    changed = named(visit, name=" Noor Quill ", actor=cast.as_ada)

    assert who(visit) == ("Noor Quill", "+12025550142")
    assert changed.version == visit.version + 1
    row = JournalEntry.objects.get(verb="escort_named")
    assert (row.before, row.after) == (
        {"name": "", "phone": ""},
        {"name": "Noor Quill", "phone": "+12025550142"},
    )


def test_the_same_again_changes_nothing(cast, visit):
    first = named(visit, actor=cast.as_ada)

    assert named(visit, actor=cast.as_ada).version == first.version
    assert JournalEntry.objects.filter(verb="escort_named").count() == 1


def test_an_empty_name_takes_it_back(cast, visit):
    named(visit, actor=cast.as_ada)
    named(visit, name="", phone="", actor=cast.as_ada)

    assert who(visit) == ("", "")


def test_it_goes_with_the_visit(cast, visit):
    named(visit, actor=cast.as_ada)
    move_session(visit, start=MONDAY + timedelta(days=1), actor=cast.as_ada, now=NOW)

    assert who(visit) == ("Noor Quill", "+12025550142")


@pytest.mark.parametrize(
    ("name", "phone", "field"), [("Noor", "call me", "phone"), ("", "202 555 0142", "name")]
)
def test_a_telephone_is_one_and_somebodys(cast, visit, name, phone, field):
    with pytest.raises(Invalid) as refusal:
        named(visit, name=name, phone=phone, actor=cast.as_ada)
    assert refusal.value.facts["errors"][0]["field"] == field


def test_until_the_visit_has_ended_whatever_the_cut_off(cast, visit):
    at = {"actor": cast.as_desk, "now": MONDAY}
    check_in_session(visit, **at)
    start_session(visit, **at)
    recover_session(visit, **at)
    named(visit, actor=cast.as_ada, now=MONDAY + timedelta(hours=2))
    complete_session(visit, escort=True, **at)

    with pytest.raises(WrongState):
        named(visit, name="Another", actor=cast.as_ada, now=MONDAY + timedelta(hours=2))
    assert who(visit) == ("Noor Quill", "+12025550142")


def test_nobody_takes_home_from_a_cancelled_visit(cast, visit):
    cancel_session(visit, actor=cast.as_ada, now=NOW)

    with pytest.raises(WrongState):
        named(visit, actor=cast.as_ada)


def test_nobody_names_one_for_another_patient(cast, visit):
    with pytest.raises(NotFound):
        named(visit, actor=patient_actor(cast.bea))


def test_a_stale_caller_is_refused(cast, visit):
    named(visit, actor=cast.as_ada)

    with pytest.raises(Stale):
        named(visit, name="Another", if_version=visit.version, actor=cast.as_ada)
