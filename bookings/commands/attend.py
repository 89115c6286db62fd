"""The day of the visit: confirm, check in, start, recover, complete, miss, undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bookings import journal, lapsing, lifecycle, placing, snapshot
from bookings.actors import Actor, admit
from bookings.assessments import owed_before
from bookings.attendance import step, touch, wrong_state
from bookings.clinical import ASSESSMENT
from bookings.errors import AssessmentNeeded, Invalid, NotAllowed, Stale
from bookings.judging import Question
from bookings.locking import diary_lock
from bookings.models import Claim, Role, Session
from bookings.reading import reread
from scheduler.rules import Place
from scheduler.spans import minute
from scheduler.violations import Rule

#: Among a session's overrides, though no rule of the diary.
ESCORT = "escort"


def confirm_session(
    session: Session, *, reason: str = "", if_version: int | None = None, actor: Actor, now: datetime
) -> Session:
    """The patient says that they will come."""
    return _advance("confirm", session, reason=reason, if_version=if_version, actor=actor, now=now)


def check_in_session(
    session: Session, *, reason: str = "", if_version: int | None = None, actor: Actor, now: datetime
) -> Session:
    """The patient is here. Staff only, as every verb below."""
    _staff_only(actor)
    return _advance("check-in", session, reason=reason, if_version=if_version, actor=actor, now=now)


def start_session(
    session: Session,
    *,
    override_reason: str | None = None,
    reason: str = "",
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Session:
    """The infusion runs.

    Where a prescriber is to look at the patient first, and nobody has, refuses with `AssessmentNeeded`; a
    prescriber may start it all the same with an `override_reason`, which the session remembers.
    """
    _staff_only(actor)

    def assess(one: Session) -> None:
        owed = owed_before(one)
        if owed is None:
            return
        if not override_reason or actor.role != Role.PRESCRIBER:
            possible = lifecycle.allowed(one.status_before, status_before=lifecycle.BOOKED)
            raise AssessmentNeeded(after=owed.after, allowed=[verb for verb in possible if verb != "start"])
        one.overrides = [*one.overrides, _override(ASSESSMENT, override_reason, actor=actor, now=now)]

    reason = override_reason or reason
    return _advance(
        "start", session, reason=reason, if_version=if_version, actor=actor, now=now, unless=assess
    )


def recover_session(
    session: Session, *, reason: str = "", if_version: int | None = None, actor: Actor, now: datetime
) -> Session:
    """The infusion is over and the patient rests."""
    _staff_only(actor)
    return _advance("recover", session, reason=reason, if_version=if_version, actor=actor, now=now)


def complete_session(
    session: Session,
    *,
    escort: bool = False,
    override_reason: str | None = None,
    reason: str = "",
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Session:
    """The patient has gone home, and the series is complete when this was the last live session.

    Where the protocol asks for an escort, somebody fetched the patient, or a prescriber says why nobody
    had to; the session remembers that as an override of `escort`.
    """
    _staff_only(actor)
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    with diary_lock([], [session.patient_id], now=now):
        session = reread(session.id)
        before = journal.session_facts(session)
        session.status_before, session.status = (
            session.status,
            step("complete", session, if_version=if_version),
        )
        if snapshot.protocol_of(session.series.protocol_version).needs_escort and not escort:
            override = _escort_override(session, override_reason, actor=actor, now=now)
            session.overrides = [*session.overrides, override]
        touch(session)
        entry = journal.entry(
            "session_completed",
            actor=actor,
            now=now,
            session=session,
            before=before,
            after={**journal.session_facts(session), "escort": escort},
            reason=override_reason or reason,
        )
        journal.write([entry, *lapsing.complete_if_last(session.series, actor=actor, now=now)])
    return session


def miss_session(
    session: Session, *, reason: str = "", if_version: int | None = None, actor: Actor, now: datetime
) -> Session:
    """Nobody came: the chair is free from now on, and the session does not count for spacing.

    Only from the clinic's `no_show_after_minutes` after the start on. A gap that is now longer than the hard
    maximum makes the series lapse.
    """
    if actor.kind != "system":
        _staff_only(actor)
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    session = reread(session.id)
    days = placing.days_of_sessions(session.clinic_id, snapshot.supply_of(session.clinic), [session])
    with diary_lock(days, [session.patient_id], now=now):
        session = reread(session.id)
        before = journal.session_facts(session)
        after = step("no-show", session, if_version=if_version)
        grace = session.clinic.no_show_after_minutes
        if now < session.start + timedelta(minutes=grace):
            raise wrong_state(session, f"A visit is missed from {grace} minutes after its start on.")
        session.status_before, session.status = session.status, after
        Claim.objects.filter(session=session).delete()
        touch(session)
        entry = journal.entry(
            "session_no_show",
            actor=actor,
            now=now,
            session=session,
            before=before,
            after=journal.session_facts(session),
            reason=reason,
        )
        journal.write([entry, *lapsing.close_or_lapse(session.series, actor=actor, now=now)])
    return session


def undo_session(
    session: Session, *, reason: str = "", if_version: int | None = None, actor: Actor, now: datetime
) -> Session:
    """Back to the state before the last verb, one step. Staff only.

    A session that had given its place back takes it again only if the place still keeps every rule, but
    those that were overridden for it before and that of notice: its time may have come.
    """
    _staff_only(actor)
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    session = reread(session.id)
    days = placing.days_of_sessions(session.clinic_id, snapshot.supply_of(session.clinic), [session])
    gone = session.status in lifecycle.GONE
    with diary_lock(days, [session.patient_id], now=now, giving_up_holds=gone):
        session = reread(session.id)
        if if_version is not None and if_version != session.version:
            raise Stale(version=session.version)
        if lifecycle.UNDO not in lifecycle.allowed(session.status, status_before=session.status_before):
            raise wrong_state(session, "There is nothing to undo.")
        before = journal.session_facts(session)
        came_back = session.status in lifecycle.GONE
        ended = came_back or session.status == lifecycle.COMPLETED
        session.status, session.status_before = session.status_before, ""
        undone = {lifecycle.COMPLETED: ESCORT, lifecycle.INFUSING: ASSESSMENT}.get(before["status"])
        session.overrides = [one for one in session.overrides if one["rule"] != undone]
        touch(session)
        if came_back:
            _take_place_again(session, actor=actor, now=now)
        entry = journal.entry(
            "session_undone",
            actor=actor,
            now=now,
            session=session,
            before=before,
            after=journal.session_facts(session),
            reason=reason,
        )
        journal.write([entry, *(lapsing.reopen(session.series, actor=actor, now=now) if ended else ())])
    return session


def _advance(
    verb: str,
    session: Session,
    *,
    reason: str,
    if_version: int | None,
    actor: Actor,
    now: datetime,
    unless: Callable[[Session], None] | None = None,
) -> Session:
    """One step of a session that keeps its place: the patient's lock is enough. `unless` may refuse it."""
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    with diary_lock([], [session.patient_id], now=now):
        session = reread(session.id)
        before = journal.session_facts(session)
        session.status_before, session.status = session.status, step(verb, session, if_version=if_version)
        if unless is not None:
            unless(session)
        touch(session)
        journal.record(
            f"session_{session.status}",
            actor=actor,
            now=now,
            session=session,
            before=before,
            after=journal.session_facts(session),
            reason=reason,
        )
    return session


