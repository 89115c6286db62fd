"""Who has looked at whom."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from bookings.models import Reading


def readings_of(patient: UUID) -> QuerySet[Reading]:
    """Every time that somebody was shown this patient's data, newest first. One query, by an index."""
    return Reading.objects.filter(patients__contains=[patient]).order_by("-id")
