"""Pages about messages: what a patient chooses, where an email's List-Unsubscribe leads, and a calendar."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from django.test import Client

from bookings.models import Consent
from notifications.commands import send
from notifications.commands.choose import choose
from notifications.commands.react import react
from notifications.kinds import Channel, Kind, Status
from notifications.models import Choices, Message, OptOut
from notifications.optouts import opt_out
from tests.api.conftest import clock
from tests.cast import NOW
from tests.notifications.page_scenes import do, everything
from tests.patient.conftest import signed_in, words

__all__ = ["clock"]

pytestmark = pytest.mark.django_db(transaction=True)
SOON = NOW + timedelta(minutes=1)
AS_CLINIC = dict.fromkeys(
    ("reminders", "preparing", "changes", "delays", "afterwards", "suggestions"), "clinic"
)


@pytest.fixture
def ada(cast, clock) -> Client:
    return signed_in(cast.ada)


@pytest.fixture
def texts(settings) -> None:
    """An installation that sends texts."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_FROM = "AC1", "+12025550199"


# --- what a patient chooses


def test_somebody_who_is_not_signed_in_is_led_to_sign_in_and_back(cast, clock):
    answer = Client().get("/my/messages/")

    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=%2Fmy%2Fmessages%2F")


def test_looking_changes_nothing(ada, texts):
    before = everything()

    ada.get("/my/messages/")
    ada.head("/my/messages/")

    assert everything() == before


def test_reminders_by_text_alone_and_nothing_afterwards(cast, ada, texts):
    answer = do(ada, "choose", **{**AS_CLINIC, "reminders": "text", "afterwards": "nothing"})

    assert "What you chose is kept." in words(answer)
    assert Choices.objects.get(patient=cast.ada).channels == {
        "reminder": ["text"],
        "follow_up": [],
        "finished": [],
    }
    again = ada.get("/my/messages/").context["form"].initial
    assert {name: value for name, value in again.items() if value} == {
        **AS_CLINIC,
        "reminders": "text",
        "afterwards": "nothing",
    }


def test_as_the_clinic_does_forgets_what_was_chosen(cast, ada, texts):
    do(ada, "choose", **{**AS_CLINIC, "reminders": "both"})

    do(ada, "choose", **AS_CLINIC)

    assert Choices.objects.get(patient=cast.ada).channels == {}


def test_what_was_chosen_elsewhere_and_is_not_touched_here_stays(cast, ada, texts):
    choose(cast.ada, channels={"change": ["text"], "restored": []}, actor=cast.as_ada, now=NOW)

    do(ada, "choose", **{**AS_CLINIC, "delays": "email"})

    assert Choices.objects.get(patient=cast.ada).channels == {
        "change": ["text"],
        "restored": [],
        "running_late": ["email"],
    }


def test_changes_cannot_be_silenced_here(cast, ada, texts):
    answer = do(ada, "choose", **{**AS_CLINIC, "changes": "nothing"})

    assert answer.status_code == 422
    assert not Choices.objects.exists()


def test_quiet_hours_are_the_patients_to_widen(cast, ada, texts):
    do(ada, "choose", **AS_CLINIC, quiet_begins="18:30", quiet_ends="09:00")

    row = Choices.objects.get(patient=cast.ada)
    assert (row.quiet_begins, row.quiet_ends) == (time(18, 30), time(9))


@pytest.mark.parametrize(("field", "at"), [("quiet_begins", "21:01"), ("quiet_ends", "07:59")])
def test_quiet_hours_are_not_the_patients_to_narrow(ada, texts, field, at):
    answer = do(ada, "choose", **AS_CLINIC, **{field: at})

    assert answer.status_code == 422
    assert "Please choose a time from " in words(answer)
    assert f'value="{at}"' in answer.content.decode()


def test_agreeing_to_texts_keeps_the_words_that_were_shown(cast, ada, texts):
    shown = ada.get("/my/messages/")

    do(ada, "agree")

    (consent,) = Consent.objects.filter(patient=cast.ada)
    assert (consent.purpose, consent.source, consent.language) == ("texts", "page", "en")
    assert consent.wording in words(shown)
    assert "They go to (202) 555-0101." in words(ada.get("/my/messages/"))


