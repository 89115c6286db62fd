"""Words of an email that may be seen by anybody: neutral, in two languages, on the clinic's wall."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from bookings.demo.protocols import PROTOCOLS
from notifications.compose import LANGUAGES, Words, words
from notifications.kinds import Channel, Kind
from tests import cast as people
from tests.notifications.saying import CHOICES_LINK, HARBOR, SIX, VISIT_LINK, content_of, prepared, visit

MOVED = visit(SIX[1], number=2, kind=Kind.CHANGE, before=datetime(2026, 4, 8, 20, tzinfo=UTC))
NEW = visit(SIX[1], kind=Kind.PROPOSAL)


def email(kind: Kind, language: str = "en", **changes) -> Words:
    return words(replace(content_of(kind, language=language), **changes), Channel.EMAIL)


class Page(HTMLParser):
    """The words of a page as a reader sees them, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("style", "title"):
            self.inside.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside and data.strip():
            self.said.append(" ".join(data.split()))


def telling_words() -> set[str]:
    """Every word that says what somebody is treated for: names, slugs, groups and phases, and what doctors
    call it.
    """
    told = {"depression", "depresión", "pain", "dolor", "psychiatr", "psiquiatr", "drug", "medic", "infusi"}
    told |= {"iv"}
    treatments = [rules for rules, _ in PROTOCOLS]
    for rules in [*treatments, people.KET6, people.BOOSTER, people.ESKETAMINE, people.INFLIXIMAB]:
        names = [rules["slug"], rules["name"], rules["spacing_group"]]
        names += [phase["name"] for phase in rules["phases"]] + [step["name"] for step in rules["steps"]]
        told |= {word for name in names for word in re.findall(r"[a-z]{3,}", name.lower())}
    # Words of everyday speech that occur in those names and tell nothing.
    everyday = "and one two six ten days weeks week sessions single check set"
    return told - set(everyday.split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("kind", Kind)
def test_no_message_says_what_somebody_is_treated_for(kind, channel, language):
    said = words(content_of(kind, language=language, visits=2), channel)
    seen = set(re.findall(r"\w+", f"{said.subject}\n{said.text}\n{said.html}".lower()))

    assert {word for word in seen for telling in telling_words() if word.startswith(telling)} == set()


def test_the_telling_words_would_be_found():
    telling = {"ketamine", "esketamine", "infliximab", "induction", "maintenance", "depression"}

    assert telling <= telling_words()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_a_subject_is_neutral_and_has_no_code_no_name_and_no_time(kind, language):
    subject = email(kind, language).subject

    assert subject.startswith(
        ("Your appointment: ", "Your sign-in ", "Su cita: ", "Su código ", "Su enlace ")
    )
    assert re.findall(r"\d|Ada|Harbor|Eve", subject) == []


@pytest.mark.parametrize("kind", Kind)
def test_every_sentence_is_said_in_spanish_too(kind):
    told = {"", "Harbor Clinic", "1 Harbor Street", "314159", VISIT_LINK, CHOICES_LINK}
    told |= {"https://appointments.harbor-health.example/l/AbCdEf123456", "Please wear loose sleeves."}

    english, spanish = email(kind, "en"), email(kind, "es")

    assert set(english.text.splitlines()) & set(spanish.text.splitlines()) <= told
    assert english.subject != spanish.subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_text_and_page_say_the_same(kind, language):
    said = email(kind, language, appointments=content_of(kind, visits=2).appointments)
    page = Page(said.html)

    plain = re.sub(r"https://\S+", "", said.text)
    in_text = set(re.findall(r"\w+", plain))
    in_page = set(re.findall(r"\w+", " ".join(page.said)))
    assert in_text - in_page == in_page - in_text == set()
    assert set(re.findall(r"https://\S+", said.text)) == {link for link in page.links if "tel:" not in link}


def test_a_letter_names_times_by_the_clinics_wall_and_a_telephone():
    appointments = (visit(SIX[0]), visit(datetime(2026, 11, 2, 15, tzinfo=UTC), number=2))

    assert email(Kind.CONFIRMATION, appointments=appointments).text == (
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
        "See your visit, or change it:\n"
        f"{VISIT_LINK}\n"
        "\n"
        "Harbor Clinic\n"
        "1 Harbor Street\n"
        "Phone: +1 202-555-0100\n"
        "\n"
        "What you hear from us, and by which way:\n"
        f"{CHOICES_LINK}\n"
    )


def test_a_letter_without_links_asks_to_call():
    said = email(Kind.REMINDER, link="", preferences_link="")

    assert "http" not in said.text
    assert Page(said.html).links == ["tel:+12025550100"]


def test_a_move_says_both_times():
    line = "- jueves 9 de abril de 2026, 10:00 EDT (antes: miércoles 8 de abril de 2026, 16:00 EDT)"

    assert line in email(Kind.CHANGE, "es", appointments=(MOVED,)).text.splitlines()


def test_a_proposal_says_what_it_would_be_instead_of():
    line = "- Thursday, April 9, 2026, 10:00 a.m. EDT (instead of Wednesday, April 8, 2026, 4:00 p.m. EDT)"

    assert line in email(Kind.PROPOSAL, appointments=(MOVED,)).text.splitlines()


def test_a_proposal_of_new_visits_speaks_of_none_that_stay():
    english, spanish = (
        email(Kind.PROPOSAL, appointments=(NEW,)),
        email(Kind.PROPOSAL, "es", appointments=(NEW,)),
    )

    assert "times for your next appointments. They are booked once you accept:" in english.text
    assert english.subject == "Your next appointments: times suggested"
    assert spanish.subject == "Sus próximas citas: horas propuestas"
    text = words(replace(content_of(Kind.PROPOSAL), appointments=(NEW,)), Channel.TEXT).text
    assert "we suggest Thu" in text
    assert "instead" not in text


def test_the_hour_that_occurs_twice_is_told_apart_by_the_name_of_its_zone():
    first = visit(datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    second = visit(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), number=2)

    lines = email(Kind.REMINDER, appointments=(first, second)).text.splitlines()
    assert [line for line in lines if line.startswith("- ")] == [
        "- Sunday, November 1, 2026, 1:30 a.m. EDT",
        "- Sunday, November 1, 2026, 1:30 a.m. EST",
    ]


def test_how_to_prepare_is_said_with_the_times_of_this_visit():
    text, eight = email(Kind.PREPARATION).text, "Monday, April 6, 2026, 8:00 a.m. EDT"

    assert text.splitlines()[8:16] == [
        "Please eat nothing from Monday, April 6, 2026, 2:00 a.m. EDT on.",
        f"You may drink water and other clear fluids until {eight}, and nothing after that.",
        "",
        "Please wear loose sleeves.",
        "",
        "Eve takes you home. If somebody else does, please tell us.",
        "",
        "Please do not drive before Tuesday, April 7, 2026, 12:10 p.m. EDT.",
    ]


@pytest.mark.parametrize(
    ("link", "asked"),
    [
        (VISIT_LINK, "Somebody has to take you home. Please tell us who it is; the link below leads there."),
        ("", "Somebody has to take you home. Please call us and tell us who it is."),
    ],
)
def test_who_drives_is_asked_for_while_nobody_has_been_named(link, asked):
    nobody = replace(prepared(visit(SIX[0])), escort_name="")

    assert asked in email(Kind.PREPARATION, appointments=(nobody,), link=link).text.splitlines()


def test_a_clinic_that_says_nothing_about_preparing_leaves_no_gap():
    bare = visit(SIX[0])

    assert "\n\n\n" not in email(Kind.PREPARATION, appointments=(bare,)).text
    assert '<p style="margin:0 0 16px"></p>' not in email(Kind.PREPARATION, appointments=(bare,)).html


@pytest.mark.parametrize(("minutes", "said"), [(1, "about 1 minute behind"), (25, "about 25 minutes behind")])
def test_a_delay_is_said_in_minutes(minutes, said):
    assert said in email(Kind.RUNNING_LATE, minutes_late=minutes).text


def test_a_language_without_words_falls_back_to_english():
    assert email(Kind.REMINDER, "tlh") == email(Kind.REMINDER, "en")


def test_names_are_text_and_not_markup():
    said = email(
        Kind.PREPARATION,
        first_name="<b>Ada & Co</b>",
        clinic=replace(HARBOR, name="A & B <i>", address="1 <s> Street"),
        appointments=(replace(prepared(visit(SIX[0])), own_words="<script>1</script>", escort_name="<u>"),),
    )

    assert said.text.startswith("Hello <b>Ada & Co</b>,\n")
    assert "Hello &lt;b&gt;Ada &amp; Co&lt;/b&gt;," in said.html
    assert re.findall(r"<(?:b|i|s|u|script)>|&amp;(?:amp|lt|gt);", said.html) == []