def _take_place_again(session: Session, *, actor: Actor, now: datetime) -> None:
    earlier = {one["rule"] for one in session.overrides}
    question = Question(
        version=session.series.protocol_version,
        phase=session.series.phase,
        places=(Place(session.number, minute(session.start), str(session.chair_id)),),
        actor=actor,
        now=min(now, session.start),
        patient_id=session.patient_id,
        series_id=session.series_id,
    )
    case = question.look(session.clinic)
    question.judge(case, excused=frozenset(rule for rule in Rule if rule in earlier))
    seats = placing.seat(case, question.places, {session.number: session.overrides})
    placing.claim(
        case,
        seats,
        clinic=session.clinic,
        version=question.version,
        patient_id=session.patient_id,
        sessions={session.number: session},
    )


def _escort_override(session: Session, reason: str | None, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the session remembers of a patient who went home alone. Refuses without a prescriber's reason."""
    if not reason:
        raise Invalid(
            "escort", "Somebody must fetch the patient; without an escort a prescriber says why not."
        )
    if actor.role != Role.PRESCRIBER:
        raise NotAllowed("Only a prescriber may let the patient go home alone.")
    return _override(ESCORT, reason, actor=actor, now=now)


def _override(rule: str, reason: str, *, actor: Actor, now: datetime) -> dict[str, Any]:
    return {"rule": rule, "reason": reason, "by": str(actor.id), "at": now.isoformat()}


def _staff_only(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotAllowed("Only staff can do that.")
