"""Places that became free, and to whom on the waiting list they are offered."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from bookings.models.clinic import Chair, Clinic
from bookings.models.ids import Identified
from bookings.models.journal import JournalEntry
from bookings.models.protocol import Protocol, ProtocolVersion
from bookings.models.series import Hold, Session
from bookings.models.waiting import WaitingEntry


class OfferStatus(models.TextChoices):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"  # nobody answered in time
    WITHDRAWN = "withdrawn"  # the visit has changed since, its patient waits no longer, or staff took it back
    LOST = "lost"  # somebody else of the batch was first


class FreedPlace(Identified):
    """Room that a change gave back, from `starts` until `ends`: of one visit, or of one date of a closure.

    It stays open as long as there may be somebody to offer it to, and is looked at again when somebody has
    answered since `looked_at`. `depth` is 1 where it came free by itself, 2 where whoever left it had
    accepted such a place, and so on.
    """

    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="+"
    )  # by what it came free
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+", db_index=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, null=True, related_name="+")  # None: any
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    depth = models.PositiveSmallIntegerField(default=1)
    found_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(name="freed_place_open", fields=["starts"], condition=Q(closed_at__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(name="freed_place_once", fields=["entry", "starts"]),
            models.CheckConstraint(name="freed_place_in_order", condition=Q(ends__gt=F("starts"))),
        ]


class Offer(Identified):
    """A freed place, kept until `expires_at` for a few who wait; the first to accept has it.

    All offers of a `batch` share one hold, in nobody's name. At most one is open for the same entry. To who
    waits for a whole course the place is offered as the first of a `plan`; the others are not kept.
    """

    entry = models.ForeignKey(WaitingEntry, on_delete=models.PROTECT, related_name="offers", db_index=False)
    place = models.ForeignKey(FreedPlace, on_delete=models.PROTECT, related_name="offers")
    batch = models.UUIDField()  # the id of the hold that they share, also when it is gone
    start = models.DateTimeField()
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="+", db_index=False)
    present = models.DateTimeField(null=True)  # where the session was when it was offered
    plan = models.JSONField(default=list)  # the starts of a whole course, the first of which is `start`
    protocol_version = models.ForeignKey(
        ProtocolVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )  # of the plan
    rank = models.PositiveSmallIntegerField()  # in the batch, 1 is whose turn it was first
    why = models.JSONField()  # sentences for staff
    status = models.CharField(max_length=12, choices=OfferStatus)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    hold = models.ForeignKey(Hold, on_delete=models.SET_NULL, null=True, related_name="offers")

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="offer_by_entry", fields=["entry", "-id"]),
            models.Index(name="offer_by_batch", fields=["batch"]),
            models.Index(name="offer_open", fields=["expires_at"], condition=Q(status="open")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="offer_once_while_open", fields=["entry"], condition=Q(status="open")
            ),
            models.UniqueConstraint(
                name="offer_taken_by_one", fields=["batch"], condition=Q(status="accepted")
            ),
            models.CheckConstraint(
                name="offer_decided_when_closed",
                condition=Q(status="open", decided_at__isnull=True)
                | (~Q(status="open") & Q(decided_at__isnull=False, hold__isnull=True)),
            ),
            models.CheckConstraint(
                name="offer_of_a_visit_or_a_plan",
                condition=Q(present__isnull=False, plan=[], protocol_version__isnull=True)
                | (Q(present__isnull=True, protocol_version__isnull=False) & ~Q(plan=[])),
            ),
        ]

    @property
    def is_first(self) -> bool:
        """Whether it is the first place of a course that is not booked."""
        return self.present is None

    @property
    def starts(self) -> list[datetime]:
        """Of a first place, the starts of the whole course that was planned, in UTC."""
        return [datetime.fromisoformat(start) for start in self.plan]

    @property
    def session(self) -> Session:
        """The visit that would be earlier; there is none to a first place."""
        session = self.entry.session
        assert session is not None, "only visits that are booked are offered earlier places"
        return session
