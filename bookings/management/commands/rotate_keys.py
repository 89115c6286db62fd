"""Bring every encrypted column under the first key, while the service runs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db.models import Model, TextField, Value
from django.db.models.functions import Cast

from bookings.encryption import Undecipherable, decrypted, encrypted, is_under_first_key
from bookings.management.progress import progress
from bookings.models.encrypted import EncryptedText

_AT_A_TIME = 500


class Command(BaseCommand):
    """Values that are under it already are passed over, so it may be stopped and begun again at any time.

    A value that the service changes meanwhile is left to the service, which writes under the first key. Ends
    with 1 where a value is under a key that is not among FIELD_KEYS; all others are done all the same.
    """

    help = "Encrypt what is plain or under an older key of FIELD_KEYS anew, under the first one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what is left to do")

    def handle(self, *_args: Any, **options: Any) -> None:
        tell = progress(self.stderr)
        shut = 0
        for model, field in encrypted_columns():
            done, unread = 0, 0
            for seen, (key, kept) in enumerate(_kept(model, field), 1):
                if not is_under_first_key(kept):
                    try:
                        done += options["dry_run"] or _replaced(model, field, key, kept)
                    except Undecipherable:
                        unread += 1
                tell("values", seen)
            shut += unread
            what = "to be done" if options["dry_run"] else "done"
            self.stdout.write(f"{model.__name__}.{field}: {done} {what}, {unread} under an unknown key.")
        if shut:
            sys.exit(1)


def encrypted_columns() -> list[tuple[type[Model], str]]:
    """Every column of every table that is encrypted."""
    return [
        (model, field.attname)
        for model in apps.get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001  Django's public Meta
        if isinstance(field, EncryptedText)
    ]


def _kept(model: type[Model], field: str) -> Any:
    """Keys and values as they are kept, some at a time, in the order of the keys."""
    rows = model._default_manager.annotate(kept=_raw(field)).exclude(kept="").order_by("pk")  # noqa: SLF001
    last: Any = None
    while found := list((rows.filter(pk__gt=last) if last else rows).values_list("pk", "kept")[:_AT_A_TIME]):
        yield from found
        last = found[-1][0]


def _replaced(model: type[Model], field: str, key: Any, kept: str) -> int:
    """1, or 0 where somebody has written another value since it was read."""
    new = Value(encrypted(decrypted(kept)), output_field=TextField())
    unchanged = model._default_manager.annotate(kept=_raw(field)).filter(pk=key, kept=kept)  # noqa: SLF001
    return unchanged.update(**{field: new})


def _raw(field: str) -> Cast:
    """The column as it is kept; a text field that is none of ours."""
    return Cast(field, TextField())
