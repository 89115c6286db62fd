"""Treatments as data.

A version is never changed: the next one is made beside it, and a series keeps its own.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.clinic import Clinic
from bookings.models.ids import Identified
from bookings.models.people import Patient, StaffMember


class Protocol(Identified):
    """A treatment that clinics offer, under a slug that stays while its versions change."""

    slug = models.SlugField(unique=True)
    clinics = models.ManyToManyField(Clinic, related_name="protocols", blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class ProtocolVersion(Identified):
    """One version of a treatment; in effect from the moment a prescriber signs it.

    `rules` holds the protocol as clients write it (name, spacing_group, phases, washouts, steps, …), already
    validated; `bookings.snapshot` turns it into the engine's `Protocol`.
    """

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    rules = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["protocol", "-version"]
        constraints = [
            models.UniqueConstraint(name="protocol_version_once", fields=["protocol", "version"]),
            models.CheckConstraint(
                name="protocol_version_signed_by_somebody",
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
        ]


class Clearance(Identified):
    """A prescriber's permission for one patient and protocol: so many sessions, until a clinic-local day."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="clearances")
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="clearances")
    sessions = models.PositiveSmallIntegerField()
    expires = models.DateField()  # the last day it permits
    granted_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["-granted_at"]
        constraints = [
            models.CheckConstraint(name="clearance_is_for_some_sessions", condition=Q(sessions__gte=1))
        ]
