"""The mail server's answers: handed over, not now, never."""

import socket
from contextlib import ExitStack

import pytest

from config.mailcatcher import mail_server
from notifications.channels import Letter, NotSent, email
from tests.notifications.conftest import use_mail_server

LETTER = Letter(
    id="01920000-0000-7000-8000-000000000001",
    recipient="ada@mail.example",
    subject="Your appointment: reminder",
    text="Hello",
    html="<p>Hello</p>",
)


class Answers:
    """A mail server that gives these answers."""

    def __init__(self, *, recipient: str = "250 OK", data: str = "250 OK") -> None:
        self.recipient, self.data = recipient, data

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        return self.data


@pytest.fixture
def server(settings):
    """Starts a mail server with the answers given, and has our mail go there."""
    with ExitStack() as running:

        def start(**answers: str) -> None:
            use_mail_server(settings, running.enter_context(mail_server(Answers(**answers))))

        yield start


def test_a_letter_is_handed_over_under_its_own_id(mailbox):
    assert email.send(LETTER) == "<01920000-0000-7000-8000-000000000001@localhost>"

    (mail,) = mailbox.mails
    assert mail["Message-ID"] == "<01920000-0000-7000-8000-000000000001@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(["plain"]).get_content() == "Hello"
    assert mail.get_body(["html"]).get_content() == "<p>Hello</p>"


@pytest.mark.parametrize(
    ("answers", "detail", "for_ever"),
    [
        ({"recipient": "550 No such user"}, "the mail server said 550 No such user", True),
        ({"recipient": "450 Mailbox busy"}, "the mail server said 450 Mailbox busy", False),
        ({"data": "554 Refused"}, "the mail server said 554 Refused", True),
        ({"data": "452 Full"}, "the mail server said 452 Full", False),
    ],
)
def test_a_refusal_says_whether_it_is_for_ever(server, answers, detail, for_ever):
    server(**answers)

    with pytest.raises(NotSent) as refused:
        email.send(LETTER)

    assert (refused.value.detail, refused.value.for_ever) == (detail, for_ever)


def test_a_server_that_is_away_is_for_now(settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        use_mail_server(settings, f"smtp://127.0.0.1:{unused.getsockname()[1]}")

        with pytest.raises(NotSent) as refused:
            email.send(LETTER)

    assert refused.value.for_ever is False


def test_a_server_that_does_not_answer_is_for_now(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_mail_server(settings, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        settings.EMAIL_TIMEOUT = 0.2

        with pytest.raises(NotSent) as refused:
            email.send(LETTER)

    assert (refused.value.detail, refused.value.for_ever) == (
        "the mail server did not answer: SMTPServerDisconnected",
        False,
    )


@pytest.mark.parametrize("recipient", ["ada@mail.example\nBcc: eve@mail.example", "ada@"])
def test_what_is_no_address_is_for_ever(mailbox, recipient):
    letter = Letter(id=LETTER.id, recipient=recipient, subject="Your appointment", text="Hello")

    with pytest.raises(NotSent) as refused:
        email.send(letter)

    assert refused.value.for_ever is True
    assert mailbox.mails == []
