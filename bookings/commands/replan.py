"""Plan what is left of a series again: after a miss, a closure, a change of treatment, or from now on."""

from __future__ import annotations

from datetime import date, datetime

from bookings import journal, placing
from bookings.actors import Actor, admit
from bookings.carrying_out import carry_out, question_of
from bookings.errors import NotAllowed, Taken
from bookings.locking import diary_lock
from bookings.models import JournalEntry, ProtocolVersion, Role, Series
from bookings.reading import reread_series
from bookings.replanning import Left, Ways, left_of, propose, under_clearance
from bookings.resuming import nothing_left, resumed
from scheduler.rules import Wish


def propose_replan(
    series: Series,
    *,
    from_number: int | None = None,
    earliest: date | None = None,
    latest: date | None = None,
    wish: Wish | None = None,
    onto: ProtocolVersion | None = None,
    actor: Actor,
    now: datetime,
) -> Ways:
    """How what is left could be placed from `earliest` to `latest`. Writes nothing.

    Sessions that were missed or cancelled and not made up get new numbers; where the phase says otherwise of
    a missed one, the clinic's plans follow that. With nothing else asked for, sessions that still keep their
    rules stay, and what is to be made up follows the last of them. `onto` places all that is left afresh, by
    another version of the protocol. Refuses with `UnplannableSeries` where there is no way, and with
    `WrongState` where nothing is left to place.
    """
    return _propose(series, from_number, earliest, latest, wish, onto, actor=actor, now=now)[1]


def apply_replan(
    series: Series,
    *,
    from_number: int | None = None,
    earliest: date | None = None,
    wish: Wish | None = None,
    onto: ProtocolVersion | None = None,
    actor: Actor,
    now: datetime,
) -> Series:
    """Carry out the best of those ways, all of it or nothing: moves, and new sessions for what is made up.

    Until then everything stays as it was. Under `onto` the delivered sessions keep the version they were
    given under. The answer is the series that goes on: another one where its phase begins anew.
    """
    left, ways = _propose(series, from_number, earliest, None, wish, onto, actor=actor, now=now)
    thought, question = ways.case, question_of(left, ways.case, ways.found[0])
    if not question.places and not left.dropped:
        return left.series
    leaving = (*left.sessions, *left.dropped)
    days = placing.days_of_sessions(left.series.clinic_id, thought.supply, leaving)
    days |= placing.days_of_places(left.series.clinic_id, thought, question.places)
    with diary_lock(days, [series.patient_id], now=now, giving_up_holds=True):
        again = _left(series, from_number, onto, actor=actor, now=now)
        if (again.starts, again.given_up) != (left.starts, left.given_up):
            raise Taken(sessions=[])  # the series itself has changed meanwhile
        case = under_clearance(question.look(again.series.clinic), question, again.series)
        seats = placing.seat(case, question.places, question.judge(case))
        return carry_out(again, case, question, seats, first=_change_of_treatment(again))


def _propose(
    series: Series,
    from_number: int | None,
    earliest: date | None,
    latest: date | None,
    wish: Wish | None,
    onto: ProtocolVersion | None,
    *,
    actor: Actor,
    now: datetime,
) -> tuple[Left, Ways]:
    admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
    if onto is not None and actor.role != Role.PRESCRIBER:
        raise NotAllowed("Only a prescriber may change the treatment.")
    left = _left(series, from_number, onto, actor=actor, now=now)
    if not left.sessions and not left.missing and not left.dropped:
        raise nothing_left(left)
    gently = from_number is None and onto is None
    return left, propose(left, earliest=earliest, latest=latest, wish=wish, gently=gently)


def _left(
    series: Series,
    from_number: int | None,
    onto: ProtocolVersion | None,
    *,
    actor: Actor,
    now: datetime,
) -> Left:
    """What is left, and by the clinic's own hand also what its phase says of a missed session."""
    left = left_of(reread_series(series.id), from_number, onto, actor=actor, now=now)
    return left if actor.is_patient or from_number is not None else resumed(left)


def _change_of_treatment(left: Left) -> list[JournalEntry]:
    if left.onto is None:
        return []
    return [
        journal.entry(
            "series_replanned",
            actor=left.actor,
            now=left.now,
            series=left.series,
            before={"protocol_version": left.series.protocol_version.version},
            after={"protocol_version": left.onto.version},
        )
    ]
