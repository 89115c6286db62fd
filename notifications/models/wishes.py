"""What is said by which way and when: as the clinic has it, and as the patient does."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models import Clinic, Patient, Protocol, StaffMember
from bookings.models.ids import Identified
from notifications.kinds import Basis


class ClinicVoice(models.Model):
    """How a clinic speaks: under which name, on which legal ground, and when it is silent.

    A clinic without a row speaks under its own name, to those who agreed, between 08:00 and 21:00.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, primary_key=True, related_name="+")
    sender_name = models.CharField(max_length=30, blank=True)  # in place of a name that says too much
    basis = models.CharField(
        max_length=10, choices=[(basis.value, basis.value) for basis in Basis], default=Basis.CONSENT
    )
    # On the patient's wall, over midnight. Later evenings and earlier mornings than these are refused.
    quiet_begins = models.TimeField(default="21:00")
    quiet_ends = models.TimeField(default="08:00")
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"voice of {self.clinic_id}"


class Policy(Identified):
    """Which messages a phase of a protocol brings at a clinic, over which channels, when.

    `rules`: [{"kind", "channels", "days_before"?, "days_after"?, "at"?}], validated. The most particular row
    counts: clinic, protocol and phase; clinic and protocol; clinic; else what `notifications.defaults` ships.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+", db_index=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, null=True, related_name="+")
    phase = models.CharField(max_length=60, blank=True)  # empty: every phase
    rules = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["clinic", "protocol", "phase"]
        constraints = [
            models.UniqueConstraint(
                name="policy_once", fields=["clinic", "protocol", "phase"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="policy_phase_has_protocol", condition=Q(phase="") | Q(protocol__isnull=False)
            ),
        ]


class Choices(models.Model):
    """What a patient wants to hear by which way. A patient without a row hears what the clinic's policy says.

    `channels`: {kind: [channel, …]}; a kind that is missing follows the policy, an empty list silences it.
    Quiet hours may only be wider than the clinic's.
    """

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, primary_key=True, related_name="+")
    channels = models.JSONField(default=dict, blank=True)
    quiet_begins = models.TimeField(null=True, blank=True)
    quiet_ends = models.TimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"choices of {self.patient_id}"


class CalendarFeed(models.Model):
    """The secret address of a patient's calendar. The secret follows from the row and the server's key; only
    its digest is kept, and raising `renewals` makes another one.
    """

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, primary_key=True, related_name="+")
    renewals = models.PositiveIntegerField(default=0)
    digest = models.BinaryField(max_length=32, unique=True)

    def __str__(self) -> str:
        return f"calendar of {self.patient_id}"
