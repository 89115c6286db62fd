"""One way to place what is left of a series, carried out: as a question, then as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from bookings import journal, placing
from bookings.giving_up import end_series, give_up
from bookings.judging import Cleared, Question
from bookings.models import Claim, JournalEntry, Series, Session, SessionStatus
from bookings.replanning import Left
from bookings.starting import begin_series, clearance_for
from scheduler.openings import free_chairs
from scheduler.rules import Case, Place
from scheduler.series import Replan
from scheduler.spans import minute

#: Why sessions are given up, where a missed one broke the course off.
_ANEW = "The phase begins anew after a missed session."
_DONE = "After a missed session, one more is given before the next phase."


def question_of(left: Left, case: Case, way: Replan) -> Question:
    """The places of a way that are new. A session that can stay where it is, chair and all, is let alone."""
    by_number = {session.number: session for session in left.sessions}
    places = []
    for place in way.plan.places:
        session = by_number.get(place.number)
        if left.onto or session is None or not _can_stay(case, session, place):
            places.append(place)
    return question_about(left, [Place(place.number, place.start) for place in places])


def question_about(left: Left, places: Sequence[Place]) -> Question:
    """Those places for sessions that are left, each of which gives up its own."""
    taken = {place.number for place in places}
    leaving = (*left.dropped, *(one for one in left.sessions if one.number in taken))
    return replace(
        left.question(leaving=False),
        places=tuple(places),
        leaving=frozenset(str(one.id) for one in leaving),
    )


def carry_out(
    left: Left,
    case: Case,
    question: Question,
    seats: Sequence[placing.Seat],
    *,
    first: Iterable[JournalEntry] = (),
) -> Series:
    """Old claims go, sessions move or come to be, new claims and the journal follow. A fixed number of
    statements. What is given up for them is cancelled, and the answer is the series that goes on: another
    one where the phase begins anew, or the next one begins.

    `first` are the journal's rows that say why, before those of the sessions.
    """
    series, actor, now = left.series, question.actor, question.now
    if left.begins_anew:
        ended: list[JournalEntry] = []
        if left.next_phase:
            cleared = clearance_for(question, case)
        else:
            ended = end_series(series, left.dropped, reason=_ANEW, actor=actor, now=now)
            cleared = Cleared(series.clearance_id, 0, now.date()) if series.clearance_id else None
        return begin_series(
            question,
            case,
            seats,
            patient=series.patient,
            clinic=series.clinic,
            cleared=cleared,
            first=[*first, *ended],
        )
    by_number = {session.number: session for session in left.sessions}
    Claim.objects.filter(session_id__in=[UUID(one) for one in question.leaving]).delete()
    entries, moved, made = list(first), [], []
    entries += give_up(left.dropped, reason=_DONE, actor=actor, now=now) if left.dropped else []
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
    return series


def _can_stay(case: Case, session: Session, place: Place) -> bool:
    chairs = free_chairs(case, place.start)
    return minute(session.start) == place.start and str(session.chair_id) in chairs
