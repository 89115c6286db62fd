"""Ada at the pages for patients, by a clock that stands still until a test moves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from bookings import signals
from bookings.commands.links import issue_link
from bookings.models import LinkPurpose, Patient
from tests.api.conftest import Clock, clock
from tests.browser.practice import Practice, make_practice
from tests.cast import NOW, Cast

__all__ = ["clock"]


def signed_in(patient: Patient, *, csrf: bool = False) -> Client:
    """A browser that is the patient's, by a link that was sent to them."""
    client = Client(enforce_csrf_checks=csrf)
    token = issue_link(patient, purpose=LinkPurpose.SIGN_IN, now=NOW)
    client.post(f"/l/{token}/")
    return client


@pytest.fixture
def ada(cast: Cast, clock: Clock) -> Client:
    return signed_in(cast.ada)


@pytest.fixture
def bea(cast: Cast, clock: Clock) -> Client:
    return signed_in(cast.bea)


@pytest.fixture
def anyone(db, clock: Clock) -> Client:
    """Somebody who is not signed in."""
    return Client()


def words(answer: Any) -> str:
    """What a reader sees of the page's main part, on one line."""
    html = answer.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def hidden(answer: Any, name: str) -> list[str]:
    """The values of a hidden field, form by form."""
    return re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', answer.content.decode())


def link_to(session: Any) -> str:
    """The address of a fresh link to that visit."""
    return f"/v/{issue_link(session.patient, purpose=LinkPurpose.VISIT, session=session, now=NOW)}/"


@pytest.fixture
def practice(transactional_db) -> Practice:
    """A clinic that can be booked from now on: the booking pages have no other clock."""
    cache.clear()
    return make_practice()


@pytest.fixture
def codes() -> Iterator[dict[str, str]]:
    """The last code that went to each contact."""
    sent: dict[str, str] = {}

    def keep(*, contact: str, code: str, **_rest: Any) -> None:
        sent[contact] = code

    signals.login_code_issued.connect(keep)
    yield sent
    signals.login_code_issued.disconnect(keep)
