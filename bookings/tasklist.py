"""The list of things that a person must look at: at most one open for each kind, series and session.

The database holds that rule, so two watchers at once may both write here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from bookings import journal
from bookings.actors import SYSTEM
from bookings.models import Clinic, Patient, Series, Task
from bookings.models.ids import new_id

Slot = tuple[str, UUID, UUID | None]  # kind, series, session
DETAIL_LENGTH = 1000  # as long as the column is

_PUT = """
    INSERT INTO bookings_task
        (id, kind, clinic_id, series_id, session_id, detail, deadline, proposal, searched_at, created_at,
         updated_at, resolution)
    SELECT id, kind, clinic, series, session, detail, deadline, proposal::jsonb, searched, %(now)s,
           %(now)s, ''
    FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(clinics)s::uuid[], %(series)s::uuid[],
                %(sessions)s::uuid[], %(details)s::text[], %(deadlines)s::timestamptz[],
                %(proposals)s::text[], %(searched)s::timestamptz[])
         AS wanted(id, kind, clinic, series, session, detail, deadline, proposal, searched)
    ORDER BY series, kind, session  -- everybody in one order, so that two watchers never wait in a ring
    ON CONFLICT (kind, series_id, session_id) WHERE resolved_at IS NULL AND series_id IS NOT NULL
    DO UPDATE SET detail = excluded.detail, deadline = excluded.deadline, proposal = excluded.proposal,
                  searched_at = excluded.searched_at,
                  updated_at = CASE
                      WHEN (bookings_task.detail, bookings_task.deadline, bookings_task.proposal)
                           IS DISTINCT FROM (excluded.detail, excluded.deadline, excluded.proposal)
                      THEN excluded.updated_at ELSE bookings_task.updated_at END
    WHERE (bookings_task.detail, bookings_task.deadline, bookings_task.proposal, bookings_task.searched_at)
          IS DISTINCT FROM (excluded.detail, excluded.deadline, excluded.proposal, excluded.searched_at)
    RETURNING id
"""

_PUT_ABOUT = """
    INSERT INTO bookings_task
        (id, kind, clinic_id, patient_id, detail, proposal, created_at, updated_at, resolution)
    VALUES (%(id)s, %(kind)s, %(clinic)s, %(patient)s, %(detail)s, %(proposal)s::jsonb, %(now)s, %(now)s, '')
    ON CONFLICT (patient_id, kind, clinic_id) WHERE resolved_at IS NULL AND series_id IS NULL
    DO UPDATE SET detail = excluded.detail, proposal = excluded.proposal, updated_at = excluded.updated_at
    WHERE (bookings_task.detail, bookings_task.proposal)
          IS DISTINCT FROM (excluded.detail, excluded.proposal)
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task that ought to be open.

    `proposal` is JSON: what could be done about it, as it was `searched_at` then. From `deadline` on nothing
    can be.
    """

    kind: str
    series: Series
    session: UUID | None
    detail: str
    proposal: Any = None
    deadline: datetime | None = None
    searched_at: datetime | None = None

    @property
    def slot(self) -> Slot:
        """What there may be one open task for."""
        return self.kind, self.series.id, self.session


def put(wanted: Collection[Wanted], *, now: datetime) -> None:
    """Open these tasks, or bring those that are open already up to date. In the caller's transaction."""
    if not wanted:
        return
    rows = {new_id(): one for one in wanted}
    columns: dict[str, Any] = {
        "now": now,
        "ids": list(rows),
        "kinds": [one.kind for one in wanted],
        "clinics": [one.series.clinic_id for one in wanted],
        "series": [one.series.id for one in wanted],
        "sessions": [one.session for one in wanted],
        "details": [one.detail[:DETAIL_LENGTH] for one in wanted],
        "deadlines": [one.deadline for one in wanted],
        "proposals": [_json(one.proposal) for one in wanted],
        "searched": [one.searched_at for one in wanted],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT, columns)
        opened = [rows[id] for (id,) in cursor.fetchall() if id in rows]  # noqa: A001
    journal.write(
        journal.entry(
            "task_opened",
            actor=SYSTEM,
            now=now,
            series=one.series,
            after={"kind": one.kind},
            reason=one.detail,
        )
        for one in opened
    )


def put_about(
    patient: Patient,
    *,
    kind: str,
    clinics: Iterable[Clinic],
    detail: str,
    proposal: Any = None,
    now: datetime,
) -> None:
    """Open a task about a patient who has no series, at each of these clinics, or have the open one say this.
    In the caller's transaction.
    """
    rows = []
    for clinic in sorted(clinics, key=lambda one: one.id):
        task, detail = new_id(), detail[:DETAIL_LENGTH]
        asked: dict[str, Any] = {"id": task, "kind": kind, "clinic": clinic.id, "patient": patient.id}
        with connection.cursor() as cursor:
            said = {"detail": detail, "proposal": _json(proposal), "now": now}
            cursor.execute(_PUT_ABOUT, asked | said)
            if cursor.fetchone() == (task,):
                rows.append(
                    journal.entry(
                        "task_opened",
                        actor=SYSTEM,
                        now=now,
                        clinic=clinic,
                        patient=patient,
                        after={"kind": kind},
                        reason=detail,
                    )
                )
    journal.write(rows)


def close(tasks: Iterable[Task], *, why: str, now: datetime) -> None:
    """Close tasks whose matter is mended. In the caller's transaction; those closed meanwhile stay as they
    are.
    """
    for task in tasks:
        if Task.objects.filter(id=task.id, resolved_at__isnull=True).update(
            resolved_at=now, updated_at=now, resolution=why
        ):
            facts = {"kind": task.kind, "task": str(task.id)}
            about = (
                {"series": task.series} if task.series else {"clinic": task.clinic, "patient": task.patient}
            )
            journal.record("task_resolved", actor=SYSTEM, now=now, after=facts, reason=why, **about)


def settled_by_people(series: Collection[UUID], kinds: Collection[str]) -> Mapping[Slot, set[str]]:
    """What people have said they have seen to: the details of tasks they closed, which need not be raised
    again.
    """
    seen: dict[Slot, set[str]] = {}
    rows = Task.objects.filter(series__in=series, kind__in=kinds, resolved_by__isnull=False)
    for kind, one, session, detail in rows.values_list("kind", "series", "session", "detail"):
        seen.setdefault((kind, one, session), set()).add(detail)
    return seen


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
