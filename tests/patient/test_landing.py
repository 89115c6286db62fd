"""The first page: the practice's clinics and treatments in plain words, for everybody, in two languages."""

import pytest
from django.test import Client

from tests.cast import Cast, make_protocol
from tests.treatments import KET6


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "6 visits, usually 3 days apart, all within 21 days. Each visit takes 2 hours 10 minutes."),
        ("es", "6 visitas, normalmente con 3 días entre una y otra, todas en 21 días."),
        ("tlh", "6 visits, usually 3 days apart"),
    ],
)
def test_it_says_what_a_treatment_asks_in_the_readers_language(client: Client, cast: Cast, language, words):
    page = client.get("/", headers={"accept-language": language}).content.decode()

    assert words in page
    assert f'<html lang="{language if language != "tlh" else "en"}">' in page


@pytest.mark.parametrize(("language", "name"), [("en", "Drip, plain"), ("es", "Gotero")])
def test_a_treatment_has_the_name_that_the_reader_understands(client: Client, cast: Cast, language, name):
    rules = KET6 | {"slug": "named", "name": "Drip, plain", "patient_name": {"es": "Gotero"}}
    make_protocol(rules, cast.north, signed_by=cast.prescriber)

    page = client.get("/", headers={"accept-language": language}).content.decode()

    assert [word for word in ("Drip, plain", "Gotero") if word in page] == [name]


def test_the_language_that_somebody_chose_stays(client: Client, cast: Cast):
    client.post("/language/", {"language": "es", "next": "/"})

    page = client.get("/", headers={"accept-language": "en"}).content.decode()

    assert '<html lang="es">' in page


def test_what_the_day_asks_is_said_before_anything_is_chosen(client: Client, cast: Cast):
    rules = KET6 | {
        "slug": "priced",
        "price": {"amount": "475.00", "currency": "USD"},
        "preparation": {"solids_hours": 6, "clear_fluids_hours": 2, "no_driving_hours": 24},
    }
    make_protocol(rules, cast.west, signed_by=cast.prescriber)

    page = client.get("/").content.decode()

    for words in (
        "$475.00 for each visit",
        "Nothing to eat for 6 hours before.",
        "Nothing to drink for 2 hours before.",
        "No driving for 24 hours after.",
        "Somebody you trust takes you home.",
        "A clinician looks at your request first.",
    ):
        assert words in page


def test_an_unsigned_treatment_is_not_offered(client: Client, cast: Cast):
    make_protocol(KET6 | {"slug": "draft", "name": "A draft"}, cast.north, signed_by=None)

    assert "A draft" not in client.get("/").content.decode()


def test_no_address_on_it_says_what_somebody_is_treated_for(client: Client, cast: Cast):
    page = client.get("/").content.decode()

    assert f'href="/book/north/{cast.ket6.id}/"' in page
    for slug in ("ket6", "esketamine", "infliximab"):
        assert f"/{slug}/" not in page


@pytest.mark.parametrize("more", [0, 3])
def test_it_asks_the_same_few_questions_however_much_there_is(
    client: Client, cast: Cast, django_assert_num_queries, more
):
    for number in range(more):
        make_protocol(KET6 | {"slug": f"more-{number}"}, cast.north, cast.west, signed_by=cast.prescriber)

    with django_assert_num_queries(3):
        client.get("/")


def test_a_demo_says_so_and_leads_on(client: Client, cast: Cast, settings):
    settings.DEMO = True

    page = client.get("/").content.decode()

    for address in ("/api/v1/docs/", "/desk/", "/desk/outbox/"):
        assert f'href="{address}"' in page


def test_otherwise_it_leads_nowhere_that_is_not_a_patients(client: Client, cast: Cast, settings):
    settings.DEMO = False

    page = client.get("/").content.decode()

    assert 'href="/desk/' not in page


@pytest.mark.parametrize("name", ["bookings/cadence.css", "bookings/cadence.js", "htmx/htmx.min.js"])
def test_what_it_needs_is_there(client: Client, name):
    assert client.get(f"/static/{name}").status_code == 200
