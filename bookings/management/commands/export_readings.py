"""Who has looked at whom, as a file for an auditor."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from bookings.frontdesk.figures import cells
from bookings.models import Reading, StaffMember
from bookings.queries.readings import readings_of

HEAD = (
    "at", "actor_kind", "actor_id", "staff_email", "purpose", "route", "about", "about_id", "patients",
    "reason", "request_id",
)  # fmt: skip
_AT_A_TIME = 2_000


class Command(BaseCommand):
    """Writes to standard output, oldest first, however many there are; no cell is read as a formula."""

    help = "Write the record of readings as CSV: who was shown whose data, when, by which door and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="the first day, in UTC")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="the last day, in UTC")
        parser.add_argument("--patient", type=UUID, help="of one patient alone, by id")
        parser.add_argument("--staff", help="of one member of staff alone, by email address")

    def handle(self, *_args: Any, **options: Any) -> None:
        rows = readings_of(options["patient"]) if options["patient"] else Reading.objects.all()
        if options["staff"]:
            who = StaffMember.objects.filter(email=options["staff"].lower()).values("id")
            rows = rows.filter(actor_kind="staff", actor_id__in=who)
        if options["first"]:
            rows = rows.filter(at__gte=_midnight(options["first"]))
        if options["last"]:
            rows = rows.filter(at__lt=_midnight(options["last"] + timedelta(days=1)))
        emails = dict(StaffMember.objects.values_list("id", "email"))
        for line in cells.lines(HEAD, _lines(rows.order_by("id").iterator(_AT_A_TIME), emails)):
            self.stdout.write(line, ending="")


def _lines(rows: Iterator[Reading], emails: dict[UUID, str]) -> Iterator[tuple[Any, ...]]:
    for one in rows:
        at = one.at.astimezone(UTC).isoformat(timespec="milliseconds")
        email = emails.get(one.actor_id, "") if one.actor_id else ""
        whose = " ".join(map(str, one.patients))
        yield (
            *(at, one.actor_kind, one.actor_id, email, one.purpose, one.route, one.about, one.about_id),
            *(whose, one.reason, one.request_id),
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
