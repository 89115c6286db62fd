"""Move several sessions of a series together, each to a place that was chosen for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bookings import placing
from bookings.actors import Actor, admit
from bookings.attendance import wrong_state
from bookings.carrying_out import carry_out, question_about
from bookings.errors import Invalid, NotAllowed, Stale, Taken, WrongState
from bookings.locking import diary_lock
from bookings.models import Series
from bookings.reading import reread_series
from bookings.replanning import Left, left_of, under_clearance
from bookings.resuming import resumed
from scheduler.rules import Place


def rearrange_series(
    series: Series,
    *,
    starts: Mapping[int, datetime],
    resume: bool = False,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Series:
    """Those sessions, by number, at those starts, all of them or none; the others stay where they are.

    A number that follows the last is a session that makes up for one that was missed or cancelled. `resume`:
    the series goes on as its phase says after the missed session that broke it off, with what that gives up;
    then all that is placed for it must be named, and the answer is the series that goes on, another one where
    the phase begins anew. Every rule is kept by all of them together. Refuses with `Stale` when the series
    has changed since `if_version`, and patients for whom one of the sessions is past its cut-off, or who
    would resume by themselves.
    """
    admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
    if resume and actor.is_patient:
        raise NotAllowed("Only staff plan how a course goes on after a missed visit.")
    if not starts:
        raise Invalid("starts", "Say at least one session.")
    minutes = placing.parse_starts(list(starts.values()), field="starts")
    places = [Place(number, start) for number, start in zip(starts, minutes, strict=True)]
    left = _left(series, places, if_version, resume=resume, actor=actor, now=now)
    question = question_about(left, places)
    thought = question.look(left.series.clinic)
    question.judge(thought)
    leaving = [*left.dropped, *(one for one in left.sessions if one.number in starts)]
    days = placing.days_of_sessions(series.clinic_id, thought.supply, leaving)
    days |= placing.days_of_places(series.clinic_id, thought, question.places)
    with diary_lock(days, [series.patient_id], now=now, giving_up_holds=True):
        again = _left(series, places, if_version, resume=resume, actor=actor, now=now)
        if (again.starts, again.given_up) != (left.starts, left.given_up):
            raise Taken(sessions=[])  # the series itself has changed meanwhile
        question = question_about(again, places)
        case = under_clearance(question.look(again.series.clinic), question, again.series)
        seats = placing.seat(case, question.places, question.judge(case))
        return carry_out(again, case, question, seats)


def _left(
    series: Series,
    places: list[Place],
    if_version: int | None,
    *,
    resume: bool,
    actor: Actor,
    now: datetime,
) -> Left:
    """What is left of the series, with all of those places among it."""
    series = reread_series(series.id)
    if if_version is not None and if_version != series.version:
        raise Stale(version=series.version)
    left, numbers = left_of(series, None, None, actor=actor, now=now), {place.number for place in places}
    if resume:
        left = resumed(left)
    if strangers := numbers - {*left.starts, *left.missing}:
        raise _not_to_be_placed(series, min(strangers))
    if resume and not numbers.issuperset(left.missing):
        raise Invalid("starts", "Say a start for each visit that is to be placed.")
    return left


def _not_to_be_placed(series: Series, number: int) -> WrongState:
    rows = series.sessions.select_related("series__protocol_version")
    session = rows.filter(number=number).first()
    if session is None:
        return WrongState("There is no such visit to place.", now=series.status, allowed=())
    return wrong_state(session, "This visit can no longer be moved here. Please call the clinic.")
