"""React to the journal: write the messages that its changes ask for, once each.

The rows of the journal are the queue. A nudge after a commit makes it quick, the beat makes it sure, and it
does not matter how often or by how many workers it is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from bookings.models import JournalEntry, Offer, Series, Session
from notifications import policy, sweeping
from notifications.knowing import known_of
from notifications.models import Message, Reaction, Watermark, writing
from notifications.outgoing.announcing import announce
from notifications.planning import RESTUDIED, notice_rows, restudy
from notifications.touched import sessions_of, touched_by

BATCH = 50  # as much as is written in a second or so: others wait three for the watermark
#: No transaction is under way for so long (config/settings.py ends those that idle a minute), so no journal
#: row with a lower number can still appear behind one that was reacted to earlier than this.
SETTLES = timedelta(hours=1)

#: `unreacted`, written out: every booking asks it.
_UNREACTED = """
    SELECT * FROM bookings_journalentry entry
    WHERE id > %(after)s
      AND NOT EXISTS (SELECT FROM notifications_reaction WHERE entry_id = entry.id)
    ORDER BY id LIMIT %(most)s
"""
_LOCKED_WATERMARK = "SELECT id, entry FROM notifications_watermark WHERE id = 1 FOR UPDATE"

_log = logging.getLogger(__name__)


def react(*, now: datetime, batch: int = BATCH, step: int = sweeping.STEP) -> int:
    """React to every journal row that nobody has reacted to; how many there were. What is written meanwhile
    is for the next time.

    Messages and reactions of a batch are written in one transaction. A row that cannot be reacted to is
    logged and left for the next time, and holds up no other. What touches a whole clinic goes through its
    sessions afterwards, `step` of them in a transaction, with what is written meanwhile before each; whoever
    comes next goes on where this was cut short.
    """
    done = _react_to_all(now=now, batch=batch)
    while _sweep(step, now=now):
        done += _react_to_all(now=now, batch=batch)
    return done


def _react_to_all(*, now: datetime, batch: int) -> int:
    done = 0
    while True:
        try:
            count = _react_to(batch, now=now)
        except OperationalError:  # the database is away, or another worker reacts and takes its time
            raise
        except Exception:
            _log.exception("a batch of the journal could not be reacted to; trying one change at a time")
            return done + _react_one_by_one(now=now)
        done += count
        if count < batch:
            return done


def unreacted(after: int) -> QuerySet[JournalEntry]:
    """The journal rows behind the watermark that have no reaction, oldest first."""
    reacted = Reaction.objects.filter(entry=OuterRef("pk"))
    return JournalEntry.objects.filter(~Exists(reacted), id__gt=after).order_by("id")


def _react_to(limit: int, *, now: datetime) -> int:
    with transaction.atomic(durable=True):
        mark = _locked_watermark()
        entries = list(JournalEntry.objects.raw(_UNREACTED, {"after": mark.entry, "most": limit}))
        if len(entries) == limit and (last := entries[-1]).series_id:
            # The rows of one change are told of together, so past the limit as far as the last one goes.
            entries += unreacted(last.id).filter(series=last.series_id, at=last.at)
        if not entries:
            _advance(mark, now=now)
            return 0
        _write(entries, now=now)
        writing.insert([Reaction(entry_id=entry.id, at=now) for entry in entries])
        return len(entries)


def _react_one_by_one(*, now: datetime) -> int:
    with transaction.atomic(durable=True):
        mark = _locked_watermark()
    entries = list(unreacted(mark.entry))
    done = 0
    for change in _changes(entries):
        try:
            with transaction.atomic(durable=True):
                _locked_watermark()
                ids = [entry.id for entry in change]
                rows = list(unreacted(0).filter(id__in=ids))
                _write(rows, now=now)
                writing.insert([Reaction(entry_id=row.id, at=now) for row in rows])
                done += len(rows)
        except OperationalError:
            raise
        except Exception:
            _log.exception("journal row %d could not be reacted to", change[0].id)
    return done


def _write(entries: Sequence[JournalEntry], *, now: datetime) -> None:
    """What these changes ask for: webhooks, notices, then the reminders of what they touched."""
    announce(entries, now=now)
    changes = _changes(entries)
    found = [notice for change in changes for notice in _notices(change)]
    which = touched_by(entries)
    sweeping.begin(which.clinics, decided_at=max(entry.at for entry in entries), now=now)
    touched = sessions_of(which, now=now)
    all_series: dict[UUID, Series] = {}
    for session in touched:
        all_series[session.series_id] = session.series
    if untouched := {series for series, _ in found} - all_series.keys() - {None}:
        all_series |= Series.objects.select_related("patient", "clinic").in_bulk(untouched)
    could_begin = _not_booked([notice.offer for series, notice in found if series is None and notice.offer])
    about = [*all_series.values(), *could_begin.values()]
    if not about:
        return
    known = known_of((series.patient for series in about), about)
    rows: list[Message] = []
    for series_id, notice in found:
        if series_id is not None:
            rows.extend(notice_rows(notice, all_series[series_id], known, now=now))
        elif (series := could_begin.get(notice.offer or "")) is not None:
            rows.extend(notice_rows(notice, series, known, is_booked=False, now=now))
    changed = restudy(touched, known, decided_at=_decisions(entries), now=now)
    Message.objects.bulk_create([*rows, *changed.new], ignore_conflicts=True)
    writing.update(changed.rows, RESTUDIED)


def _changes(entries: Iterable[JournalEntry]) -> list[list[JournalEntry]]:
    """Rows that belong together: of one series, or about one offer of a course, at one moment."""
    changes: dict[tuple[UUID | str | None, datetime], list[JournalEntry]] = {}
    for entry in entries:
        changes.setdefault((entry.series_id or _offer_of(entry), entry.at), []).append(entry)
    return list(changes.values())


def _notices(change: list[JournalEntry]) -> list[tuple[UUID | None, policy.Notice]]:
    """What is to be said; with the series, or None where a course is only offered."""
    series = change[0].series_id
    if series is None and _offer_of(change[0]) is None:
        return []
    return [(series, notice) for notice in policy.notices([_as_change(entry) for entry in change])]


def _offer_of(entry: JournalEntry) -> str | None:
    offer: str | None = (entry.after or {}).get("offer")
    return offer


def _not_booked(offers: Collection[str]) -> dict[str, Series]:
    """The courses that could begin by those offers, as series that are never saved. One query, or none."""
    if not offers:
        return {}
    rows = Offer.objects.filter(id__in=offers).select_related(
        "entry__patient", "entry__clinic", "protocol_version"
    )
    return {
        str(row.id): Series(
            patient=row.entry.patient,
            clinic=row.entry.clinic,
            protocol_version=row.protocol_version,
            phase=row.entry.phase,
        )
        for row in rows
        if row.protocol_version is not None
    }


def _as_change(entry: JournalEntry) -> policy.Change:
    before, after = entry.before or {}, entry.after or {}
    if entry.verb == "offer_lost":  # what is spoken of then is the visit that stays
        after = {**after, "start": after["present"], "expires_at": None}
    expires_at = after.get("expires_at") if "offer" in after else None
    return policy.Change(
        id=entry.id,
        verb=entry.verb,
        at=entry.at,
        session=str(entry.session_id) if entry.session_id else None,
        status_before=before.get("status"),
        status_after=after.get("status"),
        start_before=datetime.fromisoformat(before["start"]) if "start" in before else None,
        start_after=datetime.fromisoformat(after["start"]) if after.get("start") else None,
        by_clinic=entry.actor_kind in ("staff", "system"),
        minutes=after.get("minutes"),
        proposal=after.get("proposal"),
        offer=after.get("offer"),
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
    )


def _decisions(entries: Iterable[JournalEntry]) -> Callable[[Session], datetime]:
    """When it was decided, as far as these rows tell, that a session is where it is."""
    at: dict[UUID | None, datetime] = {}
    for entry in entries:
        for id in (entry.session_id, entry.series_id, entry.patient_id, entry.clinic_id):  # noqa: A001
            at[id] = max(entry.at, at.get(id, entry.at))

    def decided_at(session: Session) -> datetime:
        known = [at[id] for id in (session.id, session.series_id) if id in at]  # noqa: A001
        others = (at[id] for id in (session.patient_id, session.clinic_id) if id in at)  # noqa: A001
        return max(known, default=next(others, session.start))

    return decided_at


def _sweep(most: int, *, now: datetime) -> bool:
    """Carry changes of whole clinics a step further; whether there was anything to do."""
    if not sweeping.under_way():
        return False
    with transaction.atomic(durable=True):
        _locked_watermark()
        return sweeping.step(most=most, now=now)


def _locked_watermark() -> Watermark:
    """The watermark's row, locked until the transaction ends: one reaction after another."""
    for mark in Watermark.objects.raw(_LOCKED_WATERMARK):
        return mark
    Watermark.objects.bulk_create([Watermark(id=1)], ignore_conflicts=True)  # the first reaction of all
    return Watermark.objects.select_for_update().get(id=1)


def _advance(mark: Watermark, *, now: datetime) -> None:
    """Move the mark behind everything that was reacted to `SETTLES` ago; all before it has been reacted to
    then.
    """
    settled = Reaction.objects.filter(entry__gt=mark.entry, at__lte=now - SETTLES).aggregate(
        last=Max("entry")
    )["last"]
    if settled is not None:
        mark.entry = settled
        mark.save()
