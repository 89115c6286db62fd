"""Reading what patients agreed to."""

from __future__ import annotations

from django.db.models import QuerySet

from bookings.models import Consent, Patient


def consents_of(patient: Patient, *, is_live: bool | None = None) -> QuerySet[Consent]:
    """The patient's agreements, the newest first; with `is_live` only those in force, or only those ended."""
    rows = Consent.objects.filter(patient=patient)
    return rows if is_live is None else rows.filter(withdrawn_at__isnull=is_live)
