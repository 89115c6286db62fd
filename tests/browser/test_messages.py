"""The page of messages and the way out of emails, in a real browser."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from bookings.commands.links import issue_link
from bookings.models import Patient, Session
from notifications.compose import words
from notifications.kinds import Channel, Kind
from notifications.models import Choices, Message, OptOut
from notifications.stop_links import address_for
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import make_patient
from tests.notifications.saying import content_of


@pytest.fixture
def ada(practice) -> Patient:
    return make_patient("Ada", "Quill", number=1)


def signed_in(browser, patient: Patient):
    """The page of messages, as the patient's own."""
    browser.go(f"/l/{issue_link(patient, purpose='sign_in', now=timezone.now())}/")
    browser.page.locator("main form button").click()
    return browser.go("/my/messages/")


@pytest.mark.parametrize("js", [True, False])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_choosing_agreeing_and_a_calendar(visitor, ada, settings, js, size):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_FROM = "AC1", "+12025550199"
    browser = visitor(js=js, size=size)
    page = signed_in(browser, ada)

    page.get_by_role("button", name="I agree: send me texts").click()
    page.get_by_text("You get texts from now on.").wait_for()
    page.get_by_label("Reminders before a visit").select_option("By text")
    page.get_by_label("No messages in the evening from").fill("22:00")
    page.get_by_role("button", name="Keep this").click()
    page.get_by_text("Please choose a time from 12:00 to 21:00.").first.wait_for()
    assert page.get_by_label("Reminders before a visit").input_value() == "text"
    page.get_by_label("No messages in the evening from").fill("19:30")
    page.get_by_role("button", name="Keep this").click()
    page.get_by_text("What you chose is kept.").wait_for()
    page.get_by_role("button", name="Make the address of my calendar").click()
    page.get_by_role("link", name="Add it to the calendar of this device").wait_for()
    browser.picture(f"messages-{'phone' if size == PHONE else 'desktop'}")

    row = Choices.objects.get(patient=ada)
    assert (row.channels, f"{row.quiet_begins:%H:%M}") == ({"reminder": ["text"]}, "19:30")


def test_the_way_out_of_emails_has_no_flaw_and_touches_no_visit(visitor, ada):
    now = timezone.now()
    given = {"kind": Kind.REMINDER, "channel": Channel.EMAIL, "recipient": ada.email, "language": "en"}
    message = Message.objects.create(
        key="one", patient=ada, due_at=now, expires_at=now, created_at=now, **given
    )
    browser = visitor(size=PHONE)
    page = browser.go(re.sub(r"^https?://[^/]+", "", address_for(str(message.id))))
    flaws = browser.flaws()

    page.get_by_role("button", name="Send no more emails").click()
    page.get_by_text("No more emails go to a…@mail.example").wait_for()
    flaws += browser.flaws()
    browser.picture("messages-stop")

    assert OptOut.objects.filter(address=ada.email, lifted_at__isnull=True).exists()
    assert not Session.objects.exists()
    assert flaws == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_email_fits_a_narrow_telephone_and_can_be_read(chromium, language, scheme):
    page = chromium.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    faults = {}
    for kind in Kind:
        page.set_content(words(content_of(kind, language=language, visits=2), Channel.EMAIL).html)
        wide = page.evaluate("document.documentElement.scrollWidth")
        # Ink against ground, by WCAG's formula, of every element that has words of its own.
        faint = page.evaluate(CONTRAST)
        if wide > 320 or faint:
            faults[kind] = wide, faint
    page.close()

    assert faults == {}


CONTRAST = """() => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
  };
  return [...document.body.querySelectorAll('*')]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(one => {
      const [a, b] = [light(parse(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
      return [one.textContent.trim().slice(0, 30), (a + .05) / (b + .05)];
    })
    .filter(([, ratio]) => ratio < 4.5);
}"""
