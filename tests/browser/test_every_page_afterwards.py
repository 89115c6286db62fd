"""What holds for every page and state after a booking: no flaw that axe-core finds, and nothing too wide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_session
from bookings.commands.proposals import accept_proposal, decline_proposal
from bookings.models import Proposal, Series, Session
from tests.browser.conftest import PHONE


class Looks:
    """What Ada has seen, and what was wrong with it."""

    def __init__(self, ada: Any) -> None:
        self.ada, self.flaws = ada, {}

    def at(self, state: str, address: str = "", *, words: str) -> None:
        """The page at that address, else as it is now, which says those words."""
        if address:
            self.ada.go(address)
        self.ada.page.get_by_text(words).first.wait_for()
        wide = self.ada.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], state
        if found := self.ada.flaws():
            self.flaws[state] = found
        self.ada.picture(f"after-{state.replace(', ', '-').replace(' ', '-')}")


@pytest.fixture
def looks(signed_in) -> Looks:
    return Looks(signed_in())


def test_every_page_is_without_flaws_in_light_and_dark(looks, booked, practice, settings):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_FROM = "AC1", "+12025550199"
    page = looks.ada.page
    first, second, fifth = (f"/my/sessions/{booked.session(number).id}/" for number in (1, 2, 5))
    proposal = booked.proposed(practice)
    looks.at("my", "/my/", words="The clinic proposes other times")
    looks.at("visit", first, words="Who takes you home?")
    page.locator("[name=phone]").fill("1")
    page.get_by_role("button", name="Save").click()
    looks.at("wrong number", words="This is no phone number.")
    looks.at("move", f"{second}move/?others=", words="Move this visit")
    looks.at("move, no such hour", f"{second}move/?to=zzzzzz", words="Move this visit")
    looks.ada.go(f"{fifth}move/?others=").get_by_role("link", name="other moves").first.click()
    looks.at("check", words="Move all of these")
    looks.at("cancel", f"{second}cancel/", words="Cancel this visit?")
    looks.at("earlier", f"{second}earlier/", words="Wait for an earlier time")
    looks.at("data", "/my/data/", words="Everything that is kept about you")
    looks.at("links", "/my/links/", words="End all links")
    looks.at("messages", "/my/messages/", words="Which messages, and how")
    page.get_by_role("button", name="I agree: send me texts").click()
    page.get_by_role("button", name="Make the address of my calendar").click()
    page.get_by_label("No messages in the evening from").fill("22:00")
    page.get_by_role("button", name="Keep this").click()
    looks.at("messages, wrong hour", words="Please choose a time from 12:00 to 21:00.")
    looks.at("sign-in link", f"/l/{'A' * 12}/", words="Continue")
    looks.at(
        "link", booked.link("visit", session=booked.session(1)), words="This link shows this visit alone."
    )
    link = booked.link("proposal", proposal=proposal)
    looks.at("proposal", link, words="Accept the new times")
    Proposal.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    looks.at("proposal, late", f"/my/proposals/{proposal.id}/", words="These times are no longer kept")

    assert looks.flaws == {}


def test_what_has_gone_otherwise_is_without_flaws_too(looks, booked, practice):
    actor, now = patient_actor(booked.ada), timezone.now()
    second, third = booked.session(2), booked.session(3)
    declined = booked.proposed(practice)
    decline_proposal(declined, actor=actor, now=now)
    looks.at("declined", f"/my/proposals/{declined.id}/", words="You have declined these times")
    Proposal.objects.update(status="open", decided_at=None)
    accepted = Proposal.objects.get()
    link = booked.link("proposal", proposal=accepted)
    accept_proposal(accepted, actor=actor, now=now)
    looks.at("accepted", link, words="Your visits are at the new times")
    cancel_session(third, actor=actor, now=now)
    soon = now + timedelta(hours=2)
    times = {"start": soon, "end": soon + timedelta(hours=2), "chair_until": soon + timedelta(hours=3)}
    Session.objects.filter(id=second.id).update(**times)  # past its cut-off

    looks.at("my, one missing", "/my/", words="One visit of this course is not booked.")
    looks.at("make-up", f"/my/series/{booked.series.id}/make-up/", words="Book it like this")
    gone, late = f"/my/sessions/{third.id}/", f"/my/sessions/{second.id}/"
    looks.at("cancelled", gone, words="This visit is cancelled")
    looks.at("cancelled, to be cancelled", f"{gone}cancel/", words="Call the clinic")
    looks.at("late", late, words="Please call the clinic now.")
    looks.at("late, to be moved", f"{late}move/", words="Please call the clinic")
    treatment = f"clinic={practice.clinic.slug}&treatment={practice.drip.id}"
    looks.at("wait", f"/my/waiting/?{treatment}", words="Wait for a place")
    looks.ada.page.get_by_role("button", name="Put me on the waiting list").click()
    looks.at("waiting", words="Stop waiting")
    Series.objects.update(status="lapsed")
    looks.at("my, lapsed", "/my/", words="has become too long")
    Series.objects.update(status="cancelled")
    Session.objects.update(status="cancelled")
    looks.at("my, nothing", "/my/", words="Nothing is booked just now.")

    assert looks.flaws == {}
