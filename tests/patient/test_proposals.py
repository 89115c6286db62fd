"""Other times that the clinic proposes, answered from a message or from my visits."""

import re
from datetime import timedelta

import pytest

from bookings.commands.cancel import cancel_session
from bookings.commands.links import issue_link
from bookings.commands.next_phase import begin_next_phase
from bookings.commands.proposals import propose_moves
from bookings.models import JournalEntry, LinkPurpose, Proposal, Series
from bookings.patient.shown import code_of
from tests.bookings.commands.test_next_phase import OVER, had, two_phases
from tests.bookings.scenes import book_ket6, session, starts_of
from tests.bookings.watch_scenes import at
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york
from tests.patient.conftest import hidden, words

SIX = MONDAYS_AND_THURSDAYS
NEW = {5: new_york("2026-04-21 10:00"), 6: new_york("2026-04-24 10:00")}


@pytest.fixture
def series(cast):
    return book_ket6(cast)


@pytest.fixture
def proposal(cast, series):
    return propose_moves(series, moves=NEW, reason="Closed.", actor=cast.as_desk, now=NOW)


@pytest.fixture(params=["my", "link"])
def way(request, ada, anyone, cast, proposal):
    """Somebody who may answer, and where."""
    if request.param == "my":
        return ada, f"/my/proposals/{proposal.id}/"
    plain = issue_link(cast.ada, purpose=LinkPurpose.PROPOSAL, proposal=proposal, now=NOW)
    return anyone, f"/p/{plain}/"


def test_old_and_new_are_side_by_side(way):
    client, address = way

    assert (
        "Visit Now New 5 Monday 20 April, 10:00 a.m. Tuesday 21 April, 10:00 a.m. "
        "6 Thursday 23 April, 10:00 a.m. Friday 24 April, 10:00 a.m."
    ) in words(client.get(address))


def test_looking_answers_nothing(way, series):
    client, address = way
    rows = JournalEntry.objects.count()
    client.head(address)
    client.get(address, {"answer": "accept"})

    assert (JournalEntry.objects.count(), starts_of(series)) == (rows, SIX)


def test_one_press_accepts_and_a_second_is_told_the_same(way, series):
    client, address = way
    for _press in range(2):
        answer = client.post(address, {"answer": "accept"}, follow=True)
        assert "Thank you. Your visits are at the new times." in words(answer)
        assert "Visit Before New 5 Monday 20 April" in words(answer)

    assert starts_of(series) == [*SIX[:4], NEW[5], NEW[6]]
    assert JournalEntry.objects.filter(verb="proposal_accepted").count() == 1


def test_declining_leaves_everything(way, series):
    client, address = way
    answer = client.post(address, {"answer": "decline"}, follow=True)

    assert "Your visits stay as they are." in words(answer)
    assert "You have declined these times" in words(answer)
    assert starts_of(series) == SIX


def test_declined_and_then_accepted_says_what_it_is(way, series):
    client, address = way
    client.post(address, {"answer": "decline"})

    answer = client.post(address, {"answer": "accept"})

    assert (answer.status_code, starts_of(series)) == (409, SIX)
    assert "You have declined these times already." in words(answer)


def test_what_the_series_has_become_meanwhile_comes_first(cast, way, series):
    client, address = way
    cancel_session(session(series, 5), actor=cast.as_desk, now=NOW)

    answer = client.post(address, {"answer": "accept"})

    assert answer.status_code == 409
    assert "Your visits have changed since these times were proposed." in words(answer)


def test_too_late_is_told(ada, proposal, clock, series):
    clock.set(proposal.expires_at)

    shown = ada.get(f"/my/proposals/{proposal.id}/")
    answer = ada.post(f"/my/proposals/{proposal.id}/", {"answer": "accept"})

    assert "These times are no longer kept" in words(shown)
    assert (answer.status_code, starts_of(series)) == (409, SIX)


def test_a_late_link_is_one_that_opens_nothing(cast, anyone, proposal, clock):
    plain = issue_link(cast.ada, purpose=LinkPurpose.PROPOSAL, proposal=proposal, now=NOW)
    clock.set(proposal.expires_at - timedelta(seconds=1))
    assert anyone.get(f"/p/{plain}/").status_code == 200
    clock.set(proposal.expires_at)
    assert words(anyone.get(f"/p/{plain}/")) == words(anyone.get("/p/AAAAAAAAAAAA/"))


@pytest.mark.parametrize("answer", ["", "yes", "ACCEPT"])
def test_another_answer_is_none(way, series, answer):
    client, address = way

    assert client.post(address, {"answer": answer}).status_code == 200
    assert Proposal.objects.get().status == "open"


def test_it_waits_among_my_visits_and_nobody_elses(ada, bea, proposal):
    assert "The clinic proposes other times" in words(ada.get("/my/"))
    assert "The clinic proposes other times" not in words(bea.get("/my/"))
    assert bea.get(f"/my/proposals/{proposal.id}/").status_code == 404
    assert bea.post(f"/my/proposals/{proposal.id}/", {"answer": "accept"}).status_code == 404


def test_choosing_another_moves_the_visit_from_wherever_the_proposal_was_seen(way, series):
    client, address = way
    page = client.get(address).content.decode()
    places = re.findall(r'href="([^"]+/move/)"', page)
    assert len(places) == 2
    assert "Choose another time for visit 6" in page

    to = code_of([new_york("2026-04-24 13:00")])
    form = client.get(places[1], {"to": to})
    answer = client.post(
        places[1], {"moves": hidden(form, "moves"), "version": hidden(form, "version")[0]}, follow=True
    )

    assert "Friday 24 April, 1:00 p.m. is the new time of your visit." in words(answer)
    assert starts_of(series) == [*SIX[:5], new_york("2026-04-24 13:00")]
    assert "These times are no longer kept" in words(client.get(address))


def test_a_proposals_link_opens_the_visits_that_would_move_and_no_others(cast, anyone, proposal, clock):
    plain = issue_link(cast.ada, purpose=LinkPurpose.PROPOSAL, proposal=proposal, now=NOW)

    numbers = range(8)
    opened = [n for n in numbers if anyone.get(f"/p/{plain}/{n}/move/").status_code == 200]
    assert opened == [5, 6]
    assert anyone.get(f"/p/{'A' * 12}/5/move/").status_code == 404
    clock.set(proposal.expires_at)
    assert anyone.get(f"/p/{plain}/5/move/").status_code == 404


def test_one_press_books_the_phase_that_follows(cast, ada, clock):
    clock.set(OVER)
    over = had(cast, two_phases(cast))
    address = f"/my/proposals/{propose_moves(over, actor=cast.as_desk, now=OVER).id}/"

    shown = words(ada.get(address))
    ada.post(address, {"answer": "accept"})

    assert "The clinic proposes your next visits" in shown
    assert "They are booked once you accept." in shown
    assert [starts_of(one) for one in Series.objects.filter(phase="maintenance")] == [[at(16)]]
    assert "Your visits are at the new times" in words(ada.get(address))


def test_whom_it_came_too_late_for_is_told_so(cast, ada, clock):
    clock.set(OVER)
    over = had(cast, two_phases(cast))
    address = f"/my/proposals/{propose_moves(over, actor=cast.as_desk, now=OVER).id}/"
    begin_next_phase(over, starts=[at(17)], actor=cast.as_desk, now=OVER)

    assert "These times are no longer kept" in words(ada.get(address))
    assert ada.post(address, {"answer": "accept"}).status_code == 409
