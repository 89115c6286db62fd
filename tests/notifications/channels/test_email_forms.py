"""What an email is made of: forms, headers, invitations; by SMTP and by a provider's own interface."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from config.mail_provider import settings_for
from notifications.channels import NotSent, email
from notifications.compose import letter
from notifications.kinds import Channel, Kind
from tests.cast import NOW
from tests.notifications.calendar_client import CalendarClient
from tests.notifications.channels.mail_provider import MESSAGE_ID, provider
from tests.notifications.saying import content_of

ADA = "ada@mail.example"
ID = "01920000-0000-7000-8000-000000000001"


def letter_of(kind: Kind, *, visits: int = 1):
    return letter(content_of(kind, visits=visits), Channel.EMAIL, id=ID, recipient=ADA, now=NOW)


def forms(mail) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


def invitations(mail) -> list[tuple[str, bytes]]:
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return [(part.get_param("method"), part.get_payload(decode=True)) for part in parts]


def test_one_visit_is_an_invitation_as_another_form_of_the_letter(mailbox):
    email.send(letter_of(Kind.CHANGE))

    (mail,) = mailbox.mails
    assert forms(mail) == ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    ((method, content),) = invitations(mail)
    assert (method, CalendarClient(ADA).receive(content)) == ("REQUEST", "added")


def test_six_visits_are_six_invitations_attached(mailbox):
    email.send(letter_of(Kind.CONFIRMATION, visits=6))

    (mail,) = mailbox.mails
    assert forms(mail)[:4] == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html"]
    client = CalendarClient(ADA)
    assert [(method, client.receive(content)) for method, content in invitations(mail)] == [
        ("REQUEST", "added")
    ] * 6
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"{n}.ics" for n in range(1, 7)]


def test_a_cancellation_says_so_to_the_mail_program(mailbox):
    email.send(letter_of(Kind.CANCELLATION))

    assert [method for method, _ in invitations(mailbox.mails[0])] == ["CANCEL"]


def test_a_reminder_comes_without_an_invitation(mailbox):
    email.send(letter_of(Kind.REMINDER))

    assert forms(mailbox.mails[0]) == ["multipart/alternative", "text/plain", "text/html"]


def test_the_page_survives_the_way_whole(mailbox):
    sent = letter_of(Kind.CONFIRMATION, visits=6)
    email.send(sent)

    (mail,) = mailbox.mails
    assert mail.get_body(["plain"]).get_content().splitlines() == sent.text.splitlines()
    assert mail.get_body(["html"]).get_content().splitlines() == sent.html.splitlines()


def test_a_mail_program_is_led_to_a_page_and_never_told_that_one_click_is_enough(mailbox):
    email.send(replace(letter_of(Kind.REMINDER), headers={"List-Unsubscribe": "<https://x.example/s/1/>"}))

    (mail,) = mailbox.mails
    assert mail["List-Unsubscribe"] == "<https://x.example/s/1/>"
    assert mail["List-Unsubscribe-Post"] is None


@pytest.fixture
def postmark(settings):
    """Our mail goes to a provider's own interface."""
    settings.EMAIL_PROVIDER = "postmark"
    with provider() as asked:
        environment = {"ANYMAIL_POSTMARK_SERVER_TOKEN": "t", "ANYMAIL_POSTMARK_API_URL": asked.url}
        for name, value in settings_for("postmark", {**environment, "HOME": "/"}).items():
            setattr(settings, name, value)
        yield asked


def test_a_provider_gets_the_letter_with_our_id_and_gives_it_its_own(postmark):
    assert email.send(letter_of(Kind.CONFIRMATION, visits=2)) == MESSAGE_ID

    (asked,) = postmark.asked
    assert asked["To"] == ADA
    assert asked["Metadata"] == {"message": ID}
    assert {"Name": "Message-ID", "Value": f"<{ID}@localhost>"} in asked["Headers"]
    client = CalendarClient(ADA)
    assert [
        (each["ContentType"].split("; ")[:3], client.receive(base64.b64decode(each["Content"])))
        for each in asked["Attachments"]
    ] == [(["text/calendar", 'charset="utf-8"', 'method="REQUEST"'], "added")] * 2


@pytest.mark.parametrize(
    ("status", "code", "detail", "for_ever"),
    [
        (422, 300, "the mail provider said 422", True),
        (422, 406, "the mail provider refused the address", True),  # on its list of dead addresses
        (401, 10, "the mail provider said 401", False),  # our token: for people to mend
        (429, 0, "the mail provider said 429", False),
        (500, 0, "the mail provider said 500", False),
    ],
)
def test_a_refusal_says_whether_it_is_for_ever_and_names_nobody(postmark, status, code, detail, for_ever):
    postmark.answer = (
        status,
        {"ErrorCode": code, "Message": f"Found inactive addresses: {ADA}. Inactive recipients …"},
    )

    with pytest.raises(NotSent) as refused:
        email.send(letter_of(Kind.REMINDER))

    assert (refused.value.detail, refused.value.for_ever) == (detail, for_ever)


def test_a_provider_that_is_away_is_for_now(postmark, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": "http://127.0.0.1:9/"}

    with pytest.raises(NotSent) as refused:
        email.send(letter_of(Kind.REMINDER))

    assert (refused.value.detail, refused.value.for_ever) == ("the mail provider did not answer", False)
