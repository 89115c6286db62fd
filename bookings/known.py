"""Whom a contact belongs to: nobody, one person, or a family."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Lower

from bookings.models import Patient


def patients_of(contact: str) -> QuerySet[Patient]:
    """The patients with this address or telephone, in its kept form; the one known longest first."""
    patients = Patient.objects.order_by("created_at", "id")
    if "@" not in contact:
        return patients.filter(phone=contact)
    return patients.alias(address=Lower("email")).exclude(email="").filter(address=contact)
