"""What happened: append-only rows, and the things that a person must look at."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.models.apart import FactsField, ReasonField
from bookings.models.clinic import Clinic
from bookings.models.ids import AboutSomebody, Identified
from bookings.models.people import Patient, StaffMember
from bookings.models.series import Series, Session

#: Verbs that are looked up by clinic. The index names them: another one needs a migration.
RARE = ["chair_added", "hours_changed", "series_imported"]


class JournalEntry(AboutSomebody):
    """Who did what, when, to whom, what it was before and after, and why.

    Written with the change, never changed.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    verb = models.CharField(max_length=40)  # e.g. series_booked, session_moved
    actor_kind = models.CharField(max_length=12)  # staff, patient, anonymous, system
    actor_id = models.UUIDField(null=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    before = FactsField(default=dict, blank=True)
    after = FactsField(default=dict, blank=True)
    reason = ReasonField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "journal entries"
        indexes = [
            models.Index(name="journal_by_time", fields=["at"]),
            models.Index(name="journal_by_series", fields=["series", "-id"]),
            models.Index(name="journal_by_session", fields=["session", "-id"]),
            models.Index(name="journal_by_patient", fields=["patient", "-id"]),
            # Rare, and asked for by reports and imports among very many others.
            models.Index(name="journal_rare", fields=["clinic", "verb", "at"], condition=Q(verb__in=RARE)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"


class JournalWords(models.Model):
    """What a row of the journal says of a patient's person, or in somebody's own words: kept beside the row,
    which must not change, until the patient is erased.
    """

    entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, primary_key=True, related_name="words"
    )
    said = models.JSONField(null=True)  # {"before"?, "after"?, "reason"?}; null: erased
    salt = models.BinaryField(max_length=16, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="journal_words_go_with_their_salt",
                condition=Q(said__isnull=True, salt__isnull=True) | Q(said__isnull=False, salt__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"words of {self.entry_id}"


class TaskKind(models.TextChoices):
    """Why a person must look."""

    SOFT_GAP = "soft_gap"  # a gap is at or past its soft bound
    HARD_GAP = "hard_gap"  # a gap is at or past its hard bound
    NO_LONGER_FITS = "no_longer_fits"  # a session breaks a rule that it kept when it was booked
    INCOMPLETE = "incomplete"  # a missed or cancelled session has no make-up yet
    CLEARANCE_NEEDED = "clearance_needed"
    MESSAGE_FAILED = "message_failed"
    PATIENT_WROTE = "patient_wrote"  # a text that only a person can answer
    NOT_ARRIVED = "not_arrived"  # the grace time is over, and nobody says whether the patient came
    ASSESS = "assess"  # a prescriber looks at the patient before the next session begins
    DECIDE = "decide"  # a prescriber decides how the series goes on after a missed session
    PHASE_FINISHED = "phase_finished"  # nothing is booked of the phase that follows
    PLACE_FREE = "place_free"  # too soon to be offered by a message: somebody must ring
    MAYBE_CANCEL = "maybe_cancel"  # an opt-out that may have been meant for a visit
    EMERGENCY_ACCESS = "emergency_access"  # somebody read a record that is otherwise kept from them


class Task(Identified):
    """Something that a person must look at: at most one open for each kind, series and session; of what is
    about a patient without any series, for each kind, clinic and patient.
    """

    kind = models.CharField(max_length=24, choices=TaskKind)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="tasks")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, null=True, related_name="tasks")
    patient = models.ForeignKey(  # where it is about no series
        Patient, on_delete=models.CASCADE, null=True, related_name="tasks", db_index=False
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, related_name="tasks")
    detail = models.CharField(max_length=1000)
    deadline = models.DateTimeField(null=True)  # from then on it cannot be mended
    proposal = models.JSONField(null=True, blank=True)
    searched_at = models.DateTimeField(null=True)  # when one was last looked for, found or not
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(name="task_open", fields=["clinic", "-id"], condition=Q(resolved_at__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(
                name="task_once_while_open",
                fields=["kind", "series", "session"],
                nulls_distinct=False,
                condition=Q(resolved_at__isnull=True, series__isnull=False),
            ),
            models.UniqueConstraint(
                name="task_once_for_patient",
                fields=["patient", "kind", "clinic"],
                condition=Q(resolved_at__isnull=True, series__isnull=True),
            ),
            models.CheckConstraint(
                name="task_is_about_series_or_patient",
                condition=Q(series__isnull=False, patient__isnull=True)
                | Q(series__isnull=True, patient__isnull=False, session__isnull=True),
            ),
        ]

    @property
    def whom(self) -> Patient:
        """The patient whom it is about."""
        whom = self.series.patient if self.series else self.patient
        assert whom is not None, "a constraint says so"
        return whom


class IdempotencyKey(models.Model):
    """The first answer to a POST, kept so that a repeated one gets it again and changes nothing."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)  # of method, path and body
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)  # null: still running
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotency_key_once", fields=["caller", "key"])]
        indexes = [models.Index(name="idempotency_by_age", fields=["created_at"])]

    def __str__(self) -> str:
        return f"{self.caller}: {self.key}"
