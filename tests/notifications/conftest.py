"""A mailbox on a real socket, and a series to speak of."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from environ import Env

from bookings.commands.book import book_series
from bookings.models import Series
from config.mailcatcher import mailcatcher
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, Cast


@dataclass(frozen=True)
class Mailbox:
    """What a mail server has accepted."""

    folder: Path
    url: str

    @property
    def mails(self) -> list[EmailMessage]:
        """In the order of their arrival."""
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(path.read_bytes()) for path in sorted(self.folder.glob("*.eml"))]


def use_mail_server(settings, url: str) -> None:
    """Have Django's mail go to that server."""
    for name, value in Env.email_url_config(url).items():
        setattr(settings, name, value)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 2


@pytest.fixture
def mailbox(tmp_path, settings):
    """A mail server that accepts everything."""
    with mailcatcher(tmp_path / "outbox") as url:
        use_mail_server(settings, url)
        yield Mailbox(tmp_path / "outbox", url)


@pytest.fixture
def texts_set_up(settings) -> None:
    """This installation has an account at a carrier."""
    settings.TWILIO_ACCOUNT_SID = "AC00000000000000000000000000000000"


@pytest.fixture
def series(transactional_db, cast: Cast) -> Series:
    """Ada's six sessions, Mondays and Thursdays at 10:00 from 6 April, booked at NOW."""
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )
