"""The mail and texts of a demo, which went nowhere else: files in a folder, read as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings.frontdesk.signing_in import for_staff

MOST = 200


@dataclass(frozen=True, slots=True)
class Mail:
    """One message that somebody would have received."""

    to: str
    subject: str
    body: str
    sent_at: datetime
    channel: str


@require_safe
@never_cache
@for_staff
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest mails of a demo, as a page or, for `Accept: application/json`, as a list. `?to=` is one
    address.
    """
    if not (settings.DEMO and settings.OUTBOX_DIR):
        raise Http404
    wanted = request.GET.get("to", "").strip()
    mails = list(islice(_mails(Path(settings.OUTBOX_DIR), to=wanted), MOST))
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse([asdict(mail) for mail in mails], safe=False)
    return render(request, "frontdesk/outbox.html", {"mails": mails, "to": wanted, "most": MOST})


def _mails(folder: Path, *, to: str) -> Iterator[Mail]:
    """Newest first: the name of a file begins with the nanosecond of its arrival."""
    for path in sorted(folder.glob("*.eml"), key=_arrival, reverse=True):
        with path.open("rb") as file:
            mail = _read(BytesParser(policy=policy.default).parse(file), arrived=_arrival(path))
        if not to or mail.to.casefold() == to.casefold():
            yield mail


def _arrival(path: Path) -> int:
    digits = path.name.partition("-")[0]
    return int(digits) if digits.isdecimal() else path.stat().st_mtime_ns


def _read(mail: EmailMessage, *, arrived: int) -> Mail:
    text = mail.get_body(preferencelist=("plain", "html"))
    return Mail(
        to=", ".join(address.addr_spec for address in mail["to"].addresses) if mail["to"] else "",
        subject=str(mail["subject"] or ""),
        body=text.get_content() if text else "",
        sent_at=datetime.fromtimestamp(arrived // 10**9, UTC),  # six digits of microseconds look like a code
        channel="email",
    )
