"""Prove that nobody has changed, removed or slipped in a row of the journal since it was sealed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from bookings.management.progress import progress
from bookings.models import JournalEntry, JournalSeal
from bookings.sealing import broken_seals, changed_words


class Command(BaseCommand):
    """Ends with 1 where a seal does not hold, or where the chain has no seal with the digest expected."""

    help = "Judge every seal of the journal again. Ends with 1 when a row was changed, removed or slipped in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            metavar="DIGEST",
            help="a digest that an earlier run printed, kept elsewhere: the chain must still go through it",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        seals = JournalSeal.objects.filter(sealed_at__isnull=False)
        broken = list(broken_seals(progress(self.stderr)))
        for one in broken:
            self.stdout.write(
                f"BROKEN: {one.seal}, sealed {one.seal.sealed_at:%Y-%m-%d %H:%M}Z: {one.detail}"
            )
        reworded = list(changed_words())
        for row in reworded:
            self.stdout.write(f"BROKEN: the words of row {row.id} are not what was written, or are gone.")
        expected = options["expect"]
        astray = bool(expected) and not seals.filter(digest=_bytes(expected)).exists()
        if astray:
            self.stdout.write(f"BROKEN: no seal has the digest {expected}: the chain was made anew or cut.")
        last = seals.order_by("-id").first()
        open_rows = JournalEntry.objects.filter(id__gt=last.last_id if last else 0).count()
        self.stdout.write(
            f"{len(broken)} of {seals.count()} seals broken; {open_rows} rows are not yet under seal."
        )
        if last is not None:
            self.stdout.write(
                f"Keep this where the database's keeper cannot: {bytes(last.digest or b'').hex()}"
            )
        if broken or reworded or astray:
            sys.exit(1)


def _bytes(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return b""
