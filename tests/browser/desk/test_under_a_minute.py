"""Somebody new rings and is booked for six visits by the keyboard alone: key by key, in under a minute.

The seconds are those of the keystroke-level model (Card, Moran and Newell, 1980), whatever this machine does
meanwhile: an average typist's key, a thought before each decision, a second for each page to come, and words
read aloud at the pace of speech.
"""

from __future__ import annotations

from dataclasses import dataclass

from bookings.models import Patient, Series
from tests.browser.desk.conftest import await_focus

KEY, THOUGHT, PAGE, WORD = 0.28, 1.35, 1.0, 60 / 150


@dataclass
class Caller:
    """What goes on at the keyboard while somebody is on the telephone."""

    page: object
    keys: int = 0
    thoughts: int = 0
    pages: int = 0
    words: int = 0

    @property
    def seconds(self) -> float:
        return self.keys * KEY + self.thoughts * THOUGHT + self.pages * PAGE + self.words * WORD

    def presses(self, *keys: str) -> None:
        self.thoughts += 1
        self.keys += len(keys)
        for key in keys:
            self.page.keyboard.press(key)

    def writes(self, text: str, *then: str) -> None:
        self.keys += len(text) + sum(letter.isupper() for letter in text)
        self.page.keyboard.type(text)
        self.presses(*then)

    def comes_to(self, address: str, selector: str) -> None:
        self.pages += 1
        self.page.wait_for_url(address)
        await_focus(self.page, selector)


def test_a_new_caller_has_six_visits_within_a_minute(at, sits_down):
    desk = sits_down(at.desk)
    dee = Caller(desk.go(at.path()))
    page = dee.page

    dee.presses("/")
    dee.comes_to("**/search/", "#q")
    dee.writes("Nora Nash", "Enter")
    dee.comes_to("**/search/?q=Nora+Nash", "#found a")  # nobody is found, and the way on is under the finger
    dee.presses("Enter")
    dee.comes_to("**/patients/new/**", "[name=birth_date]")
    dee.writes("04021988", "Tab", "Tab")
    dee.writes("2025550177", "Enter")
    dee.comes_to("**/plan/", "[name=treatment]")
    dee.writes("k", *["Tab"] * 12)  # past the date and the weekdays
    await_focus(page, "[name=not_before]")
    dee.writes("0200PM", "Enter")  # what the caller wishes
    dee.pages += 1
    page.wait_for_url("**/plan/?treatment=ket6*")
    best = page.locator(".plans li").first
    dee.words += len(best.locator("h2, p").all_inner_texts()[0].split())
    dee.words += len(best.locator("p").inner_text().split())
    dee.presses("1")
    dee.pages += 1
    page.get_by_text("Nora Nash: 6 visits are booked.").wait_for()

    nora = Patient.objects.get(last_name="Nash")
    assert (nora.birth_date.isoformat(), nora.phone) == ("1988-04-02", "+12025550177")
    hours = [
        visit.start.astimezone(at.clinic.zone).hour
        for visit in Series.objects.get(patient=nora).sessions.all()
    ]
    assert (len(hours), min(hours)) == (6, 14)
    print(
        f"{dee.keys} keys, {dee.thoughts} thoughts, {dee.pages} pages, {dee.words} words: {dee.seconds:.1f} s"
    )
    assert dee.seconds <= 60
