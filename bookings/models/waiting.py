"""Who would like to come sooner, or at another time, when a place becomes free."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bookings.models.clinic import Clinic
from bookings.models.ids import Identified
from bookings.models.people import Patient
from bookings.models.protocol import Protocol
from bookings.models.series import Series, Session


class WaitingEntry(Identified):
    """A patient's place on a clinic's waiting list, for a whole phase or for an earlier time of one session.

    At most one is open for the same patient, clinic, treatment and session. Who waits for one phase at
    several clinics has an entry at each, and all of them end when one is served.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waiting")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="waiting", db_index=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="waiting", db_index=False)
    phase = models.CharField(max_length=60, blank=True)
    series = models.ForeignKey(
        Series, on_delete=models.PROTECT, null=True, related_name="waiting", db_index=False
    )
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="waiting")
    wish = models.JSONField(default=dict)  # {weekdays: [1-7], not_before: "HH:MM", not_after: "HH:MM"}
    earliest = models.DateField(null=True)  # clinic-local, inclusive, as `latest`
    latest = models.DateField(null=True)
    notice_hours = models.PositiveSmallIntegerField()  # the patient comes when told so long before
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                name="waiting_open",
                fields=["clinic", "protocol", "created_at"],
                condition=Q(closed_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="waiting_once_while_open",
                fields=["patient", "clinic", "protocol", "session"],
                nulls_distinct=False,
                condition=Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="waiting_dates_in_order",
                condition=Q(earliest__isnull=True) | Q(latest__isnull=True) | Q(latest__gte=F("earliest")),
            ),
        ]
