"""Two people want one place: first the race itself, then what prevents it."""

from datetime import timedelta

import pytest

from bookings.actors import patient_actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series
from bookings.commands.holds import hold_places
from bookings.commands.move import move_session
from bookings.errors import SpacingBroken, Stale, Taken
from bookings.models import Claim, Hold, Series, Session, StaffMember
from bookings.proof import Excuse, prove
from tests.cast import BOOSTER, KET6, NOW, make_patient, make_protocol, new_york
from tests.races.arena import ROUNDS, at_once, judges, make_arena

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
#: The race is rare, so it is given many chances, and is over as soon as it was lost once.
CHANCES = 300


@pytest.fixture
def small():
    """One chair and one nurse; two patients; a treatment of one session, and one of six."""
    clinic, desk = make_arena(chairs=1, nurses=1)
    return Small(clinic, desk)


class Small:
    def __init__(self, clinic, desk):
        self.clinic, self.actor = clinic, staff_actor(desk)
        self.one, self.two = (
            make_patient("One", "Example", number=51),
            make_patient("Two", "Example", number=52),
        )
        self.single = make_protocol(BOOSTER, clinic, signed_by=desk)
        self.six = make_protocol(KET6, clinic, signed_by=desk)

    def book(self, patient, protocol, starts):
        return lambda: book_series(
            patient, clinic=self.clinic, protocol=protocol, starts=starts, actor=self.actor, now=NOW
        )

    def hold(self, protocol, starts):
        return lambda: hold_places(self.clinic, protocol=protocol, starts=starts, actor=self.actor, now=NOW)

    def empty(self):
        Claim.objects.all().delete()
        Session.objects.update(status="cancelled")
        Hold.objects.all().delete()


def broken():
    return [one for one in prove(now=NOW) if one.excuse is Excuse.NONE]


def race_for_one_chair(small, *, rounds):
    """How often both got the only chair, in so many rounds or until the first time."""
    at = new_york("2026-04-14 13:00")
    for _ in range(rounds):
        at_once(
            small.book(small.one, small.single, [at]),
            small.book(small.two, small.single, [at + timedelta(minutes=15)]),
        )
        if broken():
            return 1
        small.empty()
    return 0


def test_without_lock_and_constraints_the_chair_is_booked_twice(small):
    with judges(lock=False, constraints=False):
        assert race_for_one_chair(small, rounds=CHANCES) == 1


@pytest.mark.parametrize(("lock", "constraints"), [(True, True), (True, False), (False, True)])
def test_either_judge_alone_prevents_it(small, lock, constraints):
    with judges(lock=lock, constraints=constraints):
        assert race_for_one_chair(small, rounds=ROUNDS) == 0


def race_for_one_nurse(small, *, rounds):
    """A chair for each, but one nurse who sets up one patient at a time: no constraint can see that."""
    at = new_york("2026-04-14 13:00")
    small.clinic.chairs.create(name="C2", features=["wide"])
    wide = {**BOOSTER, "slug": "wide", "chair_features": ["wide"]}
    in_the_other_chair = make_protocol(
        wide, small.clinic, signed_by=StaffMember.objects.get(role="front_desk")
    )
    for _ in range(rounds):
        at_once(small.book(small.one, small.single, [at]), small.book(small.two, in_the_other_chair, [at]))
        if broken():
            return 1
        small.empty()
    return 0


def test_without_the_lock_one_nurse_is_booked_twice(small):
    with judges(lock=False, constraints=True):
        assert race_for_one_nurse(small, rounds=CHANCES) == 1
    small.empty()


def test_the_lock_alone_prevents_it(small):
    assert race_for_one_nurse(small, rounds=ROUNDS) == 0


def test_two_series_that_collide_in_session_four_are_one_series(small):
    """One complete, the other leaves nothing, every time."""
    mornings = [new_york(f"2026-04-{day} 09:00") for day in ("06", "09", "13", "16", "20", "23")]
    afternoons = [start + timedelta(hours=5) for start in mornings]
    afternoons[3] = mornings[3] + timedelta(minutes=30)

    for _ in range(ROUNDS):
        answers = at_once(
            small.book(small.one, small.six, mornings), small.book(small.two, small.six, afternoons)
        )

        (winner,) = [one for one in answers if isinstance(one, Series)]
        (loser,) = [one for one in answers if isinstance(one, Taken)]
        assert [one["number"] for one in loser.facts["sessions"]] == [4]
        assert Series.objects.filter(status="active").count() == 1
        assert Claim.objects.count() == winner.sessions.count() == 6
        cancel_series(winner, actor=small.actor, now=NOW)
    assert Session.objects.count() == 6 * ROUNDS
    assert broken() == []


def test_one_patient_in_two_browsers_keeps_the_spacing(small):
    """Two days that are too close to one another, in different chairs and on different clinic-days."""
    monday, tuesday = new_york("2026-04-06 09:00"), new_york("2026-04-07 09:00")
    small.actor = patient_actor(small.one)

    for _ in range(ROUNDS):
        answers = at_once(
            small.book(small.one, small.single, [monday]), small.book(small.one, small.single, [tuesday])
        )
        assert sorted(type(one).__name__ for one in answers) == [Series.__name__, SpacingBroken.__name__]
        small.empty()


def test_a_hold_and_a_booking_do_not_share_a_place(small):
    at = new_york("2026-04-14 13:00")

    for _ in range(ROUNDS):
        answers = at_once(small.hold(small.single, [at]), small.book(small.one, small.single, [at]))
        assert [type(one).__name__ for one in answers].count(Taken.__name__) == 1
        small.empty()


def test_two_desks_that_move_one_session_do_not_overwrite_one_another(small):
    at = new_york("2026-04-14 09:00")
    session = small.book(small.one, small.single, [at])().sessions.get()
    targets = [new_york("2026-04-15 09:00"), new_york("2026-04-16 09:00")]

    def move(start, version):
        return lambda: move_session(session, start=start, if_version=version, actor=small.actor, now=NOW)

    for version in range(1, ROUNDS):
        answers = at_once(*(move(start, version) for start in targets))
        assert sorted(type(one).__name__ for one in answers) == [Session.__name__, Stale.__name__]
        targets = [start + timedelta(minutes=15 if version % 2 else -15) for start in targets]
    assert Claim.objects.count() == 1
