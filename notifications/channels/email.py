"""Email, by Django's mail settings: SMTP by EMAIL_URL, or a provider's own interface by EMAIL_PROVIDER."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from email.mime.text import MIMEText
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from notifications.channels import Invitation, Letter, NotSent
from notifications.channels.providers import id_of, refusal_of

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
    """Hand a letter to the mail server and return its Message-ID, which follows from the letter's id, or the
    id that a provider gave it.

    Raises NotSent: for ever when the server or the letter's own form refuses it, for now when nobody answers,
    when the server asks to wait, or when it does not accept our name and password (that is for people to
    mend).
    """
    mail = _mail(letter)
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
    except Exception as fault:
        raise _not_sent(fault) from None
    return id_of(mail) or mail.extra_headers["Message-ID"]


def _mail(letter: Letter) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[letter.recipient],
        headers={
            "Message-ID": f"<{letter.id}@{_domain()}>",
            "Auto-Submitted": "auto-generated",
            **letter.headers,
        },
    )
    if letter.html:
        mail.attach_alternative(letter.html, "text/html")
    if settings.EMAIL_PROVIDER:
        # Comes back with its reports.
        mail.metadata = {"message": letter.id}  # type: ignore[attr-defined]
    if len(letter.calendar) == 1 and not settings.EMAIL_PROVIDER:
        # As another form of the letter itself: so Outlook and Gmail show it as an invitation.
        (one,) = letter.calendar
        mail.attach_alternative(one.content.decode(), f"text/calendar; method={one.method}")
    else:
        # Most providers' interfaces know no third form of a letter, and no letter has six.
        for number, one in enumerate(letter.calendar, 1):
            mail.attach(_attached(one, number))
    return mail


def _attached(invitation: Invitation, number: int) -> MIMEText:
    part = MIMEText(invitation.content.decode(), "calendar", "utf-8")
    part.set_param("method", invitation.method)
    part.add_header("Content-Disposition", "attachment", filename=f"{number}.ics")
    return part


def _not_sent(fault: Exception) -> NotSent:
    """What a fault means for the letter; a fault of ours is raised as it is."""
    by_provider = refusal_of(fault)
    if by_provider is not None:
        return by_provider
    if isinstance(fault, (smtplib.SMTPNotSupportedError, BadHeaderError, ValueError)):  # no such address
        return NotSent(f"the message cannot be sent in this form: {type(fault).__name__}", for_ever=True)
    if isinstance(fault, OSError):  # no connection, time-outs, and everything else of smtplib's
        return NotSent(f"the mail server did not answer: {type(fault).__name__}", for_ever=False)
    raise fault


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
