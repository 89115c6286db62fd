"""What there is to say to whom, what became of it, and which changes have been reacted to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from bookings.models import Clinic, JournalEntry, Patient, Series, Session
from bookings.models.ids import Identified
from notifications.kinds import Channel, Kind, Status
from notifications.models import writing

#: What stands for the body of a message that carried a code to sign in, once it has been sent or given up.
ERASED = "(erased)"


def _choices(names: type[Kind] | type[Channel] | type[Status]) -> list[tuple[str, str]]:
    return [(name.value, name.value) for name in names]


class Ledger(models.Manager["Message"]):
    """All messages."""

    def bulk_create(
        self, objs: Iterable[Message], *args: Any, ignore_conflicts: bool = False, **options: Any
    ) -> list[Message]:
        """As Django's; with `ignore_conflicts` and nothing else, in one statement that is always the same."""
        if args or options or not ignore_conflicts:
            return self.get_queryset().bulk_create(objs, *args, **options, ignore_conflicts=ignore_conflicts)  # type: ignore[misc]
        rows = list(objs)
        writing.insert(rows)
        return rows


def draft(**columns: Any) -> Message:
    """A message that is not written yet, by its columns; those that are not named are as the model has them.

    Many times as quick as naming fields to the model, of which a booking asks nineteen.
    """
    values: list[Any] = [columns[name] if name in columns else make() for name, make in _columns()]
    return Message(*values)  # type: ignore[misc]


@cache
def _columns() -> tuple[tuple[str, Callable[[], Any]], ...]:
    return tuple((field.attname, field.get_default) for field in Message._meta.concrete_fields)  # noqa: SLF001


class Message(Identified):
    """One thing to say to one person over one channel.

    `key` names what is said about which state of affairs, so that reacting twice writes one row. A message
    speaks for the state that it was written for (`session_version`, `facts`); it is compared with the diary
    once more right before it is sent, and withdrawn if it is no longer true.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=24, choices=_choices(Kind))
    channel = models.CharField(max_length=8, choices=_choices(Channel))
    recipient = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=8, blank=True)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )  # who speaks, where it is about no series
    session_version = models.PositiveIntegerField(null=True)
    days_before = models.PositiveSmallIntegerField(null=True)  # of what comes before a session
    facts = models.JSONField(
        default=dict, blank=True
    )  # {"sessions": [{"id", "start", "before"?}]}, times in UTC
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # from here on it is of no use to anybody
    status = models.CharField(max_length=12, choices=_choices(Status), default=Status.PLANNED)
    reason = models.CharField(max_length=500, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)
    delivered_at = models.DateTimeField(null=True)
    link_digest = models.BinaryField(max_length=32, null=True)  # of the link in it, if it carries one
    #: The text in which this was said together with others; what becomes of that one becomes of this.
    carried_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="carries")
    #: The message by another way that did not arrive.
    instead_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="replacements")

    objects = Ledger()

    @property
    def speaker(self) -> Clinic | None:
        """The clinic who says it; None where it belongs to no clinic, as a code to sign in."""
        return self.series.clinic if self.series is not None else self.clinic

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(name="message_due", fields=["due_at"], condition=Q(status="planned")),
            models.Index(name="message_in_hand", fields=["claimed_at"], condition=Q(status="sending")),
            models.Index(name="message_by_session", fields=["session", "-id"]),
            models.Index(name="message_by_series", fields=["series", "-id"]),
            models.Index(name="message_by_patient", fields=["patient", "-id"]),
            # The caps on texts count these.
            models.Index(
                name="message_texts_of_patient",
                fields=["patient", "sent_at"],
                condition=Q(channel="text", sent_at__isnull=False),
            ),
            # A report of a month reads that month and its neighbours, and no write pays for it: what is due
            # together was mostly written together.
            BrinIndex(name="message_by_due", fields=["due_at"], pages_per_range=32, autosummarize=True),
            models.Index(name="message_by_provider_id", fields=["provider_id"], condition=~Q(provider_id="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_unsent_says_why",
                condition=Q(status__in=["planned", "sending", "sent", "delivered"]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="message_sent_says_when",
                # One that failed may have been handed over before: it came back.
                condition=Q(status__in=["sent", "delivered"], sent_at__isnull=False)
                | Q(status="failed")
                | (~Q(status__in=["sent", "delivered", "failed"]) & Q(sent_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Attempt(models.Model):
    """One try to send a message. Without `ended_at` the worker went away, and nobody knows whether it was
    sent.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)  # sent, later, never, lost
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["message", "number"]
        constraints = [models.UniqueConstraint(name="attempt_number_once", fields=["message", "number"])]

    def __str__(self) -> str:
        return f"attempt {self.number} at {self.message_id}"


class Reaction(models.Model):
    """A journal entry whose messages have been written. Written in the same transaction as they."""

    entry = models.OneToOneField(JournalEntry, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reaction to {self.entry_id}"


class Watermark(models.Model):
    """One row: every journal entry up to `entry` has been reacted to, so nobody looks there again.

    Whoever reacts holds this row's lock, so reactions happen one after another.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    entry = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(name="watermark_is_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"up to {self.entry}"


class Sweep(models.Model):
    """A change of a whole clinic on its way through the sessions there, nearest first: those up to `start`
    and `session` have been looked at since. Gone when all have.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, primary_key=True, related_name="+")
    decided_at = models.DateTimeField()  # of the last such change
    start = models.DateTimeField()
    session = models.UUIDField()

    def __str__(self) -> str:
        return f"sweep of {self.clinic_id}"
