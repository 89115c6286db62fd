"""The secret address of a patient's calendar."""

from __future__ import annotations

from django.db import transaction

from bookings.models import Patient
from notifications.calendar_feeds import digest_of, secret_of
from notifications.models import CalendarFeed


def renew_calendar(patient: Patient) -> CalendarFeed:
    """A first address, or another one: the one before leads nowhere from now on."""
    with transaction.atomic(durable=True):
        Patient.objects.select_for_update(no_key=True).filter(id=patient.id).values_list("id").get()
        row = CalendarFeed.objects.filter(patient=patient).first()
        if row is None:
            row = CalendarFeed(patient=patient)
        else:
            row.renewals += 1
        row.digest = digest_of(secret_of(row))
        row.save()
    return row
