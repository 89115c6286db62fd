"""A course that could begin, on a telephone: no flaw that axe-core finds, and nothing too wide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.actors import patient_actor, staff_actor
from bookings.commands.cancel import cancel_series
from bookings.commands.links import issue_link
from bookings.commands.roster import close
from bookings.commands.waiting import join_waiting_list
from bookings.models import HELD_BY_CLINIC, FreedPlace, Hold, JournalEntry, LinkPurpose, Offer, Role
from tests.browser.test_every_page_afterwards import Looks
from tests.cast import make_staff


@pytest.fixture
def offer(booked, practice) -> Offer:
    """Ada has given up her six visits, waits again, and is offered the same."""
    now, actor = timezone.now(), patient_actor(booked.ada)
    starts = list(booked.series.sessions.order_by("number").values_list("start", flat=True))
    first, version = booked.session(1), booked.series.protocol_version
    desk = staff_actor(make_staff("max@harbor.example", "Max", "Gray", Role.MANAGER, practice.clinic))
    cancel_series(booked.series, actor=desk, now=now)
    entry = join_waiting_list(
        booked.ada, clinic=practice.clinic, protocol=practice.drip, actor=actor, now=now
    )
    until = now + timedelta(hours=2)
    hold = Hold.objects.create(
        clinic=practice.clinic,
        protocol_version=version,
        phase=entry.phase,
        source=HELD_BY_CLINIC,
        created_at=now,
        expires_at=until,
    )
    place = FreedPlace.objects.create(
        entry=JournalEntry.objects.latest("id"),
        clinic=practice.clinic,
        protocol=practice.drip,
        starts=first.start,
        ends=first.chair_until,
        found_at=now,
    )
    return Offer.objects.create(
        entry=entry,
        place=place,
        batch=hold.id,
        start=first.start,
        chair=first.chair,
        plan=[start.isoformat() for start in starts],
        protocol_version=version,
        rank=1,
        why=[],
        status="open",
        created_at=now,
        expires_at=until,
        hold=hold,
    )


def test_the_course_is_shown_asked_again_and_booked_without_flaws(offer, booked, practice, signed_in):
    looks = Looks(signed_in())
    page, now = looks.ada.page, timezone.now()
    manager = staff_actor(practice.clinic.staff.get(email="max@harbor.example"))
    looks.at("first offer, my", "/my/", words="There is room for you")
    link = issue_link(booked.ada, purpose=LinkPurpose.OFFER, offer=offer, now=now)
    looks.at("first offer, by link", f"/o/{link}/", words="These would be your visits:")
    fourth = offer.starts[3]
    close(practice.clinic, starts=fourth, ends=fourth + timedelta(hours=1), actor=manager, now=now)
    page.get_by_role("button", name="Book these visits").click()
    looks.at("first offer, changed", words="Nothing is booked yet.")
    page.get_by_role("button", name="Book these visits").click()
    looks.at("first offer, booked", words="Your visits are booked")
    assert fourth not in offer.entry.patient.sessions.exclude(status="cancelled").values_list(
        "start", flat=True
    )
    Offer.objects.update(status="lost")
    looks.at("first offer, lost", f"/my/offers/{offer.id}/", words="Somebody else who waits was a little")

    assert looks.flaws == {}


def test_to_wait_at_several_clinics_is_one_form(booked, practice, signed_in):
    other = type(practice.clinic).objects.create(
        slug="bay", name="Bay Infusion", time_zone="America/New_York"
    )
    practice.drip.clinics.add(other)
    looks = Looks(signed_in())
    treatment = f"clinic={practice.clinic.slug}&treatment={practice.drip.id}"
    looks.at("wait, several", f"/my/waiting/?{treatment}", words="Other clinics where you would come as well")
    looks.ada.page.get_by_label("Bay Infusion").check()
    looks.ada.page.get_by_role("button", name="Put me on the waiting list").click()
    looks.ada.page.get_by_text("A place for a course, Bay Infusion").wait_for()

    assert looks.flaws == {}
