"""Asking for a link to sign in: the same answer for everybody, and not too often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from bookings import signals
from tests.patient.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent() -> Iterator[list[tuple[str, str]]]:
    """To which contact links went, and their secrets."""
    links: list[tuple[str, str]] = []

    def keep(*, contact: str, token: str, **_rest: Any) -> None:
        links.append((contact, token))

    cache.clear()
    signals.sign_in_link_issued.connect(keep)
    yield links
    signals.sign_in_link_issued.disconnect(keep)


def ask(contact: str) -> Any:
    return Client().post("/sign-in/", {"contact": contact, "by": "link"}, follow=True)


def test_a_link_signs_in(cast, sent):
    ask(cast.ada.email)
    [(contact, token)] = sent

    browser = Client()
    browser.post(f"/l/{token}/")

    assert contact == cast.ada.email
    assert browser.get("/my/").status_code == 200


def test_an_unknown_contact_is_answered_the_same_and_gets_nothing(cast, sent):
    known, unknown = ask(cast.ada.email), ask("nobody@mail.example")

    assert len(sent) == 1
    assert known.redirect_chain == unknown.redirect_chain == [("/sign-in/link/", 302)]
    assert words(known).replace(cast.ada.email, "X") == words(unknown).replace("nobody@mail.example", "X")


@pytest.mark.parametrize("contact", ["ada@mail.example", "nobody@mail.example"])
def test_a_contact_gets_so_many_and_no_more(cast, sent, settings, contact):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in links of a contact": (2, 900)}

    answers = [ask(contact) for _time in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert "That was asked for very often." in words(answers[2])
    assert len(sent) == (2 if contact == cast.ada.email else 0)


def test_the_answer_is_for_whoever_asked(db):
    assert Client().get("/sign-in/link/")["Location"] == "/sign-in/"
