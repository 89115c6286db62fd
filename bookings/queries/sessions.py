"""Reading sessions: which ones somebody may see, and what they may do with them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import DateField, DateTimeField, F, Func, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from bookings import lifecycle
from bookings.actors import Actor
from bookings.models import Clinic, Session
from bookings.queries.scope import seen_by
from bookings.queries.series import lapsed_course
from bookings.snapshot import protocol_of

#: What patients do with their own sessions; the rest is done by those who stand beside the chair.
PATIENTS_VERBS = frozenset({"confirm", "move", "cancel"})
#: Until so long before the start (the protocol's `cancel_cutoff_hours`) a patient may still do these.
_BEFORE_CUTOFF = frozenset({"move", "cancel"})


def sessions_seen_by(actor: Actor) -> QuerySet[Session]:
    """The sessions that the actor may see: a patient's own, those at the clinics where a member of staff
    works.

    With what an answer needs, in two queries however many there are.
    """
    numbers = Session.objects.filter(series=OuterRef("series")).order_by("-number").values("number")[:1]
    rows = (
        Session.objects.select_related("series", "clinic", "chair")
        .prefetch_related("series__protocol_version")
        .annotate(last_number=Subquery(numbers))
    )
    rows = seen_by(actor, rows)
    if actor.is_staff:
        return rows
    return rows.annotate(must_be_seen=lapsed_course("series__protocol_version__protocol"))


def filtered(
    rows: QuerySet[Session],
    *,
    clinic: Clinic | None = None,
    first: date | None = None,
    last: date | None = None,
    statuses: Collection[str] = (),
    patient: UUID | None = None,
    series: UUID | None = None,
) -> QuerySet[Session]:
    """Those of the rows that keep every condition given. Dates are inclusive, in the clinic's wall-clock."""
    if clinic is not None:
        rows = rows.filter(clinic=clinic)
    if statuses:
        rows = rows.filter(status__in=statuses)
    if patient is not None:
        rows = rows.filter(patient_id=patient)
    if series is not None:
        rows = rows.filter(series_id=series)
    # Each local date lies within a day of the same date in UTC: that bound is for the index.
    if first is not None:
        rows = rows.filter(GreaterThanOrEqual(_LOCAL_DATE, first), start__gte=_midnight(first - _A_DAY))
    if last is not None:
        rows = rows.filter(LessThanOrEqual(_LOCAL_DATE, last), start__lt=_midnight(last + 2 * _A_DAY))
    return rows


_A_DAY = timedelta(days=1)
_LOCAL_DATE = Cast(
    Func(F("clinic__time_zone"), F("start"), function="timezone", output_field=DateTimeField()), DateField()
)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)


def allowed_verbs(session: Session, *, actor: Actor, now: datetime) -> list[str]:
    """What the actor may do with the session now, always in the same order."""
    verbs: list[str] = list(lifecycle.allowed(session.status, status_before=session.status_before))
    if now < session.start + timedelta(minutes=session.clinic.no_show_after_minutes):
        verbs = [verb for verb in verbs if verb != "no-show"]
    if actor.is_staff:
        return verbs
    cutoff = protocol_of(session.series.protocol_version).cancel_cutoff_hours
    kept = set(PATIENTS_VERBS)
    if now > session.start - timedelta(hours=cutoff):
        kept -= _BEFORE_CUTOFF
    if getattr(session, "must_be_seen", False):  # a prescriber must look at the course first
        kept.discard("move")
    return [verb for verb in verbs if verb in kept]


def sessions_of_course(session: Session) -> int:
    """The n of "session k of n": what the phase has or, where it is open-ended, the numbers given so far."""
    phase = protocol_of(session.series.protocol_version).phase(session.series.phase)
    return phase.sessions or getattr(session, "last_number", None) or session.number


def steps_of(session: Session) -> list[dict[str, Any]]:
    """The steps of the visit with their times."""
    return [
        {
            "name": timed.step.name,
            "start": session.start + timedelta(minutes=timed.starts),
            "end": session.start + timedelta(minutes=timed.ends),
        }
        for timed in protocol_of(session.series.protocol_version).timed_steps
    ]
