"""What a patient sees of themselves: their series, and everything that is kept about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from bookings import lifecycle, signals
from bookings.actors import patient_actor
from bookings.kept import Kept
from bookings.models import (
    Clearance,
    Consent,
    JournalEntry,
    Offer,
    Patient,
    Proposal,
    Series,
    Session,
    Task,
    WaitingEntry,
)
from bookings.queries.series import series_seen_by, sessions_of


def my_series(patient: Patient) -> list[Series]:
    """The patient's series, the newest first, each with its sessions by number as `known_sessions`.

    Each session knows its series, clinic and chair, so that a page asks nothing more. Two queries, however
    many there are.
    """
    found = list(series_seen_by(patient_actor(patient)).order_by("-id"))
    for series in found:
        series.known_sessions = sessions_of(series)
    return found


def my_record(patient: Patient) -> dict[str, Any]:
    """Everything that is kept about the patient, ready for JSON; times in UTC. A fixed number of queries.

    Without secrets, and without the names of staff: of those it is said that staff did it.
    """
    others = {part.name: part.rows for part in kept_by_others(patient)}
    return others | {
        "patient": {**_said(patient, ("id", *_DETAILS)), "known_since": _value(patient.created_at)},
        "consents": _all(Consent.objects.filter(patient=patient), _CONSENT),
        "clearances": [
            {**_said(one, ("sessions", "expires", "granted_at")), "protocol": one.protocol.slug}
            for one in Clearance.objects.filter(patient=patient).select_related("protocol")
        ],
        "series": [_series(one) for one in my_series(patient)],
        "waiting_list": [
            {**_said(one, _WAITING), "clinic": one.clinic.slug, "protocol": one.protocol.slug}
            for one in WaitingEntry.objects.filter(patient=patient).select_related("clinic", "protocol")
        ],
        "proposals": _all(Proposal.objects.filter(series__patient=patient), _PROPOSAL),
        "offers": _all(Offer.objects.filter(entry__patient=patient), _OFFER),
        "tasks": _all(Task.objects.filter(Q(series__patient=patient) | Q(patient=patient)), _TASK),
        "journal": _all(JournalEntry.objects.filter(patient=patient).select_related("words"), _JOURNAL),
    }


def kept_by_others(patient: Patient) -> list[Kept]:
    """What is kept about the patient by those whom this package does not know."""
    answers: list[tuple[Any, Any]] = signals.record_asked.send(Patient, patient=patient)
    return [part for _receiver, parts in answers for part in parts]


_DETAILS = ("first_name", "last_name", "birth_date", "email", "phone", "time_zone", "language")
_CONSENT = ("purpose", "wording", "language", "source", "given_at", "withdrawn_at", "withdrawn_source")
_WAITING = ("phase", "wish", "earliest", "latest", "notice_hours", "created_at", "closed_at", "closed_why")
_PROPOSAL = ("id", "series_id", "moves", "reason", "status", "created_at", "expires_at", "decided_at")
_OFFER = ("id", "start", "present", "plan", "why", "status", "created_at", "expires_at", "decided_at")
_TASK = ("kind", "series_id", "session_id", "detail", "created_at", "resolved_at", "resolution")
_JOURNAL = ("at", "verb", "actor_kind", "series_id", "session_id", "before", "after", "reason")
_SESSION = ("id", "number", "status", "start", "end", "escort_name", "escort_phone")


def _series(series: Series) -> dict[str, Any]:
    version = series.protocol_version
    return {
        **_said(series, ("id", "phase", "status", "created_at")),
        "clinic": series.clinic.name,
        "time_zone": series.clinic.time_zone,
        "protocol": version.rules["name"],
        "protocol_version": version.version,
        "sessions": [_session(one) for one in series.known_sessions or ()],
    }


def _session(session: Session) -> dict[str, Any]:
    overrides = [{name: one[name] for name in ("rule", "reason", "at")} for one in session.overrides]
    return {**_said(session, _SESSION), "chair": session.chair.name, "overrides": overrides}


def _all(rows: Iterable[Model], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [_said(row, names) for row in rows]


def _said(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name.removesuffix("_id"): _value(getattr(row, name)) for name in names}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def starts_of_course(session: Session) -> dict[int, datetime]:
    """The starts of the series' sessions that are booked or over, by number. One query."""
    rows = Session.objects.filter(series_id=session.series_id).exclude(status__in=lifecycle.GONE)
    return dict(rows.order_by("number").values_list("number", "start"))
