"""Begin the phase that follows one that is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bookings import placing, snapshot
from bookings.actors import Actor, admit
from bookings.carrying_out import carry_out, question_about
from bookings.errors import NotAllowed, Stale, Taken
from bookings.locking import diary_lock
from bookings.models import Series
from bookings.next_phase import left_after
from bookings.reading import reread_series
from bookings.replanning import Left, under_clearance


def begin_next_phase(
    series: Series,
    *,
    starts: Sequence[datetime],
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Series:
    """The sessions of the phase after this series are booked at these starts, all of them or none; the answer
    is their series.

    Refuses with `WrongState` where the phase has begun already or may not begin yet, for want of a clearance
    or of a prescriber's word, and with `Stale` when the series has changed since `if_version`. Staff only.
    """
    admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
    if actor.is_patient:
        raise NotAllowed("Only staff begin the next phase.")
    left = _left(series, if_version, actor=actor, now=now)
    places = placing.parse_places(snapshot.protocol_of(left.version), left.next_phase, starts)
    question = question_about(left, places)
    try:
        thought = under_clearance(question.look(left.series.clinic), question, left.series)
        question.judge(thought)
        days = placing.days_of_places(series.clinic_id, thought, places)
        with diary_lock(days, [series.patient_id], now=now, giving_up_holds=True):
            again = _left(series, if_version, actor=actor, now=now)
            question = question_about(again, places)
            case = under_clearance(question.look(again.series.clinic), question, again.series)
            seats = placing.seat(case, places, question.judge(case))
            return carry_out(again, case, question, seats)
    except Taken as refusal:
        refusal.facts["alternatives"] = question.alternatives(left.series.clinic)
        raise


def _left(series: Series, if_version: int | None, *, actor: Actor, now: datetime) -> Left:
    row = reread_series(series.id)
    if if_version is not None and if_version != row.version:
        raise Stale(version=row.version)
    return left_after(row, actor=actor, now=now)
