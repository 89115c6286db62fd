"""A version takes effect when a prescriber has signed what was read; and where it is offered."""

from __future__ import annotations

import pytest

from tests.cast import make_version
from tests.frontdesk.conftest import at_the_desk, said
from tests.frontdesk.test_treatments import TREATMENTS, different

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(cast, clock):
    return at_the_desk(cast.manager)


def test_a_prescriber_signs_the_version_that_was_read(cast, prescriber):
    make_version(cast.ket6, different(lead_time_hours=12), signed_by=None)

    page = prescriber.get(f"{TREATMENTS}{cast.ket6.id}/")
    answer = prescriber.post(f"{TREATMENTS}{cast.ket6.id}/sign/", {"version": "2"})

    assert [line.label for line in page.context["lines"] if line.is_changed] == [
        "Booked by patients at least before"
    ]
    assert said(answer) == ["Signed: it is in effect for what is booked from now on."]
    assert cast.ket6.versions.get(version=2).signed_by == cast.prescriber


def test_a_version_that_came_in_between_is_not_signed_unread(cast, prescriber):
    make_version(cast.ket6, different(lead_time_hours=12), signed_by=None)
    make_version(cast.ket6, different(lead_time_hours=1), signed_by=None)

    answer = prescriber.post(f"{TREATMENTS}{cast.ket6.id}/sign/", {"version": "2"})

    assert said(answer) == ["There is a later version. Read it before you sign."]
    assert cast.ket6.versions.filter(signed_at__isnull=True).count() == 2


def test_an_older_version_on_the_page_has_no_button_to_sign(cast, prescriber):
    make_version(cast.ket6, different(lead_time_hours=12), signed_by=None)

    page = prescriber.get(f"{TREATMENTS}{cast.ket6.id}/?left=1&right=1").content.decode()

    assert "/sign/" not in page
    assert "Read it to sign it" in page


def test_it_is_offered_at_exactly_the_clinics_that_are_ticked(cast, manager):
    answer = manager.post(f"{TREATMENTS}{cast.ket6.id}/offer/", {"seen": "north west", "clinics": ["west"]})

    assert answer.status_code == 302
    assert list(cast.ket6.clinics.all()) == [cast.west]


def test_an_offer_that_somebody_changed_meanwhile_is_not_saved_over_theirs(cast, manager):
    cast.ket6.clinics.set([cast.north])

    answer = manager.post(f"{TREATMENTS}{cast.ket6.id}/offer/", {"seen": "north west", "clinics": ["west"]})

    assert answer.status_code == 412
    assert [(clinic.slug, ticked) for clinic, ticked in answer.context["offers"]] == [
        ("north", False),
        ("west", True),
    ]
    assert list(cast.ket6.clinics.all()) == [cast.north]
