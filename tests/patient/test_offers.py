"""An earlier time for somebody who waits, answered from a message or from my visits."""

from datetime import timedelta

import pytest

from bookings.commands.links import issue_link
from bookings.commands.offer_answers import accept_offer
from bookings.models import JournalEntry, LinkPurpose, Offer
from tests.bookings.offer_scenes import FREED, LATER, free, offer, wait
from tests.cast import NOW
from tests.patient.conftest import words


@pytest.fixture
def offers(cast):
    """Bea waits since yesterday and Carl since today; Ada has given up her visit."""
    wait(cast, cast.bea, joined=NOW - timedelta(days=1))
    wait(cast, cast.carl, LATER + timedelta(hours=3))
    free(cast)
    return offer()


@pytest.fixture(params=["my", "link"])
def way(request, bea, anyone, cast, offers):
    """Somebody who may answer, and where."""
    if request.param == "my":
        return bea, f"/my/offers/{offers[0].id}/"
    plain = issue_link(cast.bea, purpose=LinkPurpose.OFFER, offer=offers[0], now=NOW)
    return anyone, f"/o/{plain}/"


def start_of(one):
    one.session.refresh_from_db()
    return one.session.start


def test_now_and_then_are_side_by_side_and_how_long_it_is_kept(way):
    client, address = way
    said = words(client.get(address))

    assert "Visit Now New 1 Monday 20 April, 10:00 a.m. Monday 13 April, 10:00 a.m." in said
    assert "It is kept until Wednesday 1 April, 10:00 a.m. for you" in said


def test_looking_answers_nothing(way, offers):
    client, address = way
    rows = JournalEntry.objects.count()
    client.head(address)
    client.get(address, {"answer": "accept"})

    assert (JournalEntry.objects.count(), start_of(offers[0])) == (rows, LATER)


def test_one_press_accepts_and_a_second_is_told_the_same(way, offers):
    client, address = way
    for _press in range(2):
        answer = client.post(address, {"answer": "accept"}, follow=True)
        assert "Your visit is at the earlier time" in words(answer)

    assert start_of(offers[0]) == FREED
    assert JournalEntry.objects.filter(verb="offer_accepted").count() == 1


def test_declining_leaves_everything(way, offers):
    client, address = way
    answer = client.post(address, {"answer": "decline"}, follow=True)

    assert "Your visit stays as it is You are still on the waiting list." in words(answer)
    assert start_of(offers[0]) == LATER
    assert Offer.objects.get(id=offers[0].id).status == "declined"


def test_who_comes_second_is_told_kindly(way, cast, offers):
    client, address = way
    accept_offer(offers[1], actor=cast.as_desk, now=NOW)
    said = (
        "This time is taken Somebody else who waits was a little faster. Your visit stays as it is, "
        "and you are still on the waiting list."
    )

    assert said in words(client.get(address))
    answer = client.post(address, {"answer": "accept"})
    assert (answer.status_code, said in words(answer)) == (409, True)
    assert start_of(offers[0]) == LATER


def test_who_comes_too_late_is_told_so_also_by_the_link(way, clock):
    client, address = way
    clock.forward(hours=2)

    assert "This time is no longer kept for you" in words(client.get(address))
    assert client.post(address, {"answer": "accept"}).status_code == 409


def test_when_the_time_itself_is_over_the_link_opens_nothing(anyone, cast, offers, clock):
    plain = issue_link(cast.bea, purpose=LinkPurpose.OFFER, offer=offers[0], now=NOW)
    clock.set(FREED)

    assert anyone.get(f"/o/{plain}/").status_code == 404


def test_my_visits_lead_there_as_long_as_it_is_open(bea, offers, clock):
    address = f"/my/offers/{offers[0].id}/"

    assert address in bea.get("/my/").content.decode()
    clock.forward(hours=2)
    assert address not in bea.get("/my/").content.decode()


def test_to_others_there_is_no_such_offer(ada, offers):
    assert ada.get(f"/my/offers/{offers[0].id}/").status_code == 404


@pytest.mark.parametrize("purpose", ["visit", "sign_in"])
def test_a_link_to_something_else_opens_no_offer(anyone, cast, offers, purpose):
    session = offers[0].session if purpose == "visit" else None
    plain = issue_link(cast.bea, purpose=purpose, session=session, now=NOW)

    assert anyone.get(f"/o/{plain}/").status_code == 404


def test_a_link_opens_nothing_of_another_patient(cast, offers):
    with pytest.raises(ValueError, match="nothing of another patient"):
        issue_link(cast.ada, purpose=LinkPurpose.OFFER, offer=offers[0], now=NOW)


def test_in_spanish_for_who_reads_spanish(way):
    client, address = way
    said = words(client.get(address, headers={"Accept-Language": "es"}))

    assert "Hay una hora más temprana libre" in said
    assert "No, dejar mi visita como está" in said
