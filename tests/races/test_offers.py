"""Many want the place that came free: one has it, everybody else keeps what they had and is told so."""

from datetime import timedelta

import pytest

from bookings.actors import patient_actor, staff_actor
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.commands.offers import offer_freed_places, tidy_offers
from bookings.commands.roster import close
from bookings.commands.waiting import join_waiting_list
from bookings.errors import Refused, SpacingBroken, Taken, WrongState
from bookings.models import Claim, Hold, JournalEntry, Offer, OfferStatus, Session, WaitingEntry
from bookings.proof import Excuse, prove
from tests.cast import BOOSTER, KET6, NOW, make_patient, make_protocol, new_york
from tests.races.arena import at_once, make_arena

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
FREED = new_york("2026-04-13 10:00")


class Scene:
    """A clinic with one chair and nurse; people with a visit each, one a day, who wait for an earlier one."""

    def __init__(self, people: int) -> None:
        self.clinic, desk = make_arena(chairs=1, nurses=1)
        self.desk = staff_actor(desk)
        self.protocol = make_protocol(BOOSTER, self.clinic, signed_by=desk)
        self.people = [make_patient(f"P{k}", "Example", number=50 + k) for k in range(people)]
        self.starts = [new_york(f"2026-04-{20 + k // 3:02} {8 + 3 * (k % 3):02}:00") for k in range(people)]
        for patient, start in zip(self.people, self.starts, strict=True):
            self.wait(patient, self.book(patient, start).sessions.get())

    def book(self, patient, start, *, now=NOW):
        return book_series(
            patient, clinic=self.clinic, protocol=self.protocol, starts=[start], actor=self.desk, now=now
        )

    def wait(self, patient, session):
        join_waiting_list(
            patient, clinic=self.clinic, protocol=self.protocol, session=session, actor=self.desk, now=NOW
        )

    def free(self, start=FREED, *, now=NOW):
        leaver = make_patient("L", "Example", number=70 + Session.objects.count() % 25)
        cancel_session(self.book(leaver, start, now=now).sessions.get(), actor=self.desk, now=now)

    def offers(self, *, now=NOW):
        offer_freed_places(now=now)
        return list(Offer.objects.filter(status=OfferStatus.OPEN).order_by("rank"))


def accept(one, *, now=NOW):
    return lambda: accept_offer(one, actor=patient_actor(one.entry.patient), now=now)


def broken():
    return [one for one in prove(now=NOW) if one.excuse is Excuse.NONE]


def test_sixteen_clients_accept_one_place_and_one_has_it():
    """Three people, each with several browsers open."""
    scene = Scene(3)
    scene.free()
    offers = scene.offers()
    assert len(offers) == 3

    answers = at_once(*(accept(offers[k % 3]) for k in range(16)))

    won = [one for one in answers if isinstance(one, Session)]
    lost = [one for one in answers if isinstance(one, WrongState)]
    assert (len(won), len(lost)) == (1, 15)
    assert {one.facts["status"] for one in lost} <= {"lost", "accepted"}
    assert sorted(Offer.objects.values_list("status", flat=True)) == ["accepted", "lost", "lost"]
    assert Session.objects.filter(start=FREED, status="booked").get() == won[0]
    assert Claim.objects.filter(hold__isnull=False).count() == 0
    assert Session.objects.exclude(status="cancelled").filter(start__in=scene.starts).count() == 2
    assert JournalEntry.objects.filter(verb="session_moved").count() == 1
    assert WaitingEntry.objects.filter(closed_at__isnull=True).count() == 2
    assert broken() == []


def test_a_stranger_who_books_at_the_same_moment_does_not_get_what_is_kept():
    scene = Scene(4)
    for day in range(4):
        at = FREED + timedelta(days=day)
        scene.free(at)
        made = next(one for one in scene.offers() if one.start == at)
        stranger = make_patient("S", "Example", number=30 + day)

        session, refusal = at_once(accept(made), lambda at=at, who=stranger: scene.book(who, at))

        assert isinstance(session, Session)
        assert isinstance(refusal, Taken)
        assert Claim.objects.get(start=at).session == session
        assert broken() == []
        for one in scene.offers():
            decline_offer(one, actor=scene.desk, now=NOW)


