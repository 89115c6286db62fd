"""Texts, by Twilio's library: at Twilio itself, or at whatever speaks its language at TWILIO_BASE_URL."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlencode

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from notifications.carrier_codes import FAULTS, fault_of
from notifications.channels import Letter, NotSent

TIMEOUT = 10  # seconds
LONGEST = 36_000  # seconds for which Twilio keeps a text at most
STATUS_PATH = "/webhooks/twilio/status/"
#: The clock of the worker that tried first may be ahead of Twilio's when we look for what it left there.
_CLOCKS_DIFFER = timedelta(minutes=5)


def is_set_up() -> bool:
    """Whether this installation sends texts at all."""
    return bool(settings.TWILIO_ACCOUNT_SID)


def send(letter: Letter) -> str:
    """Hand a text to the carrier and return its id there. Reports about it come to `STATUS_PATH`.

    The carrier drops it after `valid_for` seconds. Twilio knows no idempotency key, so a letter that was
    tried before is looked for among what the carrier has accepted, and not handed over again.
    Raises NotSent with the carrier's code: for ever as `carrier_codes` says, for now when nobody answers.
    """
    if not is_set_up():
        raise NotSent("this installation sends no texts", for_ever=True)
    client = _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_BASE_URL)
    try:
        if letter.tried_since and (known := _accepted_before(client, letter, since=letter.tried_since)):
            return known
        return str(client.messages.create(**_form(letter)).sid)
    except TwilioRestException as refusal:
        raise _not_sent(refusal) from None
    except (requests.RequestException, TwilioException, ValueError) as fault:  # ValueError: not JSON
        raise NotSent(f"the carrier did not answer: {type(fault).__name__}", for_ever=False) from None


def _form(letter: Letter) -> dict[str, str | int]:
    form: dict[str, str | int] = {
        "to": letter.recipient,
        "body": letter.text.strip(),
        "status_callback": f"{settings.PUBLIC_URL}{STATUS_PATH}?{urlencode({'message': letter.id})}",
    }
    if settings.TWILIO_MESSAGING_SERVICE_SID:
        form["messaging_service_sid"] = settings.TWILIO_MESSAGING_SERVICE_SID
    else:
        form["from_"] = settings.TWILIO_FROM
    if letter.valid_for is not None:
        form["validity_period"] = min(max(letter.valid_for, 1), LONGEST)
    return form


def _accepted_before(client: Client, letter: Letter, *, since: datetime) -> str:
    """The carrier's id of this very text, if it has accepted it since then."""
    for one in client.messages.list(to=letter.recipient, limit=50):
        ours = one.body == letter.text.strip() and str(one.direction).startswith("outbound")
        fresh = one.date_created is not None and one.date_created >= since - _CLOCKS_DIFFER
        if ours and fresh and one.status not in ("failed", "canceled"):
            return str(one.sid)
    return ""


def _not_sent(refusal: TwilioRestException) -> NotSent:
    code = str(refusal.code or "")
    if code in FAULTS:
        fault = fault_of(code)
        return NotSent(f"{fault.says} ({code})", for_ever=fault.for_ever, code=code)
    # A fault of theirs, a limit, or an account that people must mend; anything else is the text's own.
    passing = refusal.status in (401, 403, 404, 408, 429) or refusal.status >= 500
    return NotSent(f"the carrier said {refusal.status} ({code})", for_ever=not passing, code=code)


@lru_cache(maxsize=4)  # a connection is kept for the next text of this process
def _client(account: str, token: str, base_url: str) -> Client:
    client = Client(account, token, http_client=TwilioHttpClient(timeout=TIMEOUT))
    client.api.base_url = base_url
    return client
