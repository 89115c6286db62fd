"""Templates of starts, by which a clinic may level its days."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.clinic import Clinic
from bookings.models.ids import Identified
from bookings.models.people import StaffMember


class StartTemplate(Identified):
    """How many visits of each length are best begun in each quarter of an hour of a usual week, drawn up from
    what was booked from `first` to `last`. A length is the minutes for which a visit holds its chair.

    - `booked`: `[{weekday, begins, minutes, visits}]`: what began in the period, all its dates together.
    - `opened`: `[{weekday, begins, minutes, starts}]`: what is opened on one date; `begins` is HH:MM.
    - `days`: what each weekday was drawn up for, and what was proven of it (`bookings.usual_week`).

    A worker draws it up: until then `drawn_up_at` is empty. It counts while it is in force and the clinic's
    `levelling` is on. At most one of a clinic is in force, and one being drawn up.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="start_templates")
    first = models.DateField()
    last = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField(null=True)  # when a worker last set about it
    drawn_up_at = models.DateTimeField(null=True)
    booked = models.JSONField(default=list)
    opened = models.JSONField(default=list)
    days = models.JSONField(default=list)
    in_force_since = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="start_template_once_in_force",
                fields=["clinic"],
                condition=Q(in_force_since__isnull=False),
            ),
            models.UniqueConstraint(
                name="start_template_once_asked", fields=["clinic"], condition=Q(drawn_up_at__isnull=True)
            ),
            models.CheckConstraint(
                name="start_template_in_force_when_drawn_up",
                condition=Q(in_force_since__isnull=True) | Q(drawn_up_at__isnull=False),
            ),
            models.CheckConstraint(
                name="start_template_first_before_last", condition=Q(last__gte=models.F("first"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"