@pytest.mark.parametrize("seconds", [0, 1])
def test_at_the_last_moment_either_the_answer_or_the_stranger_has_the_place(seconds):
    """The offer ends at the moment at which a stranger books: never both, never neither."""
    scene = Scene(1)
    scene.free()
    (made,) = scene.offers()
    stranger = make_patient("S", "Example", number=20)
    end = made.expires_at

    answers = at_once(
        accept(made, now=end - timedelta(seconds=seconds)), lambda: scene.book(stranger, FREED, now=end)
    )

    assert sum(not isinstance(one, Refused) for one in answers) == 1
    assert Claim.objects.filter(start=FREED, session__isnull=False).count() == 1
    assert broken() == []


def test_two_workers_at_once_offer_a_place_once():
    scene = Scene(4)
    scene.free()

    at_once(*[lambda: offer_freed_places(now=NOW)] * 4)

    assert Offer.objects.filter(status=OfferStatus.OPEN).count() == 3
    assert (Hold.objects.count(), Claim.objects.filter(hold__isnull=False).count()) == (1, 1)


def test_accept_decline_and_tidy_at_once_never_wait_in_a_ring():
    scene = Scene(3)
    scene.free()
    first, second, third = scene.offers()
    late = NOW + timedelta(hours=2)

    answers = at_once(
        accept(first),
        accept(second),
        lambda: decline_offer(third, actor=scene.desk, now=NOW),
        lambda: tidy_offers(now=NOW),
        lambda: tidy_offers(now=late),
    )

    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, WrongState)]
    statuses = list(Offer.objects.values_list("status", flat=True))
    assert "open" not in statuses
    assert statuses.count("accepted") <= 1
    assert broken() == []


def test_sixteen_clients_accept_one_first_place_and_one_has_the_whole_course():
    """Three who wait for a course, each with several browsers open; a stranger books one of its later places
    at the same moment: the course is booked as it was shown, or not at all.
    """
    clinic, staff = make_arena(chairs=1, nurses=1)
    desk = staff_actor(staff)
    six = make_protocol(KET6, clinic, signed_by=staff)
    people = [make_patient(f"P{k}", "Example", number=50 + k) for k in range(5)]
    starts = [FREED + timedelta(days=day) for day in (0, 3, 7, 10, 14, 17)]
    leaving = book_series(people[3], clinic=clinic, protocol=six, starts=starts, actor=desk, now=NOW)
    close(clinic, starts=NOW, ends=FREED, actor=desk, now=NOW)
    close(clinic, starts=FREED + timedelta(hours=2.5), ends=FREED + timedelta(hours=14), actor=desk, now=NOW)
    for patient in people[:3]:
        join_waiting_list(patient, clinic=clinic, protocol=six, actor=desk, now=NOW)
    cancel_series(leaving, actor=desk, now=NOW)
    offer_freed_places(now=NOW)
    offers = list(Offer.objects.filter(start=FREED, status=OfferStatus.OPEN).order_by("rank"))
    assert len(offers) == 3
    contested = offers[0].starts[4]

    def stranger():
        single = make_protocol(BOOSTER, clinic, signed_by=staff)
        return book_series(people[4], clinic=clinic, protocol=single, starts=[contested], actor=desk, now=NOW)

    *answers, booked = at_once(*(accept(offers[k % 3]) for k in range(16)), stranger)

    won = [one for one in answers if isinstance(one, Session)]
    assert all(isinstance(one, Session | WrongState | Taken | SpacingBroken) for one in answers)
    assert len(won) + (not isinstance(booked, Refused)) >= 1
    assert len(won) <= 1
    for one in won:
        found = list(one.series.sessions.order_by("number").values_list("start", flat=True))
        assert found in [made.starts for made in offers]
    assert Session.objects.filter(start=FREED).exclude(status="cancelled").count() == len(won)
    assert broken() == []
