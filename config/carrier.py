"""A carrier that reaches no telephone: the part of Twilio's REST interface that we use, on loopback.

Each text becomes a `.json` file, for a demo's outbox. Reports and answers are posted to PUBLIC_URL, signed
as Twilio signs them. What a text comes to is decided by the number that it goes to, as with Twilio's test
numbers, or by `Conduct`:

    +1 500 555 0001   refused: 21211, not a number      +1 500 555 0004   refused: 21610, opted out
    +1 500 555 0002   refused: 21612, no way there      +1 500 555 0009   refused: 21614, no mobile
    +1 500 555 30NN   accepted, then undelivered with error 300NN
    any other         accepted, sent, delivered
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from threading import Lock

from config.carrier_calls import Calls
from config.carrier_http import Refusal, serving

REFUSED = {"+15005550001": 21211, "+15005550002": 21612, "+15005550004": 21610, "+15005550009": 21614}
_UNDELIVERED = re.compile(r"\+150055530(\d\d)")
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"})
_START = frozenset({"START", "UNSTOP", "YES"})
STOPPED = "You have successfully been unsubscribed. You will not receive any more messages from this number."
STARTED = "You have successfully been re-subscribed to messages from this number. Reply STOP to unsubscribe."


@dataclass
class Conduct:
    """How the carrier behaves from now on; whoever tests something changes it."""

    #: What the next requests to send meet, one each: "500", "429", or "lost" (accepted, and nobody is told).
    answers: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=lambda: ["sent", "delivered"])  # in that order; none: []
    pause: float = 0.05  # seconds before each report
    queue: float = 0  # seconds for which a text waits; one that is valid for less is undelivered: 30036


@dataclass
class Text:
    """One text, in either direction."""

    sid: str
    direction: str  # outbound-api, outbound-reply (the carrier's own), inbound
    to: str
    sender: str
    body: str
    at: int  # nanoseconds since 1970
    status: str  # what it comes to; at first the carrier says "queued" of each
    error: int | None = None
    valid_for: int | None = None


class Carrier:
    """Keeps texts in a folder and reports about them."""

    def __init__(self, folder: Path, *, public_url: str, account: str, token: str, number: str) -> None:
        self.folder, self.account, self.token, self.number = folder, account, token, number
        self.inbound_url = f"{public_url}/webhooks/twilio/inbound/"
        self.url = ""  # where it listens
        self.conduct = Conduct()
        self.texts: list[Text] = []
        self.stopped: set[str] = set()  # numbers to which nothing more is sent
        self.calls = Calls(token)
        self._lock = Lock()

    @property
    def environment(self) -> dict[str, str]:
        """What an installation is told so that its texts come here."""
        return {
            "TWILIO_ACCOUNT_SID": self.account,
            "TWILIO_AUTH_TOKEN": self.token,
            "TWILIO_FROM": self.number,
            "TWILIO_MESSAGING_SERVICE_SID": "",
            "TWILIO_BASE_URL": self.url,
        }

    def accept(self, form: dict[str, str]) -> Text:
        """Take a text to send. Raises Refusal with the code that Twilio would give."""
        to, body = form.get("To", ""), form.get("Body", "")
        if not body or len(body) > 1600:
            raise Refusal(400, 21602 if not body else 21617, "A text has between 1 and 1600 signs.")
        if not form.get("From") and not form.get("MessagingServiceSid"):
            raise Refusal(400, 21603, "A 'From' phone number is required.")
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            raise Refusal(400, 21211, "The 'To' number is not a valid phone number.")
        if code := 21610 if to in self.stopped else REFUSED.get(to):
            raise Refusal(400, code, f"Refused by rule {code}.")
        valid_for = int(form.get("ValidityPeriod", "36000"))
        if not 1 <= valid_for <= 36_000:
            raise Refusal(400, 20001, "ValidityPeriod is out of range.")
        error = self._fate(to, valid_for)
        status = "undelivered" if error else "delivered"
        sender = form.get("From") or self.number
        text = self._keep("outbound-api", to, sender, body, status=status, error=error, valid_for=valid_for)
        self._report(text, form.get("StatusCallback", ""))
        return text

    def answer(self, sender: str, body: str, *, sid: str = "", times: int = 1) -> Text:
        """Somebody texts us: kept, and posted `times` times. The words that stop or start texts are obeyed,
        and answered, as Twilio does.
        """
        text = self._keep("inbound", self.number, sender, body, sid=sid, status="received")
        word = body.strip().upper()
        if word in _STOP:
            self.stopped.add(sender)
            self._keep("outbound-reply", sender, self.number, STOPPED, status="delivered")
        elif word in _START and sender in self.stopped:
            self.stopped.discard(sender)
            self._keep("outbound-reply", sender, self.number, STARTED, status="delivered")
        form = {
            **self._names(text),
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
        }
        for _ in range(times):
            self.calls.post(self.inbound_url, {**form, "SmsMessageSid": text.sid}, after=0)
        return text

    def behave(self, conduct: dict[str, object]) -> None:
        """Change parts of the conduct."""
        self.conduct = Conduct(**{**asdict(self.conduct), **conduct})

    def next_answer(self) -> str:
        """What the next request to send meets; empty for the usual."""
        with self._lock:
            return self.conduct.answers.pop(0) if self.conduct.answers else ""

    def find(self, *, sid: str = "", to: str = "") -> list[Text]:
        """Texts with this id, or to this number, or all; newest first."""
        with self._lock:
            texts = list(reversed(self.texts))
        return [one for one in texts if (not sid or one.sid == sid) and (not to or one.to == to)]

    def as_json(self, text: Text) -> dict[str, object]:
        """A text as Twilio shows it."""
        made = format_datetime(datetime.fromtimestamp(text.at // 10**9, UTC))
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": text.body,
            "date_created": made,
            "date_sent": made,
            "date_updated": made,
            "direction": text.direction,
            "error_code": text.error,
            "error_message": None,
            "from": text.sender,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": text.sid,
            "status": text.status,
            "subresource_uris": {},
            "to": text.to,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{text.sid}.json",
        }

    def _keep(
        self,
        direction: str,
        to: str,
        sender: str,
        body: str,
        *,
        sid: str = "",
        status: str,
        error: int | None = None,
        valid_for: int | None = None,
    ) -> Text:
        sid = sid or f"SM{uuid.uuid4().hex}"
        text = Text(sid, direction, to, sender, body, time.time_ns(), status, error, valid_for)
        with self._lock:
            self.texts.append(text)
        name = f"{text.at}-{text.sid}.json"
        draft = self.folder / f".{name}"
        draft.write_text(json.dumps(asdict(text)))
        draft.rename(self.folder / name)  # whoever lists the folder never reads half a text
        return text

    def _fate(self, to: str, valid_for: int) -> int | None:
        """The error with which a text will not be delivered."""
        if valid_for < self.conduct.queue:
            return 30036
        undelivered = _UNDELIVERED.fullmatch(to)
        return int(f"300{undelivered[1]}") if undelivered else None

    def _report(self, text: Text, url: str) -> None:
        """Tell whoever asked what becomes of it, in the order and at the pace of the conduct."""
        error = text.error
        for place, said in enumerate(self.conduct.reports, start=1):
            said = "undelivered" if error and said == "delivered" else said
            form = {**self._names(text), "MessageStatus": said, "SmsStatus": said}
            if error and said == "undelivered":
                form["ErrorCode"] = str(error)
            if url:
                self.calls.post(url, form, after=place * self.conduct.pause)

    def _names(self, text: Text) -> dict[str, str]:
        return {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "From": text.sender,
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "To": text.to,
        }


@contextmanager
def carrier(folder: Path, *, public_url: str, account: str, token: str, number: str) -> Iterator[Carrier]:
    """A carrier that listens at `url` on loopback as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Carrier(folder, public_url=public_url, account=account, token=token, number=number)
    with made.calls.running(), serving(made) as made.url:
        yield made
