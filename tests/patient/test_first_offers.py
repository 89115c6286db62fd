"""The first place of a course, shown with all that would follow, and answered from a message or from my
visits.
"""

from datetime import timedelta

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.links import issue_link
from bookings.commands.offer_answers import accept_offer
from bookings.commands.roster import close
from bookings.models import JournalEntry, LinkPurpose, Offer, Series
from tests.bookings.offer_scenes import FREED, HOUR, booked_up, offer, wait_for_course
from tests.cast import NOW
from tests.patient.conftest import hidden, words


@pytest.fixture
def offers(cast):
    """Bea waits since yesterday and Carl since today; Ada has given up her first visit."""
    given_up = booked_up(cast)
    wait_for_course(cast, cast.bea, joined=NOW - timedelta(days=1))
    wait_for_course(cast, cast.carl)
    cancel_session(given_up, actor=cast.as_desk, now=NOW)
    return offer()


@pytest.fixture(params=["my", "link"])
def way(request, bea, anyone, cast, offers):
    """Somebody who may answer, and where."""
    if request.param == "my":
        return bea, f"/my/offers/{offers[0].id}/"
    plain = issue_link(cast.bea, purpose=LinkPurpose.OFFER, offer=offers[0], now=NOW)
    return anyone, f"/o/{plain}/"


def beas(cast):
    return Series.objects.filter(patient=cast.bea)


def test_the_whole_course_is_shown_and_what_of_it_is_kept(way, offers):
    client, address = way
    page = client.get(address)
    said = words(page)

    assert (
        "There is room for you North These would be your visits: 1 Mon 13 April 10:00 a.m. – 12:10 p.m."
        in said
    )
    assert page.content.decode().count('class="when"') == 6
    assert "The first time is kept until Wednesday 1 April, 10:00 a.m. for you" in said
    assert "The others are not kept" in said
    assert "etamine" not in said


def test_looking_answers_nothing(way, cast):
    client, address = way
    rows = JournalEntry.objects.count()
    client.head(address)
    client.get(address, {"answer": "accept"})

    assert (JournalEntry.objects.count(), beas(cast).count()) == (rows, 0)


def test_one_press_books_all_of_it_and_a_second_is_told_the_same(way, cast, offers):
    client, address = way
    starts = hidden(client.get(address), "starts")[0]
    for _press in range(2):
        answer = client.post(address, {"answer": "accept", "starts": starts}, follow=True)
        assert "Your visits are booked" in words(answer)

    assert [one.start for one in beas(cast).get().sessions.order_by("number")] == offers[0].starts


def test_declining_books_nothing(way, cast):
    client, address = way
    answer = client.post(address, {"answer": "decline"}, follow=True)

    assert "Nothing is booked You are still on the waiting list." in words(answer)
    assert beas(cast).count() == 0


def test_when_a_later_visit_has_gone_the_patient_is_asked_again_before_anything_is_booked(way, cast, offers):
    client, address = way
    seen = hidden(client.get(address), "starts")[0]
    fourth = offers[0].starts[3]
    close(cast.north, starts=fourth, ends=fourth + HOUR, actor=cast.as_manager, now=NOW)

    answer = client.post(address, {"answer": "accept", "starts": seen})

    said = words(answer)
    assert answer.status_code in (409, 422)
    assert "Somebody was quicker One of these times has gone meanwhile. Nothing is booked yet." in said
    assert said.count("instead of") == 1
    assert beas(cast).count() == 0
    changed = hidden(answer, "starts")[0]
    assert changed != seen
    # An older page, in another tab, still books nothing but what it shows.
    assert client.post(address, {"answer": "accept", "starts": seen}).status_code == answer.status_code
    assert "Your visits are booked" in words(
        client.post(address, {"answer": "accept", "starts": changed}, follow=True)
    )
    assert fourth not in beas(cast).get().sessions.values_list("start", flat=True)


def test_when_nothing_can_follow_there_is_nothing_to_accept(way, cast, offers):
    client, address = way
    seen = hidden(client.get(address), "starts")[0]
    ends = FREED + timedelta(days=40)
    close(cast.north, starts=FREED + 12 * HOUR, ends=ends, actor=cast.as_manager, now=NOW)

    answer = client.post(address, {"answer": "accept", "starts": seen})

    assert "nothing can begin at this time" in words(answer)
    assert hidden(answer, "starts") == []


def test_who_comes_second_is_told_kindly(way, cast, offers):
    client, address = way
    accept_offer(offers[1], actor=cast.as_desk, now=NOW)

    said = (
        "This time is taken Somebody else who waits was a little faster. Nothing is booked, "
        "and you are still on the waiting list."
    )
    assert said in words(client.get(address))


def test_my_visits_lead_there_as_long_as_it_is_open(bea, offers, clock):
    address = f"/my/offers/{offers[0].id}/"

    assert address in bea.get("/my/").content.decode()
    clock.forward(hours=2)
    assert address not in bea.get("/my/").content.decode()


def test_in_spanish_for_who_reads_spanish(way):
    client, address = way
    said = words(client.get(address, headers={"Accept-Language": "es"}))

    assert "Hay sitio para usted" in said
    assert "Reservar estas visitas" in said
    assert Offer.objects.filter(status="open").count() == 2