def test_agreement_is_taken_back_as_easily(cast, ada, texts):
    do(ada, "agree")

    answer = do(ada, "withdraw")

    assert "You get no more texts." in words(answer)
    assert not Consent.objects.filter(patient=cast.ada, withdrawn_at__isnull=True).exists()


def test_texts_that_were_stopped_by_text_are_started_by_text(cast, ada, texts):
    opt_out(Channel.TEXT, cast.ada.phone, why="stop", now=NOW)

    said = words(ada.get("/my/messages/"))

    assert "To have them again, send START to (202) 555-0199 from that telephone." in said
    assert "I agree: send me texts" not in said


def test_an_installation_without_texts_does_not_speak_of_them(ada):
    assert re.findall(r"\b[Tt]exts?\b", words(ada.get("/my/messages/"))) == []


def test_a_page_of_somebody_else_shows_nothing_of_mine(cast, ada, texts):
    do(ada, "renew")

    theirs = signed_in(cast.bea).get("/my/messages/").content.decode()

    assert [word for word in ("ada@mail.example", "555-0101", "/calendar/") if word in theirs] == []


def test_the_page_is_in_spanish_for_who_reads_that(ada, texts):
    ada.cookies["django_language"] = "es"

    said = words(ada.get("/my/messages/"))

    assert "Mensajes y calendario" in said
    assert re.findall(r"\b(?:the|you|visit|clinic|emails)\b", said) == []


def test_what_is_no_action_is_not_found(ada):
    assert ada.post("/my/messages/", {"do": "delete"}).status_code == 404


# --- where List-Unsubscribe leads


@pytest.fixture
def link(series) -> str:
    """The one in Ada's confirmation."""
    react(now=NOW)
    taken = send.take(Message.objects.get(kind=Kind.CONFIRMATION).id, now=SOON)
    (address,) = re.fullmatch(r"<http://[^/]+(/\S+)>", taken.letter.headers["List-Unsubscribe"]).groups()
    return address


def statuses(series) -> list[str]:
    return [session.status for session in series.sessions.all()]


def test_who_only_looks_changes_nothing(link, clock):
    before = everything()

    answer = Client().get(link)
    Client().head(link)

    assert everything() == before
    assert "Emails about visits go to a…@mail.example." in words(answer)


def test_emails_are_stopped_by_a_button_and_no_visit_is_touched(link, series, clock):
    answer = Client().post(link, follow=True)

    assert "No more emails go to a…@mail.example" in words(answer)
    assert list(OptOut.objects.values_list("channel", "address", "why")) == [
        ("email", "ada@mail.example", "stop")
    ]
    assert statuses(series) == ["booked"] * 6


def test_a_mail_program_that_posts_by_itself_stops_emails_and_no_visit(link, series, clock):
    """RFC 8058. We do not ask for it, but some do it."""
    Client().post(link, {"List-Unsubscribe": "One-Click"})

    assert OptOut.objects.count() == 1
    assert statuses(series) == ["booked"] * 6


def test_reminders_that_wait_are_suppressed_and_come_back(link, series, clock):
    Client().post(link)
    react(now=SOON)
    stopped = set(
        Message.objects.filter(kind=Kind.REMINDER, channel="email").values_list("status", flat=True)
    )

    Client().post(link, {"do": "resume"})
    react(now=SOON)

    again = set(Message.objects.filter(kind=Kind.REMINDER, channel="email").values_list("status", flat=True))
    assert (stopped, again) == ({Status.SUPPRESSED}, {Status.PLANNED})


def test_a_link_of_another_making_leads_nowhere(link, clock):
    token = link.removesuffix("/").rpartition("/")[2]
    other = link.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B"))

    assert Client().get(other).status_code == Client().post(other).status_code == 404
    assert Client().get("/messages/stop/no-token/").status_code == 404


def test_the_link_has_no_address_in_it(link):
    assert "ada" not in link.lower()


def test_the_page_speaks_the_letters_language(link, cast, clock):
    Message.objects.filter(kind=Kind.CONFIRMATION).update(language="es")

    assert "Correos sobre sus visitas" in words(Client().get(link))
