"""Email, by Django's mail settings: SMTP, or whatever EMAIL_URL names."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from notifications.channels import Letter, NotSent

_kept: ContextVar[BaseEmailBackend | None] = ContextVar("kept", default=None)


@contextmanager
def connected() -> Iterator[None]:
    """Until the end of the block, letters go through one connection; it opens with the first of them."""
    connection = get_connection()
    token = _kept.set(connection)
    try:
        yield
    finally:
        _kept.reset(token)
        connection.close()


def send(letter: Letter) -> str:
    """Hand a letter to the mail server and return its Message-ID, which follows from the letter's id.

    Raises NotSent: for ever when the server or the letter's own form refuses it, for now when nobody answers,
    when the server asks to wait, or when it does not accept our name and password (that is for people to
    mend).
    """
    message_id = f"<{letter.id}@{_domain()}>"
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.recipient],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    try:
        _hand_over(mail)
    except smtplib.SMTPAuthenticationError as refusal:
        raise NotSent(f"the mail server does not accept us: {refusal.smtp_code}", for_ever=False) from None
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        raise NotSent(_said(code, words), for_ever=_is_final(code)) from None
    except smtplib.SMTPResponseException as refusal:
        raise NotSent(
            _said(refusal.smtp_code, refusal.smtp_error), for_ever=_is_final(refusal.smtp_code)
        ) from None
    except (
        smtplib.SMTPNotSupportedError,
        BadHeaderError,
        ValueError,
    ) as fault:  # ValueError: no such address
        raise NotSent(
            f"the message cannot be sent in this form: {type(fault).__name__}", for_ever=True
        ) from None
    except OSError as fault:  # no connection, time-outs, and everything else of smtplib's
        raise NotSent(f"the mail server did not answer: {type(fault).__name__}", for_ever=False) from None
    return message_id


def _hand_over(mail: EmailMultiAlternatives) -> None:
    kept = _kept.get()
    if kept is None:
        mail.send()
        return
    mail.connection = kept
    try:
        kept.open()
        mail.send()
    except Exception:
        kept.close()  # whatever state it is in: the next letter gets a new one
        raise


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _said(code: int, words: bytes | str) -> str:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"the mail server said {code} {said}"[:500]


def _domain() -> str:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return address.rpartition("@")[2] or "localhost"
