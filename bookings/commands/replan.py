"""Plan what is left of a series again: after a miss, a closure, a change of treatment, or from now on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from bookings import journal, placing
from bookings.actors import Actor, admit
from bookings.errors import NotAllowed, Taken, WrongState
from bookings.judging import Question
from bookings.locking import diary_lock
from bookings.models import (
    Claim,
    JournalEntry,
    ProtocolVersion,
    Role,
    Series,
    Session,
    SessionStatus,
)
from bookings.reading import reread_series
from bookings.replanning import Left, left_of, propose, under_clearance
from scheduler.openings import free_chairs
from scheduler.rules import Case, Place, Wish
from scheduler.series import Replan
from scheduler.spans import minute


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
) -> list[Replan]:
    """Up to three ways to place what is left, from `earliest` to `latest`, best first. Writes nothing.

    Sessions that were missed or cancelled and not made up get new numbers. With nothing else asked for,
    sessions that still keep their rules stay, and what is to be made up follows the last of them. `onto`
    places all that is left afresh, by another version of the protocol. Refuses with `UnplannableSeries`
    where there is no way.
    """
    return _propose(series, from_number, earliest, latest, wish, onto, actor=actor, now=now)[2]


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
    given under.
    """
    left, thought, ways = _propose(series, from_number, earliest, None, wish, onto, actor=actor, now=now)
    question = _question(left, thought, ways[0])
    if not question.places:
        return left.series
    days = placing.days_of_sessions(left.series.clinic_id, thought.supply, left.sessions)
    days |= placing.days_of_places(left.series.clinic_id, thought, question.places)
    with diary_lock(days, [series.patient_id], now=now, giving_up_holds=True):
        again = left_of(reread_series(series.id), from_number, onto, actor=actor, now=now)
        if again.starts != left.starts:
            raise Taken(sessions=[])  # the series itself has changed meanwhile
        case = under_clearance(question.look(again.series.clinic), question, again.series)
        seats = placing.seat(case, question.places, question.judge(case))
        _write(again, case, question, seats, onto=onto)
    return again.series


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
) -> tuple[Left, Case, list[Replan]]:
    admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
    if onto is not None and actor.role != Role.PRESCRIBER:
        raise NotAllowed("Only a prescriber may change the treatment.")
    left = left_of(reread_series(series.id), from_number, onto, actor=actor, now=now)
    if not left.sessions and not left.missing:
        raise WrongState("Nothing of the series is left to place.", now=left.series.status, allowed=())
    gently = from_number is None and onto is None
    return left, *propose(left, earliest=earliest, latest=latest, wish=wish, gently=gently)


def _question(left: Left, case: Case, way: Replan) -> Question:
    """The places of a way that are new. A session that can stay where it is, chair and all, is let alone."""
    by_number = {session.number: session for session in left.sessions}
    places = []
    for place in way.plan.places:
        session = by_number.get(place.number)
        if left.onto or session is None or not _can_stay(case, session, place):
            places.append(place)
    moved = {place.number for place in places}
    return Question(
        version=left.version,
        phase=left.series.phase,
        places=tuple(Place(place.number, place.start) for place in places),
        actor=left.actor,
        now=left.now,
        patient_id=left.series.patient_id,
        series_id=left.series.id,
        leaving=frozenset(str(one.id) for one in left.sessions if one.number in moved),
    )


def _can_stay(case: Case, session: Session, place: Place) -> bool:
    chairs = free_chairs(case, place.start)
    return minute(session.start) == place.start and str(session.chair_id) in chairs


def _write(
    left: Left, case: Case, question: Question, seats: Sequence[placing.Seat], *, onto: ProtocolVersion | None
) -> None:
    """Old claims go, sessions move or come to be, new claims and the journal follow. A fixed number of
    statements.
    """
    series, actor, now = left.series, question.actor, question.now
    by_number = {session.number: session for session in left.sessions}
    Claim.objects.filter(session_id__in=[UUID(one) for one in question.leaving]).delete()
    entries, moved, made = _start_of_journal(left, onto), [], []
    for seat in seats:
        session = by_number.get(seat.number)
        before = journal.session_facts(session) if session else {}
        if session is None:
            status = SessionStatus.REQUESTED if series.status == "requested" else SessionStatus.BOOKED
            session = Session(
                series=series,
                patient_id=series.patient_id,
                clinic_id=series.clinic_id,
                number=seat.number,
                status=status,
            )
            by_number[seat.number] = session
            made.append(session)
        else:
            if session.status == SessionStatus.CONFIRMED:
                session.status = SessionStatus.BOOKED  # what was confirmed was the old time
            session.status_before, session.version = "", session.version + 1
            moved.append(session)
        placing.settle(session, seat, case.protocol)
        entries.append(
            journal.entry(
                "session_moved" if before else "session_booked",
                actor=actor,
                now=now,
                session=session,
                before=before,
                after=journal.session_facts(session),
            )
        )
    series.version += 1
    series.protocol_version = question.version
    series.save(update_fields=["version", "protocol_version"])
    Session.objects.bulk_update(
        moved, ["status", "status_before", "chair", "start", "end", "chair_until", "overrides", "version"]
    )
    Session.objects.bulk_create(made)
    placing.claim(
        case,
        seats,
        clinic=series.clinic,
        version=question.version,
        patient_id=series.patient_id,
        sessions=by_number,
    )
    journal.write(entries)


def _start_of_journal(left: Left, onto: ProtocolVersion | None) -> list[JournalEntry]:
    if onto is None:
        return []
    return [
        journal.entry(
            "series_replanned",
            actor=left.actor,
            now=left.now,
            series=left.series,
            before={"protocol_version": left.series.protocol_version.version},
            after={"protocol_version": onto.version},
        )
    ]
