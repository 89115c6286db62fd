"""Prove the whole diary against every rule, and print whatever breaks one."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookings.management.progress import progress
from bookings.models import Clinic
from bookings.proof import Excuse, Finding, prove


class Command(BaseCommand):
    """Ends with 1 when a rule is broken that nobody overrode and no change of the roster explains."""

    help = "Judge every booked session again by every rule. Ends with 1 only for breaks that nothing excuses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", help="slug of one clinic; all of them when left out")
        parser.add_argument(
            "--json", action="store_true", help="one JSON document instead of lines for people"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        clinic = None
        if options["clinic"]:
            clinic = Clinic.objects.filter(slug=options["clinic"]).first()
            if clinic is None:
                raise CommandError(f"There is no clinic {options['clinic']!r}.")
        found = prove(clinic, now=timezone.now(), progress=progress(self.stderr))
        broken = sum(one.excuse is Excuse.NONE for one in found)
        if options["json"]:
            self.stdout.write(json.dumps({"broken": broken, "findings": [one.facts() for one in found]}))
        else:
            self._print(found)
        if broken:
            sys.exit(1)

    def _print(self, found: list[Finding]) -> None:
        for one in sorted(found, key=lambda one: (one.excuse, one.clinic, one.start)):
            mark = "BROKEN" if one.excuse is Excuse.NONE else one.excuse.value
            about = f"session {one.session}" if one.session else f"hold {one.hold}" if one.hold else "series"
            series = f" of series {one.series}" if one.series else ""
            self.stdout.write(
                f"{mark}: {one.rule} at {one.clinic}, {one.start}, {about}{series}: {one.detail}"
            )
        counts = Counter(one.excuse for one in found)
        self.stdout.write(
            f"{counts[Excuse.NONE]} broken, {counts[Excuse.OVERRIDDEN]} overridden, "
            f"{counts[Excuse.DISPLACED]} displaced by a change of the roster."
        )
