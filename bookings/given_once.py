"""Names that only one row may bear: the database judges, and the refusal names the field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from bookings.errors import Invalid


@contextmanager
def given_once(**constraints: str) -> Iterator[None]:
    """Refuses with `Invalid` at the field whose unique constraint, given by its name, the block breaks.

    Any other integrity error goes through: it is a mistake of ours, not of the caller's.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        broken = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        for field, constraint in constraints.items():
            if constraint == broken:
                raise Invalid(field, "This is taken already.") from error
        raise
