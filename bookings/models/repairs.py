"""Joint plans for all the series that a closure, an absence or a broken chair has put out of place."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.clinic import Clinic
from bookings.models.ids import Identified
from bookings.models.people import StaffMember
from bookings.models.proposals import Proposal
from bookings.models.series import Series


class RepairStatus(models.TextChoices):
    DRAWING_UP = "drawing_up"  # waits for a worker, or a worker is at it
    READY = "ready"  # to be read, and carried out in whole or in part
    DONE = "done"  # there is nothing left of it to carry out
    FAILED = "failed"  # no plan was made; `error` says why
    OUTDATED = "outdated"  # its time was over before all of it was carried out


class Repair(Identified):
    """One plan for many series at once, as far as it has been drawn up. It holds no place of the diary.

    `sessions`: the ids of the sessions that it is to find places for, sorted. `progress`: how far the worker
    has got. `figures`: what the engine says of its plan, once it is drawn up.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="repairs", db_index=False)
    sessions = models.JSONField()
    digest = models.CharField(max_length=64)  # of the sessions
    status = models.CharField(max_length=12, choices=RepairStatus)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    taken_up_at = models.DateTimeField(null=True)  # when a worker last began to draw it up
    attempts = models.PositiveSmallIntegerField(default=0)  # so many workers have begun
    progress = models.JSONField(default=dict, blank=True)
    drawn_up_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # from then on it is outdated
    figures = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="repair_by_clinic", fields=["clinic", "-id"]),
            models.Index(
                name="repair_under_way",
                fields=["created_at"],
                condition=Q(status__in=["drawing_up", "ready"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="repair_once_while_drawn_up",
                fields=["clinic", "digest"],
                condition=Q(status="drawing_up"),
            )
        ]


class PartOutcome(models.TextChoices):
    OPEN = "", "Open"
    MOVED = "moved"  # staff decided, and the sessions are at their new places
    OFFERED = "offered"  # the patient is asked, and the new places are held


class RepairPart(Identified):
    """What a repair means for one series.

    `moves` are as those of a `Proposal`. `left`: `[{number, session, start, why}]`, the sessions that have no
    place in the plan.
    """

    repair = models.ForeignKey(Repair, on_delete=models.CASCADE, related_name="parts", db_index=False)
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="repair_parts")
    moves = models.JSONField()
    left = models.JSONField()
    outcome = models.CharField(max_length=8, choices=PartOutcome, blank=True, default=PartOutcome.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    proposal = models.OneToOneField(Proposal, on_delete=models.SET_NULL, null=True, related_name="part")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="repair_part_once", fields=["repair", "series"]),
            models.CheckConstraint(
                name="repair_part_decided",
                condition=Q(outcome="", decided_at__isnull=True)
                | (~Q(outcome="") & Q(decided_at__isnull=False)),
            ),
        ]
