"""Data that leaves: each time, the journal says who took what."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import NotAllowed
from bookings.models import Role
from bookings.queries.reports.period import Period


def record_export(period: Period, *, what: str, actor: Actor, now: datetime) -> None:
    """A manager takes the `what` (sessions, patients) of a period of a clinic. Recorded before the first row
    leaves, so that nothing leaves unrecorded.
    """
    if actor.role != Role.MANAGER or period.clinic.id not in actor.clinics:
        raise NotAllowed("Only a manager of this clinic takes its data out.")
    after = {"what": what, "from": period.first.isoformat(), "to": period.last.isoformat()}
    with transaction.atomic(durable=True):
        journal.record("data_exported", actor=actor, now=now, clinic=period.clinic, after=after)
