"""Give places back: one session's, or those of a whole series. Nothing is deleted but the claims."""

from __future__ import annotations

from datetime import datetime

from bookings import journal, placing, snapshot
from bookings.actors import Actor, admit
from bookings.attendance import refuse_late_change, step, touch
from bookings.errors import Stale, WrongState
from bookings.giving_up import cancelled, end_series, open_sessions
from bookings.lapsing import close_or_lapse
from bookings.locking import diary_lock
from bookings.models import Claim, Series, SeriesStatus, Session
from bookings.reading import reread, reread_series

_ENDED = (SeriesStatus.COMPLETED, SeriesStatus.CANCELLED)


def cancel_session(
    session: Session, *, reason: str = "", if_version: int | None = None, actor: Actor, now: datetime
) -> Session:
    """The session is cancelled and its chair free.

    Where this leaves a gap longer than the hard maximum, the series lapses; where nothing is left of the
    series, it is cancelled. Patients cancel only before the protocol's cut-off.
    """
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    session = reread(session.id)
    days = placing.days_of_sessions(session.clinic_id, snapshot.supply_of(session.clinic), [session])
    with diary_lock(days, [session.patient_id], now=now):
        session = reread(session.id)
        after = step("cancel", session, if_version=if_version)
        refuse_late_change(session, actor=actor, now=now)
        entry = cancelled(session, after, reason=reason, actor=actor, now=now)
        Claim.objects.filter(session=session).delete()
        touch(session)
        journal.write([entry, *close_or_lapse(session.series, actor=actor, now=now)])
    return session


def cancel_series(
    series: Series, *, reason: str = "", if_version: int | None = None, actor: Actor, now: datetime
) -> Series:
    """Every session of the series that has not begun is cancelled, and the series with them, all or none.

    A patient may do so only before the cut-off of the next one.
    """
    admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
    series = reread_series(series.id)
    supply = snapshot.supply_of(series.clinic)
    days = placing.days_of_sessions(series.clinic_id, supply, open_sessions(series))
    with diary_lock(days, [series.patient_id], now=now):
        series = reread_series(series.id)
        if if_version is not None and if_version != series.version:
            raise Stale(version=series.version)
        if series.status in _ENDED:
            raise WrongState(f"The series is already {series.status}.", now=series.status, allowed=())
        sessions = open_sessions(series)
        for one in sessions:
            refuse_late_change(one, actor=actor, now=now)
        journal.write(end_series(series, sessions, reason=reason, actor=actor, now=now))
    return series
