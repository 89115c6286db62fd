"""What a seal of the journal is a digest of, and whether the seals still hold.

Whoever changes, removes or adds a row of the journal behind the service's back breaks the seal over it, and
whoever makes that seal anew breaks every later one. Only the last digest, kept where the database's keeper
cannot reach it, says that the chain as a whole was not made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256

import orjson

from bookings.models import JournalEntry, JournalSeal
from bookings.models.apart import KEPT_APART, digest_of_words

#: The digest that the first seal goes on from.
GENESIS = bytes(32)
_BATCH = 2_000
_SORTED = orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class Broken:
    """A seal that does not hold, and how."""

    seal: JournalSeal
    detail: str


def digest_of(seal: JournalSeal, *, before: bytes) -> tuple[bytes, int]:
    """The digest over the rows of that run as they are now, and how many they are. Reads them in batches."""
    total, count = sha256(before), 0
    rows = JournalEntry.objects.filter(id__gt=seal.after_id, id__lte=seal.last_id).order_by("id")
    for row in rows.iterator(chunk_size=_BATCH):
        total.update(_line(row))
        count += 1
    return total.digest(), count


def broken_seals(progress: Callable[[str, int], None] = lambda what, done: None) -> Iterator[Broken]:
    """Every seal that does not hold, in order; `progress` hears of the rows that were read so far.

    A run is judged from the digest that is kept with the seal before it, so that one broken seal does not
    hide whether the next one holds.
    """
    before, last, read = GENESIS, 0, 0
    for seal in JournalSeal.objects.filter(sealed_at__isnull=False).order_by("id"):
        digest, count = digest_of(seal, before=before)
        if seal.after_id != last:
            yield Broken(seal, f"The seal before it ended at row {last}: a seal is missing or was changed.")
        elif count != seal.rows:
            yield Broken(seal, f"{seal.rows} rows were sealed, and there are {count}.")
        elif digest != bytes(seal.digest or b""):
            yield Broken(seal, "A row, or the seal before it, is not what it was.")
        before, last, read = bytes(seal.digest or b""), seal.last_id, read + count
        progress("rows", read)


def changed_words() -> Iterator[JournalEntry]:
    """The rows whose words, kept apart from them, are not what was written, or are gone without having been
    erased.
    """
    rows = JournalEntry.objects.filter(after__has_key=KEPT_APART).select_related("words").order_by("id")
    for row in rows.iterator(chunk_size=_BATCH):
        words = getattr(row, "words", None)
        erased = words is not None and words.salt is None
        if words is None or not (
            erased or digest_of_words(words.said, bytes(words.salt)) == row.__dict__["after"][KEPT_APART]
        ):
            yield row


def _line(row: JournalEntry) -> bytes:
    """All that a row says, in one form: times in UTC, names in order."""
    said = [
        row.id,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.verb,
        row.actor_kind,
        _text(row.actor_id),
        _text(row.clinic_id),
        _text(row.patient_id),
        _text(row.series_id),
        _text(row.session_id),
        *(row.__dict__[name] for name in ("before", "after", "reason")),  # without words that are kept apart
    ]
    return orjson.dumps(said, option=_SORTED) + b"\n"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
