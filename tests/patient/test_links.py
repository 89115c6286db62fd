"""Links in messages: looking at one does nothing, and one that opens nothing says nothing."""

from datetime import timedelta

import pytest
from django.test import Client

from bookings.commands.links import end_links, issue_link
from bookings.models import AccessToken, JournalEntry, Link, LinkPurpose
from tests.bookings.scenes import book_ket6, session
from tests.cast import MONDAYS_AND_THURSDAYS, NOW
from tests.patient.conftest import link_to, words

AT_NINE = NOW


def sign_in_link(patient, *, now=AT_NINE):
    return f"/l/{issue_link(patient, purpose=LinkPurpose.SIGN_IN, now=now)}/"


def is_signed_in(client):
    return client.get("/my/").status_code == 200


def test_a_scanner_looks_a_patient_clicks_and_nobody_uses_it_again(cast, anyone, clock):
    first, second = sign_in_link(cast.ada), sign_in_link(cast.ada)
    scanner, patient, thief = Client(), Client(), Client()

    clock.set(AT_NINE + timedelta(seconds=22))
    looked = [scanner.head(first), scanner.get(first)]
    assert [one.status_code for one in looked] == [200, 200]
    assert not is_signed_in(scanner)
    assert AccessToken.objects.count() == 0

    clock.set(AT_NINE + timedelta(minutes=4))
    assert "Press Continue" in words(patient.get(first))
    assert patient.post(first)["Location"] == "/my/"
    assert is_signed_in(patient)

    clock.set(AT_NINE + timedelta(minutes=6))
    again = thief.post(first)
    clock.set(AT_NINE + timedelta(minutes=11))
    late = thief.post(second)
    unknown = thief.post("/l/AAAAAAAAAAAA/")
    assert {one.status_code for one in (again, late, unknown)} == {404}
    assert len({words(one) for one in (again, late, unknown)}) == 1
    assert "This link no longer works" in words(again)
    assert not is_signed_in(thief)
    assert JournalEntry.objects.filter(verb="signed_in").count() == 1


def test_a_page_of_a_link_asks_the_database_nothing(cast, anyone, django_assert_num_queries):
    real = sign_in_link(cast.ada)

    with django_assert_num_queries(0):
        good, bad = anyone.get(real), anyone.get("/l/AAAAAAAAAAAA/")

    assert good.status_code == bad.status_code == 200
    assert words(good) == words(bad)


def test_ten_minutes_are_the_bound(cast, clock):
    clock.set(AT_NINE + timedelta(minutes=10, microseconds=-1))
    client = Client()
    client.post(sign_in_link(cast.ada, now=AT_NINE))
    assert is_signed_in(client)

    clock.set(AT_NINE + timedelta(minutes=10))
    assert Client().post(sign_in_link(cast.ada, now=AT_NINE)).status_code == 404


def test_a_link_to_sign_in_opens_no_visit_and_the_other_way_round(cast, anyone):
    visit = link_to(session(book_ket6(cast), 2))
    to_sign_in = sign_in_link(cast.ada)

    assert anyone.get(to_sign_in.replace("/l/", "/v/")).status_code == 404
    assert anyone.get(to_sign_in.replace("/l/", "/p/")).status_code == 404
    assert anyone.get(visit.replace("/v/", "/p/")).status_code == 404
    assert anyone.post(visit.replace("/v/", "/l/")).status_code == 404


def test_a_form_from_elsewhere_uses_no_link(cast, clock):
    stranger = Client(enforce_csrf_checks=True)

    assert stranger.post(sign_in_link(cast.ada)).status_code == 403
    assert Link.objects.get().used_at is None


@pytest.mark.parametrize("address", ["", "confirm/", "move/", "cancel/", "driver/"])
def test_looking_at_any_page_of_a_visits_link_changes_nothing(cast, anyone, address):
    link = link_to(session(book_ket6(cast), 2))
    before = JournalEntry.objects.count(), list(Link.objects.values("used_at", "expires_at"))

    for look in (anyone.get, anyone.head):
        assert look(link + address).status_code in (200, 405)

    assert (JournalEntry.objects.count(), list(Link.objects.values("used_at", "expires_at"))) == before


def test_a_visits_link_works_until_the_visit_has_ended(cast, anyone, clock):
    found = session(book_ket6(cast), 2)
    link = link_to(found)

    clock.set(found.end - timedelta(seconds=1))
    assert anyone.get(link).status_code == 200
    clock.set(found.end)
    assert anyone.get(link).status_code == 404
    assert words(anyone.get(link)) == words(anyone.get("/v/AAAAAAAAAAAA/"))
    assert found.start == MONDAYS_AND_THURSDAYS[1]


def test_every_link_can_be_ended_by_its_patient(cast, ada, anyone):
    found = session(book_ket6(cast), 2)
    mine, hers = link_to(found), link_to(session(book_ket6(cast, patient=cast.bea), 2))

    ada.get("/my/links/")
    assert anyone.get(mine).status_code == 200
    answer = ada.post("/my/links/", follow=True)

    assert "Links in older messages open nothing any more" in words(answer)
    assert [anyone.get(one).status_code for one in (mine, hers)] == [404, 200]
    assert JournalEntry.objects.get(verb="links_ended").patient == cast.ada


def test_nothing_to_end_is_no_change(cast):
    assert end_links(cast.ada, actor=cast.as_ada, now=NOW) == 0
    assert not JournalEntry.objects.filter(verb="links_ended").exists()
