"""Who has looked at whom."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models


class Purpose(models.TextChoices):
    """In which way patients' data was read."""

    PAGE = "page"  # one thing, named by the address
    LIST = "list"  # several at once
    SEARCH = "search"  # never what was searched for
    EXPORT = "export"  # a file about many
    DOWNLOAD = "download"  # a file about oneself


class Reading(models.Model):
    """One answer in which somebody was shown patients' data: who, whose, by which door, when and why.

    Ids alone, nothing of what was shown. `bookings.read_log` writes it. A trigger refuses every change, and
    removal until six years have passed; no foreign key stands in the way of what may go sooner.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()  # by the database's clock
    actor_kind = models.CharField(max_length=12)  # staff, patient, anonymous (who holds a link)
    actor_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=8, choices=Purpose)
    route = models.CharField(max_length=60)  # the name of the address, such as desk-patient
    about = models.CharField(max_length=30, blank=True)  # what the address names: patient, session, …
    about_id = models.UUIDField(null=True)
    patients = ArrayField(models.UUIDField())  # whose data it was
    reason = models.CharField(max_length=500, blank=True)  # where one was asked for
    request_id = models.CharField(max_length=36, blank=True)  # as in the log lines of that request

    class Meta:
        ordering = ["-id"]
        indexes = [
            GinIndex(name="reading_by_patient", fields=["patients"]),
            models.Index(name="reading_by_actor", fields=["actor_id", "-id"]),
            BrinIndex(name="reading_by_time", fields=["at"], pages_per_range=32, autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.purpose} {self.route}"
