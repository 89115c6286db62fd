"""The journal: one row for each change, written in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any

from django.db import transaction

from bookings import signals
from bookings.actors import Actor
from bookings.models import Clinic, JournalEntry, JournalWords, Patient, Series, Session
from bookings.models.apart import KEPT_APART, PERSONAL, digest_of_words

VERBS = frozenset({
    "series_booked", "series_requested", "series_cleared", "series_cancelled", "series_lapsed",
    "series_completed", "series_reopened", "series_replanned", "series_assessed", "missed_decided",
    "session_booked", "session_confirmed", "session_moved", "session_cancelled", "session_arrived",
    "session_infusing", "session_recovering", "session_completed", "session_no_show", "session_undone",
    "hold_made", "hold_released", "clearance_granted",
    "hours_changed", "closure_added", "closure_removed", "chair_added", "chair_changed", "shift_added",
    "shift_removed", "clinic_added", "clinic_changed", "template_asked", "template_in_force",
    "protocol_added", "protocol_version_added", "protocol_signed", "protocol_offered",
    "staff_added", "staff_changed", "patient_added", "patient_changed",
    "policy_changed", "voice_changed", "choices_changed", "session_running_late",
    "task_opened", "task_resolved", "signed_in",
    "second_factor_set", "second_factor_dropped", "second_factor_reset", "password_changed",
    "recovery_codes_made", "recovery_code_used", "token_made", "token_revoked",
    "emergency_opened", "emergency_used", "emergency_closed",
    "escort_named", "consent_given", "consent_withdrawn", "waiting_joined", "waiting_left", "links_ended",
    "moves_proposed", "proposal_accepted", "proposal_declined", "proposal_expired", "proposal_superseded",
    "repair_asked", "repair_carried_out",
    "offer_made", "offer_accepted", "offer_declined", "offer_expired", "offer_withdrawn", "offer_lost",
    "data_exported", "data_imported", "patient_erased", "series_imported",
    "webhook_added", "webhook_changed", "webhook_removed", "webhook_secret_rotated",
})  # fmt: skip
REASON_LENGTH = 1000  # what the column takes


def entry(
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    clinic: Clinic | None = None,
    patient: Patient | None = None,
    series: Series | None = None,
    session: Session | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> JournalEntry:
    """A row not yet written. Clinic, patient and series follow from session or series."""
    if verb not in VERBS:
        raise ValueError(f"the journal knows no verb {verb!r}")
    series_id = series.id if series else session.series_id if session else None
    owner = session or series
    row = JournalEntry(
        at=now,
        verb=verb,
        actor_kind=actor.kind,
        actor_id=actor.id,
        clinic_id=clinic.id if clinic else owner.clinic_id if owner else None,
        patient_id=patient.id if patient else owner.patient_id if owner else None,
        series_id=series_id,
        session=session,
        before=before or {},
        after=after or {},
        reason=reason[:REASON_LENGTH],
    )
    _set_apart(row)
    return row


def write(entries: Iterable[JournalEntry]) -> list[JournalEntry]:
    """Write the rows of one transaction in one statement, and let others know of them after its commit."""
    rows = JournalEntry.objects.bulk_create(entries)
    # Told what it belongs to again: the row had no number when its words were set apart.
    apart = [
        JournalWords(entry=row, said=row.words.said, salt=row.words.salt) for row in rows if _is_apart(row)
    ]
    if apart:
        JournalWords.objects.bulk_create(apart)
    ids = [row.id for row in rows]
    if ids:
        verbs = frozenset(row.verb for row in rows)

        # A function with a name, which Django puts into its log when a listener fails.
        def tell() -> None:
            signals.journal_written.send(JournalEntry, ids=ids, verbs=verbs)

        # Robust: a listener that fails must not turn a booking that stands into an error.
        transaction.on_commit(tell, robust=True)
    return rows


def record(verb: str, *, actor: Actor, now: datetime, **facts: Any) -> JournalEntry:
    """Write one row; `facts` as for `entry`."""
    return write([entry(verb, actor=actor, now=now, **facts)])[0]


def _set_apart(row: JournalEntry) -> None:
    """Leave a digest in the row for what it says of a patient's person and in somebody's own words. Sentences
    that the service made itself stay, but for those of tasks, which may quote a text.
    """
    if row.patient_id is None:
        return
    said: dict[str, Any] = {}
    if row.verb in PERSONAL:
        said = {"before": row.before, "after": row.after}
        row.before, row.after = {}, {}
    if row.reason and (row.actor_kind != "system" or row.verb == "task_opened"):
        said["reason"] = row.reason
        row.reason = ""
    if said:
        salt = token_bytes(16)
        row.after = {**row.after, KEPT_APART: digest_of_words(said, salt)}
        row.words = JournalWords(said=said, salt=salt)


def _is_apart(row: JournalEntry) -> bool:
    return KEPT_APART in row.__dict__["after"]


def session_facts(session: Session) -> dict[str, Any]:
    """What a session was or is, for `before` and `after`: times in UTC."""
    return {
        "start": session.start.astimezone(UTC).isoformat(),
        "end": session.end.astimezone(UTC).isoformat(),
        "chair": str(session.chair_id),
        "status": session.status,
        "version": session.version,
    }
