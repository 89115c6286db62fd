"""Words that may be seen by anybody: neutral, in two languages, on the clinic's wall."""

import re
from datetime import UTC, datetime

import pytest

from bookings.demo.protocols import PROTOCOLS
from bookings.models import Clinic
from notifications.compose import LANGUAGES, Appointment, Words, as_html, compose
from notifications.kinds import Kind
from tests import cast as people

CLINIC = Clinic(
    name="Harbor Clinic", time_zone="America/New_York", phone="+1 202-555-0100", address="1 Harbor Street"
)
MONDAY = Appointment(datetime(2026, 4, 6, 14, tzinfo=UTC))
MOVED = Appointment(datetime(2026, 4, 9, 14, tzinfo=UTC), before=datetime(2026, 4, 8, 20, tzinfo=UTC))


def words(kind: Kind, language: str, *appointments: Appointment) -> Words:
    if kind == Kind.LOGIN_CODE:
        return compose(kind, language=language, code="314159")
    return compose(kind, language=language, clinic=CLINIC, first_name="Ada", appointments=appointments)


def whole(kind: Kind, language: str) -> str:
    said = words(kind, language, MONDAY, MOVED)
    return f"{said.subject}\n{said.text}\n{as_html(said, language=language)}"


def treatments() -> list[dict]:
    cast = [people.KET6, people.BOOSTER, people.ESKETAMINE, people.INFLIXIMAB]
    return [*(rules for rules, _ in PROTOCOLS), *cast]


def telling_words() -> set[str]:
    """Every word that says what somebody is treated for: names, slugs, groups and phases, and what doctors
    call it.
    """
    told = {
        "depression",
        "depresión",
        "pain",
        "dolor",
        "psychiatr",
        "psiquiatr",
        "drug",
        "medic",
        "infusi",
        "iv",
    }
    for rules in treatments():
        names = [rules["slug"], rules["name"], rules["spacing_group"]]
        names += [phase["name"] for phase in rules["phases"]] + [step["name"] for step in rules["steps"]]
        told |= {word for name in names for word in re.findall(r"[a-z]{3,}", name.lower())}
    # Words of everyday speech that occur in those names and tell nothing.
    return told - {
        "and",
        "one",
        "two",
        "six",
        "ten",
        "days",
        "weeks",
        "week",
        "sessions",
        "single",
        "check",
        "set",
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_no_message_says_what_somebody_is_treated_for(kind, language):
    said = set(re.findall(r"\w+", whole(kind, language).lower()))

    assert {word for word in said for telling in telling_words() if word.startswith(telling)} == set()


def test_the_telling_words_would_be_found():
    assert {
        "ketamine",
        "esketamine",
        "infliximab",
        "induction",
        "maintenance",
        "depression",
    } <= telling_words()


@pytest.mark.parametrize("kind", Kind)
def test_a_subject_is_neutral_and_has_no_code_no_name_and_no_time(kind):
    subject = words(kind, "en", MONDAY).subject

    assert subject.startswith(("Your appointment: ", "Your sign-in code"))
    assert re.findall(r"\d|Ada|Harbor", subject) == []


@pytest.mark.parametrize("kind", Kind)
def test_every_sentence_is_said_in_spanish_too(kind):
    same = {"", "Harbor Clinic", "1 Harbor Street"}

    english = set(words(kind, "en", MONDAY).text.splitlines()) | {words(kind, "en").subject}
    spanish = set(words(kind, "es", MONDAY).text.splitlines()) | {words(kind, "es").subject}

    assert english & spanish <= same


def test_a_letter_names_times_by_the_clinics_wall_and_a_telephone():
    assert words(
        Kind.CONFIRMATION, "en", MONDAY, Appointment(datetime(2026, 11, 2, 15, tzinfo=UTC))
    ).text == (
        "Hello Ada,\n"
        "\n"
        "Your 2 appointments are booked:\n"
        "\n"
        "- Monday, April 6, 2026, 10:00 a.m. EDT\n"
        "- Monday, November 2, 2026, 10:00 a.m. EST\n"
        "\n"
        "Times are those of the clinic (America/New York).\n"
        "\n"
        "We will remind you before each visit. If you cannot come, please call us.\n"
        "\n"
        "Harbor Clinic\n"
        "1 Harbor Street\n"
        "Phone: +1 202-555-0100\n"
    )


def test_a_move_says_both_times():
    line = "- jueves 9 de abril de 2026, 10:00 EDT (antes: miércoles 8 de abril de 2026, 16:00 EDT)"

    assert line in words(Kind.CHANGE, "es", MOVED).text.splitlines()


def test_the_hour_that_occurs_twice_is_told_apart_by_the_name_of_its_zone():
    first = Appointment(datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    second = Appointment(datetime(2026, 11, 1, 6, 30, tzinfo=UTC))

    lines = words(Kind.REMINDER, "en", first, second).text.splitlines()
    assert [line for line in lines if line.startswith("- ")] == [
        "- Sunday, November 1, 2026, 1:30 a.m. EDT",
        "- Sunday, November 1, 2026, 1:30 a.m. EST",
    ]


def test_a_language_without_words_falls_back_to_english():
    assert words(Kind.REMINDER, "tlh", MONDAY) == words(Kind.REMINDER, "en", MONDAY)


def test_names_are_text_and_not_markup():
    said = compose(
        Kind.REMINDER, language="en", clinic=CLINIC, first_name="<b>Ada & Co</b>", appointments=[MONDAY]
    )

    assert said.text.startswith("Hello <b>Ada & Co</b>,\n")
    assert "Hello &lt;b&gt;Ada &amp; Co&lt;/b&gt;," in as_html(said, language="en")
