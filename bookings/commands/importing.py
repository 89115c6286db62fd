"""What an import leaves besides patients and series: that it is under way, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Busy
from bookings.models import Clinic, IdempotencyKey, Series

#: An import that has not said for so long that it goes on was cut off; another one may begin.
SILENT = timedelta(minutes=15)
_KEY = "under way"


def begin_import(clinic: Clinic, *, digest: str, now: datetime) -> int:
    """One import at a time at each clinic, so that nobody is added twice. Refuses with `Busy` for another.

    The number that it gives is this import's own: `go_on_importing` and `end_import` ask for it.
    """
    rows = IdempotencyKey.objects.filter(caller=_caller(clinic), key=_KEY)
    try:
        with transaction.atomic(durable=True):
            rows.filter(created_at__lte=now - SILENT).delete()
            begun = IdempotencyKey.objects.create(
                caller=_caller(clinic), key=_KEY, fingerprint=bytes.fromhex(digest), created_at=now
            )
    except IntegrityError as error:
        raise Busy(retry_after=60) from error
    return begun.id


def go_on_importing(begun: int, *, now: datetime) -> None:
    """To be said before each step of an import. Refuses with `Busy` once another has begun instead."""
    if not IdempotencyKey.objects.filter(id=begun).update(created_at=now):
        raise Busy(retry_after=60)


def record_imported(
    series: Series, *, fingerprint: str, digest: str, lines: Sequence[int], actor: Actor, now: datetime
) -> None:
    """This series came from a file: by its fingerprint it is known again, however it is moved later."""
    after = {"fingerprint": fingerprint, "file": digest, "lines": list(lines)}
    with transaction.atomic(durable=True):
        journal.record("series_imported", actor=actor, now=now, series=series, after=after)


def end_import(
    clinic: Clinic,
    *,
    begun: int,
    digest: str,
    patients: int,
    series: int,
    refused: int,
    actor: Actor,
    now: datetime,
) -> None:
    """The import is over: so many patients added, series booked, and lines refused. Another one that is under
    way is left alone.
    """
    after = {"file": digest, "patients": patients, "series": series, "refused": refused}
    with transaction.atomic(durable=True):
        IdempotencyKey.objects.filter(id=begun).delete()
        journal.record("data_imported", actor=actor, now=now, clinic=clinic, after=after)


def _caller(clinic: Clinic) -> str:
    return f"import:{clinic.id}"
