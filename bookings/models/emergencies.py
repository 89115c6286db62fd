"""Access in an emergency: a patient's whole record, for an hour, and for a reason."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bookings.models.clinic import Clinic
from bookings.models.ids import Identified
from bookings.models.people import Patient, StaffMember


class EmergencyAccess(Identified):
    """A member of staff reads what is otherwise kept from them about one patient, until `ends_at`."""

    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")  # where it was opened
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="emergency_of_staff", fields=["staff", "patient", "ends_at"])]
        constraints = [
            models.CheckConstraint(
                name="emergency_has_reason_and_end",
                condition=~Q(reason="") & Q(ends_at__gte=F("opened_at")),
            )
        ]
