"""Erase who a patient is, on their request."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bookings.actors import SYSTEM
from bookings.commands.erasing import erase_patient
from bookings.errors import Refused
from bookings.models import Patient


class Command(BaseCommand):
    """As the desk's page for managers does it; docs/privacy.md says what goes and what stays."""

    help = "Erase who a patient is: names, contacts and words. The visits stay, in nobody's name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("patient", type=UUID, help="the patient's id")
        parser.add_argument("--reason", required=True, help="why, and who asked for it")
        parser.add_argument(
            "--despite-retention",
            action="store_true",
            help="although the record must be kept for longer: say in the reason by which law",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        patient = Patient.objects.filter(id=options["patient"]).first()
        if patient is None:
            raise CommandError("There is no such patient.")
        try:
            erase_patient(
                patient,
                reason=options["reason"],
                despite_retention=options["despite_retention"],
                actor=SYSTEM,
                now=timezone.now(),
            )
        except Refused as refusal:
            raise CommandError(refusal.detail) from None
        self.stdout.write(f"{patient.id} is nobody's any more.")
