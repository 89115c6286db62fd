"""What a demo's mail server and carrier have kept: files in a folder, read as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import orjson

EMAIL, TEXT = "email", "text"


@dataclass(frozen=True, slots=True)
class Kept:
    """One message that somebody would have received or, of a text, that somebody sent to us."""

    to: str
    subject: str
    body: str
    sent_at: datetime
    channel: str
    sender: str = ""
    status: str = ""  # of a text: what became of it
    inbound: bool = False

    @property
    def person(self) -> str:
        """Whose mailbox or telephone it is in."""
        return self.sender if self.inbound else self.to


def kept(folder: Path, *, person: str = "", channel: str = "") -> Iterator[Kept]:
    """Newest first: the name of a file begins with the nanosecond of its arrival."""
    patterns = {EMAIL: "*.eml", TEXT: "*.json"}
    wanted = [channel] if channel else list(patterns)
    paths = [path for each in wanted for path in folder.glob(patterns[each])]
    for path in sorted(paths, key=_arrival, reverse=True):
        one = _mail(path) if path.suffix == ".eml" else _text(path)
        if not person or one.person.casefold() == person.casefold():
            yield one


def _arrival(path: Path) -> int:
    digits = path.name.partition("-")[0]
    return int(digits) if digits.isdecimal() else path.stat().st_mtime_ns


def _at(path: Path) -> datetime:
    return datetime.fromtimestamp(_arrival(path) // 10**9, UTC)  # six digits of microseconds look like a code


def _mail(path: Path) -> Kept:
    with path.open("rb") as file:
        mail: EmailMessage = BytesParser(policy=policy.default).parse(file)
    text = mail.get_body(preferencelist=("plain", "html"))
    return Kept(
        to=_addresses(mail, "to"),
        sender=_addresses(mail, "from"),
        subject=str(mail["subject"] or ""),
        body=text.get_content() if text else "",
        sent_at=_at(path),
        channel=EMAIL,
    )


def _addresses(mail: EmailMessage, header: str) -> str:
    return ", ".join(address.addr_spec for address in mail[header].addresses) if mail[header] else ""


def _text(path: Path) -> Kept:
    text = orjson.loads(path.read_bytes())
    return Kept(
        to=text["to"],
        sender=text["sender"],
        subject="",
        body=text["body"],
        sent_at=_at(path),
        channel=TEXT,
        status=text["status"],
        inbound=text["direction"] == "inbound",
    )
