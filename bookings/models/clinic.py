"""Clinics and what they offer: hours, closures, chairs and nurses' shifts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from bookings.models.ids import Identified


class NursingMode(models.TextChoices):
    STRICT = "strict"
    LINE_OF_SIGHT = "line_of_sight"


class Clinic(Identified):
    """A place with a time zone, opening hours, chairs and nurses.

    `roster_version` rises with every change of settings, hours, closures, chairs or shifts; whoever
    has read a roster under one version may keep it until the version is another.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64)  # an IANA name
    phone = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=300, blank=True)
    grid_minutes = models.PositiveSmallIntegerField(default=15)
    nursing_mode = models.CharField(max_length=16, choices=NursingMode, default=NursingMode.STRICT)
    patients_per_nurse = models.PositiveSmallIntegerField(default=3)
    stagger_starts = models.PositiveSmallIntegerField(null=True, blank=True)
    stagger_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    hold_minutes = models.PositiveSmallIntegerField(default=10)
    no_show_after_minutes = models.PositiveSmallIntegerField(default=15)
    levelling = models.BooleanField(default=False)  # by the template of starts that is in force
    watched_on = models.DateField(null=True, editable=False)  # its last day for the watch over all
    roster_version = models.PositiveBigIntegerField(default=1)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="clinic_stagger_is_whole",
                condition=Q(stagger_starts__isnull=True, stagger_minutes__isnull=True)
                | Q(stagger_starts__gte=1, stagger_minutes__gte=1),
            ),
            models.CheckConstraint(
                name="clinic_counts_are_positive",
                condition=Q(grid_minutes__gte=1, patients_per_nurse__gte=1, hold_minutes__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's zone; its wall-clock is the one that patients and staff read."""
        return ZoneInfo(self.time_zone)


class OpeningHours(models.Model):
    """Open on one ISO weekday, in clinic wall-clock. `closes` 00:00 is midnight at the day's end."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()  # 1 is Monday
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(name="hours_weekday_is_iso", condition=Q(weekday__gte=1, weekday__lte=7)),
            models.CheckConstraint(
                name="hours_open_before_they_close",
                condition=Q(closes__gt=F("opens")) | Q(closes="00:00"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens:%H:%M}-{self.closes:%H:%M}"


class Chair(Identified):
    """A place for one patient at a time. A retired chair keeps its past and takes nothing new."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="chairs")
    name = models.CharField(max_length=60)
    features = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="chair_name_once_per_clinic", fields=["clinic", "name"])]

    def __str__(self) -> str:
        return self.name


class Closure(Identified):
    """No patient during this span: in the whole clinic or, with a chair, in that chair alone."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="closures")
    chair = models.ForeignKey(Chair, on_delete=models.CASCADE, null=True, blank=True, related_name="closures")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["starts"]
        indexes = [models.Index(name="closure_by_end", fields=["clinic", "ends"])]
        constraints = [
            models.CheckConstraint(name="closure_starts_before_end", condition=Q(ends__gt=F("starts")))
        ]


class Shift(Identified):
    """One nurse on duty."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="shifts")
    nurse = models.ForeignKey("bookings.StaffMember", on_delete=models.CASCADE, related_name="shifts")
    starts = models.DateTimeField()
    ends = models.DateTimeField()

    class Meta:
        ordering = ["starts"]
        indexes = [models.Index(name="shift_by_end", fields=["clinic", "ends"])]
        constraints = [
            models.CheckConstraint(name="shift_starts_before_end", condition=Q(ends__gt=F("starts")))
        ]
