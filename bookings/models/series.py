"""What is booked: series, their sessions, holds, and the claims of both on chairs and nurses."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from bookings.models.clinic import Chair, Clinic
from bookings.models.ids import Identified
from bookings.models.people import Patient
from bookings.models.protocol import Clearance, ProtocolVersion

ONE_CHAIR_ONE_CLAIM = "claim_one_chair_one_claim"
ONE_PATIENT_ONE_PLACE = "claim_one_patient_one_place"
MINIMUM_GAP = "claim_minimum_gap"
HELD_BY_CLINIC = "clinic"


class SeriesStatus(models.TextChoices):
    REQUESTED = "requested"  # waits for clearance
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # a gap grew too long: waits for re-evaluation


class SessionStatus(models.TextChoices):
    REQUESTED = "requested"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    INFUSING = "infusing"
    RECOVERING = "recovering"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Series(Identified):
    """One patient's course under one phase of one protocol version, which it keeps."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="series", db_index=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="series", db_index=False)
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="series")
    phase = models.CharField(max_length=60)
    spacing_group = models.CharField(max_length=60)
    status = models.CharField(max_length=12, choices=SeriesStatus)
    clearance = models.ForeignKey(
        Clearance, on_delete=models.PROTECT, null=True, blank=True, related_name="series"
    )
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # rises with every change of it or of a session

    #: Its sessions by number, where whoever made this object had them all at hand: they need not be read.
    known_sessions: list[Session] | None = None

    class Meta:
        verbose_name_plural = "series"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="series_by_patient", fields=["patient", "-id"]),
            models.Index(name="series_by_clinic", fields=["clinic", "-id"]),
            models.Index(
                name="series_open",
                fields=["clinic"],
                condition=Q(status__in=["requested", "active", "lapsed"]),
            ),
        ]


class Session(Identified):
    """One visit of a series, number k of n; never deleted. Its states are a table: `bookings.lifecycle`."""

    # Each of these is the first column of an index or constraint below; an index of its own would only cost.
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=SessionStatus)
    status_before = models.CharField(
        max_length=12, blank=True
    )  # what `undo` returns to; empty when it may not
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="sessions", db_index=False)
    start = models.DateTimeField()
    end = models.DateTimeField()  # the patient leaves
    chair_until = models.DateTimeField()  # the chair is free again
    overrides = models.JSONField(default=list, blank=True)  # [{rule, reason, by, at}]
    escort_name = models.CharField(max_length=100, blank=True)  # who takes the patient home
    escort_phone = models.CharField(max_length=32, blank=True)  # E.164
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["start", "id"]
        indexes = [
            models.Index(name="session_by_clinic_start", fields=["clinic", "start", "id"]),
            models.Index(name="session_by_patient_start", fields=["patient", "start"]),
        ]
        constraints = [
            models.UniqueConstraint(name="session_number_once_per_series", fields=["series", "number"]),
            models.CheckConstraint(
                name="session_times_in_order", condition=Q(end__gt=F("start"), chair_until__gte=F("end"))
            ),
        ]


class Hold(Identified):
    """Places kept for somebody who fills in a form, until `expires_at`. After that it blocks nobody."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="holds")
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.CASCADE, related_name="holds")
    phase = models.CharField(max_length=60)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, null=True, related_name="holds")
    # Digest of the address it came from; HELD_BY_CLINIC where a proposal keeps it for a patient.
    source = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="hold_by_expiry", fields=["expires_at"])]


class Claim(models.Model):
    """Chair and nurse time taken by a session or by a hold; the database judges it last.

    A session that was cancelled or missed has no claim; one that is finished keeps its own, because spacing
    counts it. A hold's claim blocks nobody once the hold has expired: see `bookings.locking`.
    A session that moves gets a new claim, and ids are drawn inside the lock: they rise in the order in which
    places were taken.
    """

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="claims", db_index=False)
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="claims", db_index=False)
    session = models.OneToOneField(Session, on_delete=models.CASCADE, null=True, related_name="claim")
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, null=True, related_name="claims")
    number = models.PositiveSmallIntegerField()
    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, null=True, related_name="claims", db_index=False
    )
    # Its steps say which nurse time is taken; a finished visit keeps the version it was given under.
    protocol_version = models.ForeignKey(
        ProtocolVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    spacing_group = models.CharField(max_length=60)
    roster_version = models.PositiveBigIntegerField()  # the clinic's, when the place was judged
    start = models.DateTimeField()
    chair_until = models.DateTimeField()
    taken = DateTimeRangeField()  # [start, chair_until): the chair
    present = DateTimeRangeField()  # [start, end): the patient
    guard = (
        DateTimeRangeField()
    )  # [start, first instant the minimum gap allows another): see `bookings.placing`

    class Meta:
        indexes = [
            models.Index(name="claim_by_clinic_start", fields=["clinic", "start"]),
            models.Index(name="claim_by_patient_start", fields=["patient", "start"]),
        ]
        constraints = [
            # Two bodies in one chair: even raw SQL cannot do it.
            ExclusionConstraint(
                name=ONE_CHAIR_ONE_CLAIM,
                expressions=[("chair", RangeOperators.EQUAL), ("taken", RangeOperators.OVERLAPS)],
            ),
            # One body in two chairs, in whatever clinics.
            ExclusionConstraint(
                name=ONE_PATIENT_ONE_PLACE,
                expressions=[("patient", RangeOperators.EQUAL), ("present", RangeOperators.OVERLAPS)],
                condition=Q(patient__isnull=False),
            ),
            # Two sessions of one spacing group closer than the protocol's minimum gap in elapsed minutes.
            ExclusionConstraint(
                name=MINIMUM_GAP,
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("spacing_group", RangeOperators.EQUAL),
                    ("guard", RangeOperators.OVERLAPS),
                ],
                condition=Q(patient__isnull=False),
            ),
            # The ranges that the constraints above look at are the times that everybody else reads.
            models.CheckConstraint(
                name="claim_ranges_are_its_times",
                condition=Q(
                    taken__startswith=F("start"),
                    taken__endswith=F("chair_until"),
                    present__startswith=F("start"),
                    guard__startswith=F("start"),
                ),
            ),
            models.CheckConstraint(
                name="claim_of_session_or_hold",
                condition=Q(session__isnull=False, hold__isnull=True)
                | Q(session__isnull=True, hold__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M}"
