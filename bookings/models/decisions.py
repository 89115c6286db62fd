"""What prescribers decide about a course where its treatment asks them to."""

from __future__ import annotations

from django.db import models

from bookings.models.encrypted import EncryptedText
from bookings.models.ids import Identified
from bookings.models.people import StaffMember
from bookings.models.series import Series
from scheduler.protocol import OnMissed


class DecisionAbout(models.TextChoices):
    """What is decided."""

    ASSESSMENT = "assessment"  # whether the course goes on after so many sessions
    MISSED = "missed"  # how it goes on after a missed session


class Verdict(models.TextChoices):
    """How it is decided."""

    GO_ON = "go_on"  # of an assessment
    STOP = "stop"
    APPEND = OnMissed.APPEND.value  # of a missed session
    RESTART = OnMissed.RESTART.value
    MAINTENANCE = OnMissed.MAINTENANCE.value


class Decision(Identified):
    """One decision about a series, never changed; it holds for all that came before `number`, too.

    `number`: for an assessment after how many sessions, else that of the latest missed session.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    about = models.CharField(max_length=12, choices=DecisionAbout)
    number = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=12, choices=Verdict)
    reason = EncryptedText(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="decision_once", fields=["series", "about", "number"]),
        ]
