"""`manage.py load_demo`: two made-up clinics with twelve weeks behind and twelve weeks ahead of them."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from bookings.demo.agenda import Agenda
from bookings.demo.building import build, open_doors
from bookings.demo.clinics import CLINICS, STAFF
from bookings.demo.courses import FUTURE_WEEKS, HISTORY_WEEKS, first_course
from bookings.demo.life import Life
from bookings.demo.people import patients
from bookings.models import Clinic, Series, Session, StaffMember

SEED = 20_190_305  # any number: with the same one, the same people come
#: The roster reaches past the last bookings, so that patients have openings up to the horizon for some weeks.
ROSTER_WEEKS = FUTURE_WEEKS + 14


class Command(BaseCommand):
    """Fills an empty demo installation through the commands that people use, so its journal is whole.

    Does nothing where the demo is there already, whatever has been added to it since, starts afresh where an
    earlier run was cut short, and refuses to run in an installation that is not a demo, or to begin beside a
    clinic that is not the demo's.
    """

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--patients",
            type=int,
            default=int(os.environ.get("DEMO_PATIENTS", "200")),
            help="how many made-up patients; DEMO_PATIENTS or 200 unless given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "load_demo fills a demo with made-up patients, and this installation is not one. "
                "Set DEMO=1 if it is."
            )
        if _is_complete():
            self.stdout.write("The demo is here already.")
            return
        _refuse_strangers()  # not before: whoever has used the demo may have added clinics and staff to it
        if StaffMember.objects.exists():
            self.stdout.write("An earlier run was cut short; starting afresh.")
            call_command("flush", interactive=False, verbosity=0)
        with connection.cursor() as cursor:
            # Thousands of small commits: if the machine dies meanwhile, the next run starts afresh anyway.
            cursor.execute("SET synchronous_commit = off")
            try:
                self._load(options["patients"], now=timezone.now().replace(microsecond=0))
            finally:
                cursor.execute("RESET synchronous_commit")

    def _load(self, count: int, *, now: datetime) -> None:
        random = Random(SEED)  # noqa: S311  people made up by chance, no secret
        today = now.date()
        monday = today - timedelta(days=today.weekday())
        first = monday - timedelta(weeks=HISTORY_WEEKS)
        stage = build(
            first=first,
            last=monday + timedelta(weeks=ROSTER_WEEKS),
            today=today,
            now=now - timedelta(weeks=HISTORY_WEEKS + 4),
        )
        self.stdout.write(f"Two clinics, {len(STAFF)} members of staff, {len(stage.protocols)} treatments.")
        agenda = Agenda(now=now, on_week=self._tell)
        life = Life(stage, agenda, random=random)
        for person in patients(count, random=random, today=today):
            life.expect(person, first_course(person, random=random, now=now))
        agenda.run()
        open_doors(stage, now=now)
        self.stdout.write(
            f"{Series.objects.count()} series with {Session.objects.count()} sessions; "
            f"{sum(agenda.refusals.values())} wishes refused: {dict(agenda.refusals)}."
        )

    def _tell(self, week: date, done: int) -> None:
        self.stdout.write(f"  week of {week:%d %B %Y}: {done} things done so far")


def _refuse_strangers() -> None:
    """Raise CommandError where there is a clinic or a member of staff that is not the demo's."""
    ours = {clinic.slug for clinic in CLINICS} | {person.email for person in STAFF}
    found = {
        *Clinic.objects.values_list("slug", flat=True),
        *StaffMember.objects.values_list("email", flat=True),
    }
    if strange := sorted(found - ours):
        raise CommandError(f"There is more here than the demo: {', '.join(strange)}. Nothing was changed.")


def _is_complete() -> bool:
    """Whether an earlier run came to its end, at which the demo's staff are given their passwords."""
    signing_in = [person.email for person in STAFF if person.password]
    members = list(StaffMember.objects.filter(email__in=signing_in))
    return bool(members) and all(member.has_usable_password() for member in members)
