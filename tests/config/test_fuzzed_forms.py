"""Every form of the desk and of the patients' pages, sent as no browser would: it is answered in words, never
with a fault, and nothing is half written.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property

import pytest
from django.test import Client

from bookings.commands.book import book_series
from bookings.commands.holds import hold_places
from bookings.commands.links import issue_link
from bookings.commands.proposals import propose_moves
from bookings.commands.roster import close
from bookings.commands.waiting import join_waiting_list
from bookings.models import (
    Claim,
    JournalEntry,
    LinkPurpose,
    Offer,
    Repair,
    Series,
    Session,
    Shift,
    StartTemplate,
    Task,
)
from bookings.proof import Excuse, prove
from tests.bookings.watch_scenes import watch_all
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, Cast, new_york
from tests.config.forms import Address, Form, Forms, page_addresses, spoiled
from tests.frontdesk.conftest import at_the_desk, clock
from tests.patient.conftest import signed_in
from tests.races.arena import SECONDS

__all__ = ["clock"]
#: After these nobody is signed in any more, or another language is read.
LEAVING = {"desk-logout", "sign-out", "desk-hang-up", "set_language"}


class Scene:
    """A clinic where something of every kind is there to be asked for."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        who = {"actor": cast.as_manager, "now": NOW}
        self.series = book_series(
            cast.ada, clinic=cast.north, protocol=cast.ket6, starts=MONDAYS_AND_THURSDAYS, **who
        )
        self.session = self.series.sessions.get(number=4)
        at = new_york("2026-04-14 13:00")
        other = book_series(cast.bea, clinic=cast.north, protocol=cast.booster, starts=[at], **who)
        self.entry = join_waiting_list(
            cast.bea, clinic=cast.north, protocol=cast.booster, session=other.sessions.get(), **who
        )
        self.hold = hold_places(
            cast.north, protocol=cast.booster, starts=[at + timedelta(days=8)], patient=cast.carl, **who
        )
        moved = self.series.sessions.get(number=6).start + timedelta(hours=3)
        self.proposal = propose_moves(self.series, moves={6: moved}, **who)
        night = new_york("2026-04-09 00:00")
        self.closure, _ = close(cast.north, starts=night, ends=night + timedelta(days=1), **who)
        watch_all(now=NOW)
        visit = issue_link(cast.ada, purpose=LinkPurpose.VISIT, session=self.session, now=NOW)
        proposed = issue_link(cast.ada, purpose=LinkPurpose.PROPOSAL, proposal=self.proposal, now=NOW)
        self.tokens = {"v": visit, "p": proposed}
        self.things = {
            "clinic": "north",
            "treatment": str(cast.booster.id),
            "protocol": "booster",
            "verb": "check-in",
            "report": "utilisation",
            "number": "4",
            "series": str(self.series.id),
            "session": str(self.session.id),
            "patient": str(cast.ada.id),
            "entry": str(self.entry.id),
            "hold": str(self.hold.id),
            "proposal": str(self.proposal.id),
            "closure": str(self.closure.id),
            "chair": str(cast.n1.id),
            "staff": str(cast.ana.id),
            "shift": self._first(Shift),
            "task": self._first(Task),
            "offer": self._first(Offer),
            "repair": self._first(Repair),
            "template": self._first(StartTemplate),
        }

    def _first(self, model) -> str | None:
        found = model.objects.order_by("id").first()
        return str(found.id) if found else None

    def fill(self, parameter: str, address: str) -> str | None:
        if parameter == "token":
            return self.tokens.get(address[0], "x" * 22)
        return self.things.get(parameter)

    @cached_property
    def patients(self) -> list[Client]:
        return [signed_in(self.cast.ada), Client()]

    @cached_property
    def desks(self) -> list[Client]:
        return [at_the_desk(one) for one in (self.cast.manager, self.cast.prescriber)]

    def browsers(self, address: Address) -> list[Client]:
        """Those of whoever may be at that address."""
        return self.desks if address.path.startswith("/desk/") else self.patients


def forms_of(scene: Scene) -> Iterator[tuple[Address, Form]]:
    """Every address that can be posted to, with the fields that some page sends there."""
    addresses = [one for one in page_addresses(scene.fill) if one.name not in LEAVING]
    shown: dict[str, Form] = {}
    for address in addresses:
        answer = scene.browsers(address)[0].get(address.path)
        if answer.status_code == 200 and not answer.streaming and "html" in answer["Content-Type"]:
            page = Forms(address.path)
            page.feed(answer.content.decode())
            for form in page.found:
                shown.setdefault(form.action, form)
    for address in addresses:
        yield address, shown.get(address.path) or Form(address.path)


def send(
    scene: Scene, forms: list[tuple[Address, Form]], dice: random.Random, *, as_is: int = 0
) -> list[str]:
    """What was answered with a fault, after sending each form spoiled, and then so often as it is."""
    names = sorted({name for _, form in forms for name in form.fields} - {"csrfmiddlewaretoken"})
    faults = []
    for address, form in forms:
        for number in range(1 + as_is):
            browser = dice.choice(scene.browsers(address))
            browser.raise_request_exception = False
            sent = form.fields if number else spoiled(form.fields, names, dice)
            answer = browser.post(address.path, sent)
            if answer.status_code >= 500:
                fault = answer.exc_info[1] if getattr(answer, "exc_info", None) else ""
                faults.append(f"{address.name} {sent}: {answer.status_code} {fault!r}")
            if answer.status_code == 405:
                break
    return faults


def half_written() -> list[str]:
    """What breaks a rule that nothing excuses; series, claims and rows of the journal that are not whole."""
    broken = [str(one) for one in prove(now=NOW) if one.excuse is Excuse.NONE]
    live = Counter(Session.objects.exclude(status__in=["cancelled", "no_show"]).values_list("id", flat=True))
    claims = Counter(Claim.objects.filter(hold=None).values_list("session", flat=True))
    told = set(JournalEntry.objects.values_list("series", flat=True))
    return [
        *broken,
        *(f"{one} has {claims[one]} claims" for one in live if claims[one] != 1),
        *(f"{one} is empty" for one in Series.objects.filter(sessions=None)),
        *(f"nobody booked {one}" for one in Series.objects.values_list("id", flat=True) if one not in told),
    ]


@pytest.fixture
def scene(cast: Cast, clock, settings) -> Scene:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10**9, 3600))
    return Scene(cast)


@pytest.mark.django_db(transaction=True)
def test_every_form_sent_as_no_browser_would_is_answered_in_words(scene: Scene):
    forms = list(forms_of(scene))
    assert len(forms) > 100
    assert sum(bool(form.fields) for _, form in forms) > 30
    assert send(scene, forms, random.Random(7)) == []
    assert half_written() == []


@pytest.mark.race
@pytest.mark.timeout(0)
@pytest.mark.django_db(transaction=True)
def test_so_are_they_for_as_long_as_there_is_time(scene: Scene):
    forms, until, seed = list(forms_of(scene)), time.monotonic() + SECONDS, 100
    while True:
        assert send(scene, forms, random.Random(seed), as_is=seed % 2) == []
        assert half_written() == []
        seed += 1
        if time.monotonic() > until:
            break
