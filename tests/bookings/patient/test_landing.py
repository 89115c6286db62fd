"""The first page: what this is, for everybody, in two languages."""

import pytest
from django.test import Client


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("en", "Book a whole course of visits"),
        ("es", "Reserve un ciclo completo de visitas"),
        ("tlh", "Book a whole"),
    ],
)
def test_it_speaks_the_readers_language(client: Client, language, heading):
    answer = client.get("/", headers={"accept-language": language})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"<h1>{heading}" in page
    assert f'<html lang="{language if language != "tlh" else "en"}">' in page


def test_a_demo_says_so_and_leads_on(client: Client, settings):
    settings.DEMO = True

    page = client.get("/").content.decode()

    for address in ("/api/v1/docs/", "/desk/", "/desk/outbox/"):
        assert f'href="{address}"' in page


def test_otherwise_it_leads_nowhere_that_is_not_a_patients(client: Client, settings):
    settings.DEMO = False

    page = client.get("/").content.decode()

    assert 'href="/desk/' not in page


def test_its_style_sheet_is_there(client: Client):
    answer = client.get("/static/bookings/cadence.css")

    assert answer.status_code == 200
