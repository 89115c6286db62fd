"""Mend many series at once: a joint plan is asked for, and drawn up by a worker.

Drawing up holds no lock and no place of the diary; places are judged anew when they are taken.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from bookings import journal
from bookings.actors import Actor, admit
from bookings.drawn_up import expiry_of, figures_of, parts_of
from bookings.errors import NotAllowed, WrongState
from bookings.models import Clinic, Repair, RepairPart, RepairStatus
from bookings.stricken import Trouble, gather, out_of_place
from scheduler.joint import JointPlan, Progress, repair
from scheduler.spans import minute

#: What a plan may take. What is not proven by then says how far it could be from the best.
SECONDS = 18.0
#: A worker that has not been heard of for so long is dead, and another takes its place.
PATIENCE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
GIVEN_UP = "No worker could finish this plan. Ask once more, for fewer days, or move the visits one by one."


def draw_up_repair(
    clinic: Clinic,
    *,
    sessions: Collection[UUID] | None = None,
    first: date | None = None,
    last: date | None = None,
    actor: Actor,
    now: datetime,
) -> Repair:
    """Ask for a plan for the sessions of the clinic that do not keep their place any more: all of them, those
    named, or those from the first to the last clinic-local date.

    A worker draws it up. Asked twice while that goes on, it is one plan. Refuses with WrongState when nothing
    is out of place that was not offered other times already. Staff only.
    """
    admit(actor, clinic_id=clinic.id, patient_id=None)
    if not actor.is_staff:
        raise NotAllowed("Only staff draw up plans.")
    lost = out_of_place(clinic, sessions=sessions, first=first, last=last, now=now)
    if not lost:
        raise WrongState("Every visit keeps its place, or other times are on offer.", now="", allowed=())
    names = sorted(str(one.id) for one in lost)
    with transaction.atomic(durable=True):
        row = Repair(
            clinic=clinic,
            sessions=names,
            digest=sha256(" ".join(names).encode()).hexdigest(),
            status=RepairStatus.DRAWING_UP,
            created_at=now,
            created_by_id=actor.id,
        )
        Repair.objects.bulk_create([row], ignore_conflicts=True)
        if Repair.objects.filter(id=row.id).exists():
            facts = {"repair": str(row.id), "sessions": names}
            journal.record("repair_asked", actor=actor, now=now, clinic=clinic, after=facts)
            return row
    return Repair.objects.filter(clinic=clinic, digest=row.digest).latest("created_at", "id")


def draw_up_next(*, now: datetime, seconds: float = SECONDS) -> bool:
    """Draw up the plan that has waited longest, in about so many seconds; whether there was one.

    A plan is one worker's at a time. Should that die, another begins anew after `PATIENCE`, and the plan has
    failed after `MOST_ATTEMPTS`.
    """
    row = _take_up(now=now)
    if row is None:
        return False
    lost = out_of_place(row.clinic, sessions=[UUID(one) for one in row.sessions], now=now)
    trouble = gather(row.clinic, lost, now=now)
    plan = _solve(row, trouble, seconds=seconds) if trouble.stricken else None
    parts = parts_of(row, trouble, plan, now=now)
    with transaction.atomic(durable=True):
        done = {
            "status": RepairStatus.READY if parts else RepairStatus.DONE,
            "version": F("version") + 1,
            "drawn_up_at": now,
            "expires_at": expiry_of(parts, now=now),
            "figures": figures_of(plan) if plan else {},
            "progress": {},
        }
        if _mine(row).update(**done):
            RepairPart.objects.bulk_create(parts)
    return True


def tidy_repairs(*, now: datetime) -> int:
    """Close the plans whose time is over; how many."""
    late = Repair.objects.filter(status=RepairStatus.READY, expires_at__lte=now)
    return late.update(status=RepairStatus.OUTDATED, version=F("version") + 1)


def _take_up(*, now: datetime) -> Repair | None:
    """The plan that is this worker's from now on. One that too many workers have begun has failed."""
    waiting = Repair.objects.filter(status=RepairStatus.DRAWING_UP).filter(
        Q(taken_up_at=None) | Q(taken_up_at__lte=now - PATIENCE)
    )
    with transaction.atomic(durable=True):
        rows = waiting.select_for_update(of=("self",), skip_locked=True).select_related("clinic")
        for row in rows.order_by("created_at", "id"):
            if row.attempts >= MOST_ATTEMPTS:
                row.status, row.error, row.version = RepairStatus.FAILED, GIVEN_UP, row.version + 1
                row.save(update_fields=["status", "error", "version"])
                continue
            row.taken_up_at, row.attempts = now, row.attempts + 1
            row.save(update_fields=["taken_up_at", "attempts"])
            return row
    return None


def _mine(row: Repair) -> QuerySet[Repair]:
    """The plan, as long as no other worker has begun it anew."""
    return Repair.objects.filter(id=row.id, status=RepairStatus.DRAWING_UP, attempts=row.attempts)


def _solve(row: Repair, trouble: Trouble, *, seconds: float) -> JointPlan:
    def tell(progress: Progress) -> None:
        said = {"stage": progress.stage.value, **progress.cost._asdict()}
        _mine(row).update(progress={**said, "seconds": round(progress.seconds, 1)})

    assert row.taken_up_at is not None, "it was taken up"
    return repair(
        trouble.stricken,
        supply=trouble.supply,
        diary=trouble.diary,
        now=minute(row.taken_up_at),
        horizon=trouble.horizon,
        seconds=seconds,
        on_progress=tell,
    )
