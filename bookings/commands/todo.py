"""The list of things that a person must look at, as people use it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bookings import journal, tasklist
from bookings.actors import Actor
from bookings.errors import NotAllowed, NotFound, WrongState
from bookings.models import EmergencyAccess, Role, Series, Task, TaskKind


def open_task(
    series: Series,
    *,
    kind: str,
    session: UUID | None = None,
    detail: str,
    proposal: Any = None,
    now: datetime,
) -> None:
    """Have a person look at this. Where such a task is open already, it says this from now on."""
    with transaction.atomic(durable=True):
        tasklist.put([tasklist.Wanted(kind, series, session, detail, proposal)], now=now)


def resolve_task(task: Task, *, resolution: str = "", actor: Actor, now: datetime) -> Task:
    """A member of staff of the clinic has seen to it. It is not raised again for the same reason.

    Raises WrongState when it is closed already, NotAllowed where it takes a manager who has nothing to do
    with it.
    """
    if not actor.is_staff:
        raise NotAllowed("Only staff see to tasks.")
    if task.clinic_id not in actor.clinics:
        raise NotFound("There is no such task.")
    with transaction.atomic(durable=True):
        found = Task.objects.select_for_update(of=("self",)).select_related("series", "patient", "clinic")
        row = found.get(id=task.id)
        if row.resolved_at is not None:
            raise WrongState("This task is closed already.", now="resolved", allowed=[])
        if row.kind == TaskKind.EMERGENCY_ACCESS:
            _refuse_but_another_manager(row, actor)
        row.resolved_at = row.updated_at = now
        row.resolved_by_id, row.resolution = actor.id, resolution
        row.save()
        facts = {"kind": row.kind, "task": str(row.id)}
        about = {"series": row.series} if row.series else {"clinic": row.clinic, "patient": row.patient}
        journal.record("task_resolved", actor=actor, now=now, after=facts, reason=resolution, **about)
    return row


def _refuse_but_another_manager(task: Task, actor: Actor) -> None:
    if actor.role != Role.MANAGER:
        raise NotAllowed("A manager sees to this.")
    theirs = EmergencyAccess.objects.filter(patient=task.patient, staff_id=actor.id)
    if theirs.filter(opened_at__gte=task.created_at).exists():
        raise NotAllowed("Another manager must see to this: you opened the record yourself.")
