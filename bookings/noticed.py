"""Whose rows are read while a request is answered: what the record of readings says was shown.

Rows tell it themselves as they come from the database, so no page can forget to say whom it shows. Rows that
are read only to think with, such as the claims of a day, are no rows of a patient and tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Noticed:
    """What was read so far, and the reason that was given for it, if one was asked for."""

    patients: set[UUID] = field(default_factory=set)
    reason: str = ""


_current: ContextVar[Noticed | None] = ContextVar("noticed", default=None)


@contextmanager
def noticing() -> Iterator[Noticed]:
    """Collects the patients whose rows are read within the block, by this thread or task."""
    noticed = Noticed()
    token = _current.set(noticed)
    try:
        yield noticed
    finally:
        _current.reset(token)


def notice(patient: UUID | None) -> None:
    """This patient's data is read. Without effect where nobody collects."""
    noticed = _current.get()
    if noticed is not None and patient is not None:
        noticed.patients.add(patient)


def notice_all(patients: Iterable[UUID]) -> None:
    """As `notice`, for data that does not come as rows of models, such as the lines of a file."""
    noticed = _current.get()
    if noticed is not None:
        noticed.patients.update(patients)


def because(reason: str) -> None:
    """Why it is read, where somebody had to say so: kept with the record of this reading."""
    noticed = _current.get()
    if noticed is not None:
        noticed.reason = reason
