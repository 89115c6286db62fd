"""What the carrier's reports make of a text. Everything here runs inside the caller's transaction."""

from __future__ import annotations

import logging
import re
from datetime import datetime

from notifications import carrying, optouts, timing
from notifications.batch import KEPT_LINK, LINK, erase
from notifications.carrier_codes import fault_of, retries
from notifications.falling_back import after_failure, arrived
from notifications.kinds import Channel, Status
from notifications.models import ERASED, Message, StatusReport

#: The carrier's words in the order in which they follow one another. A report counts for nothing once a
#: higher one about the same try was heard: they come late, twice and in any order.
_RANK = {
    **dict.fromkeys(("accepted", "scheduled", "queued"), 1),
    "sending": 2,
    "sent": 3,
    **dict.fromkeys(("undelivered", "failed", "canceled"), 4),
    **dict.fromkeys(("delivered", "read"), 5),
}
_LOST, _ARRIVED = 4, 5

_log = logging.getLogger(__name__)


def take_in(row: Message, report: StatusReport, *, now: datetime) -> None:
    """Bring a locked row in line with a report that is new, and save it.

    While a worker has the row, the report waits until `catch_up`.
    """
    if _outranked(row, report):
        return
    if row.status == Status.SENDING:
        report.waits = True
        report.save(update_fields=["waits"])
    else:
        _apply(row, report, now=now)


def catch_up(row: Message, *, now: datetime) -> bool:
    """Bring a locked row in line with what was reported while a worker had it; whether anything was.

    A worker that died may have handed its text over: then the carrier has told of it, and it is not to be
    handed over again.
    """
    waiting = list(row.reports.filter(waits=True))
    row.reports.filter(waits=True).update(waits=False)
    best = max(waiting, key=lambda report: _RANK.get(report.said, 0), default=None)
    if best is None or not _RANK.get(best.said):
        return False
    _apply(row, best, now=now)
    return True


def note_refusal(row: Message, code: str, *, now: datetime) -> None:
    """What the carrier's reason for not taking a text, or not delivering it, asks for besides."""
    fault = fault_of(code)
    if fault.alarm:
        _log.error("the carrier did not deliver message %s: %s; see to the account", row.id, code)
    if fault.dead and row.channel == Channel.TEXT:
        optouts.opt_out(Channel.TEXT, row.recipient, why="carrier", now=now)


def _outranked(row: Message, report: StatusReport) -> bool:
    others = row.reports.filter(provider_id=report.provider_id).exclude(id=report.id)
    highest = max((_RANK.get(other.said, 0) for other in others), default=0)
    return _RANK.get(report.said, 0) <= highest


def _apply(row: Message, report: StatusReport, *, now: datetime) -> None:
    rank = _RANK.get(report.said, 0)
    if rank == _LOST:
        # Not one of an earlier try, after which there was another, nor of one that arrived after all.
        if row.status != Status.DELIVERED and row.provider_id in ("", report.provider_id):
            _lost(row, report, now=now)
    elif rank == _ARRIVED:
        failed = row.status == Status.FAILED
        row.delivered_at = row.delivered_at or now
        _handed_over(row, report, Status.DELIVERED)
        if failed and row.series_id:
            arrived(row, now=now)
    elif rank and row.status in (Status.SENDING, Status.PLANNED):
        _handed_over(row, report, Status.SENT)


def _handed_over(row: Message, report: StatusReport, status: Status) -> None:
    row.status, row.reason = status, ""
    row.sent_at, row.provider_id = row.sent_at or report.at, report.provider_id
    row.body = re.sub(LINK, KEPT_LINK, row.body)
    erase(row)
    row.save()
    carrying.follow(row)


def _lost(row: Message, report: StatusReport, *, now: datetime) -> None:
    detail = f"{fault_of(report.error).says} ({report.error or report.said})"
    note_refusal(row, report.error, now=now)
    row.reason = detail
    wait = timing.retry_after(row.attempts) if retries(report.error, tries=row.attempts) else None
    if wait is not None and now + wait < row.expires_at and row.body != ERASED:
        row.status, row.due_at, row.sent_at, row.provider_id = Status.PLANNED, now + wait, None, ""
        row.save()
        carrying.follow(row)
        return
    row.status, row.sent_at, row.provider_id = Status.FAILED, row.sent_at or report.at, report.provider_id
    erase(row)
    row.save()
    carrying.follow(row)
    carried = row.carries.select_related("patient", "series")
    for one in (row, *carried.filter(status=Status.FAILED)):
        after_failure(one, detail=detail, now=now)
