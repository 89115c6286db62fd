"""Where the List-Unsubscribe of an email leads: a page for that address, without signing in.

The link names the message and is signed; who has it can stop emails to the address that the message went to,
or have them again, and can do nothing else.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from notifications.kinds import Channel
from notifications.models import Message


def address_for(message: str) -> str:
    """The whole address of the page, for the message with that id. It does not expire: mail lies about."""
    return f"{settings.PUBLIC_URL}/messages/stop/{_signer().sign(UUID(message).hex)}/"


def message_of(token: str) -> Message | None:
    """The email that the link came in; None for a link that we did not make."""
    try:
        named = UUID(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None
    emails = Message.objects.filter(channel=Channel.EMAIL, patient__isnull=False)
    return emails.select_related("patient").filter(id=named).first()


def _signer() -> Signer:
    return Signer(salt="notifications.stop", sep=".")
