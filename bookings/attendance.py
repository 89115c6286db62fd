"""What the verbs of one session share: the step from state to state, cut-offs, and what becomes of the
series.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from bookings import lifecycle, snapshot
from bookings.actors import Actor
from bookings.errors import NotOffered, Stale, WrongState
from bookings.models import Series, SeriesStatus, Session
from scheduler.violations import Rule, Violation

_NO_LONGER = {
    lifecycle.CANCELLED: "That visit is already cancelled.",
    lifecycle.COMPLETED: "That visit is over.",
    lifecycle.NO_SHOW: "That visit was missed.",
}


def step(verb: str, session: Session, *, if_version: int | None) -> str:
    """The state that the verb leads to. Refuses with `Stale` or `WrongState`."""
    if if_version is not None and if_version != session.version:
        raise Stale(version=session.version)
    after = lifecycle.after(verb, session.status)
    if after is None:
        raise wrong_state(session)
    return after


def wrong_state(session: Session, detail: str | None = None) -> WrongState:
    """The refusal for a session that is not in a state for what was asked."""
    said = detail or _NO_LONGER.get(
        session.status, f"The visit is {session.status}: that cannot be done now."
    )
    return WrongState(
        said,
        now=session.status,
        allowed=lifecycle.allowed(session.status, status_before=session.status_before),
    )


def refuse_late_change(session: Session, *, actor: Actor, now: datetime) -> None:
    """Patients change a visit only before the protocol's cut-off; after it they call."""
    hours = snapshot.protocol_of(session.series.protocol_version).cancel_cutoff_hours
    if not actor.is_patient or now <= session.start - timedelta(hours=hours):
        return
    ahead = int((session.start - now).total_seconds() // 3600)
    detail = f"This can be changed until {hours} hours before the visit. Please call the clinic."
    raise NotOffered([Violation(Rule.LEAD_TIME, (session.number,), hours, ahead, detail)])


def touch(session: Session) -> None:
    """Save the session under its next version, and count the change in its series. Two statements."""
    session.version += 1
    session.save(
        update_fields=[
            "status",
            "status_before",
            "chair",
            "start",
            "end",
            "chair_until",
            "overrides",
            "version",
        ]
    )
    Series.objects.filter(id=session.series_id).update(version=F("version") + 1)


def set_series_status(series: Series, status: SeriesStatus) -> None:
    """Save the series in that state. `touch` counts the version."""
    series.status = status
    series.save(update_fields=["status"])
