"""What mail providers say when they are spoken to by django-anymail, which is installed only where one is."""

from __future__ import annotations

from django.core.mail import EmailMessage

from notifications.channels import NotSent

#: Their own faults, limits, and an account that people must mend; anything else is the letter's.
_PASSING = frozenset({401, 402, 403, 404, 408, 425, 429})


def id_of(mail: EmailMessage) -> str:
    """The provider's id of a mail that it has accepted; empty where none was asked."""
    status = getattr(mail, "anymail_status", None)
    return str(status.message_id) if status is not None and status.message_id else ""


def refusal_of(fault: Exception) -> NotSent | None:
    """What a provider's refusal means for the letter; None: it is none. It names nobody."""
    try:
        from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
    except ImportError:
        return None
    if isinstance(fault, AnymailRecipientsRefused):
        return NotSent("the mail provider refused the address", for_ever=True)
    if isinstance(fault, AnymailAPIError):
        status = fault.status_code
        if status is None:
            return NotSent("the mail provider did not answer", for_ever=False)
        passing = status in _PASSING or status >= 500
        return NotSent(f"the mail provider said {status}", for_ever=not passing, code=str(status))
    if isinstance(fault, AnymailError):
        return NotSent(f"the message cannot be sent in this form: {type(fault).__name__}", for_ever=True)
    return None
