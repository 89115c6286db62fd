"""Offer a patient other times for what is booked; the patient takes all of them or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from bookings import journal, placing, snapshot
from bookings.actors import SYSTEM, Actor, admit
from bookings.carrying_out import carry_out, question_about, question_of
from bookings.errors import Invalid, NotAllowed, NotFound, NotOffered, SpacingBroken, Taken, WrongState
from bookings.judging import Question
from bookings.locking import diary_lock
from bookings.models import NEXT_PHASE, Proposal, ProposalStatus, Series, SeriesStatus
from bookings.next_phase import left_after, ways_to_begin
from bookings.proposed import USUAL_LIFE, close, ended, first_concerned, is_outdated, put_forward
from bookings.reading import as_locked, reread_series
from bookings.replanning import Left, left_of, propose, under_clearance
from bookings.resuming import resumed
from scheduler.protocol import OnMissed
from scheduler.rules import Case, Place
from scheduler.spans import minute
from scheduler.violations import Rule

_GOES_ON = (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED)
#: Judged when the places were held: nobody loses them by answering on the last day.
_SETTLED = frozenset({Rule.LEAD_TIME, Rule.HORIZON})


def propose_moves(
    series: Series,
    *,
    moves: Mapping[int, datetime] | None = None,
    reason: str = "",
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Proposal:
    """Offer the patient these starts, by session number, or else the best way to place what is left.

    Of a series that is over it is the phase that follows. The new places are held until `expires_at`, unless
    told 72 hours, and never past the first visit that is concerned. What is booked stays until the patient
    accepts, so the new places must be free beside it. An earlier proposal for the series is superseded. Staff
    only.
    """
    admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
    if actor.is_patient:
        raise NotAllowed("Only staff propose other times.")
    left = _left(series, resume=moves is None, actor=actor, now=now)
    refusal: NotOffered | SpacingBroken | Taken | None = None
    for question in _questions(left, moves):
        until = _until(left, question, expires_at)
        try:
            return _propose(left, question, resume=moves is None, reason=reason, until=until)
        except (NotOffered, SpacingBroken, Taken) as error:
            refusal = refusal or error
    if refusal is None:
        raise WrongState("Nothing of the series needs another time.", now=left.series.status, allowed=())
    raise refusal


def accept_proposal(proposal: Proposal, *, actor: Actor, now: datetime) -> Series:
    """Every session of the proposal is at its new place, in one step, and the old places are free.

    Refuses with WrongState when it was answered, has expired, or the series has changed since; then
    everything stays as it was. The treatment's cut-off does not bind: it was the clinic who asked. The answer
    is the series that goes on: another one where the phase begins anew, or the next one begins.
    """
    series = _readable(proposal, actor)
    days = _days_of(proposal, series)
    with diary_lock(days, [series.patient_id], now=now, giving_up_holds=True):
        row, goes_on = _open(proposal.id, now=now), None
        is_begun = row.manner == NEXT_PHASE and is_outdated(row, (), now=now)
        resume = bool(row.cancels) or _begins_anew(row)
        left = None if is_begun else _left(series, resume=resume, actor=SYSTEM, now=now)
        if left is None or not _stands(row, left):
            journal.write([close(row, ProposalStatus.SUPERSEDED, actor=SYSTEM, now=now)])
        else:
            question = _accepted(left, row, actor=actor)
            case = under_clearance(question.look(left.series.clinic), question, left.series)
            seats = placing.seat(case, question.places, question.judge(case, excused=_SETTLED))
            entry = close(row, ProposalStatus.ACCEPTED, actor=actor, now=now)
            goes_on = carry_out(left, case, question, seats, first=[entry])
    if goes_on is None:
        raise _answered(ProposalStatus.SUPERSEDED)
    return goes_on


def decline_proposal(proposal: Proposal, *, reason: str = "", actor: Actor, now: datetime) -> Proposal:
    """What is booked stays as it is, and the held places are free. Refuses with WrongState like accepting."""
    series = _readable(proposal, actor)
    with diary_lock([], [series.patient_id], now=now):
        row = _open(proposal.id, now=now)
        entry = close(row, ProposalStatus.DECLINED, actor=actor, now=now, reason=reason)
        journal.write([entry])
    return row


def tidy_proposals(*, now: datetime) -> int:
    """Close what nobody can accept any more: expired, or of a series that has changed since; how many.

    Its places are free at once. Waits for nobody: what somebody has in hand is left for the next time.
    """
    closed = 0
    for proposal_id in Proposal.objects.filter(status=ProposalStatus.OPEN).values_list("id", flat=True):
        with transaction.atomic(durable=True):
            rows = Proposal.objects.select_for_update(of=("self",), skip_locked=True)
            row = rows.select_related("series").filter(id=proposal_id, status=ProposalStatus.OPEN).first()
            if row is None:
                continue
            late = row.expires_at <= now
            if not late and not is_outdated(row, row.series.sessions.all(), now=now):
                continue
            journal.write([close(row, ended(row, now), actor=SYSTEM, now=now)])
            closed += 1
    return closed


def _begins_anew(proposal: Proposal) -> bool:
    return proposal.manner in (OnMissed.RESTART, NEXT_PHASE)


def _stands(proposal: Proposal, left: Left) -> bool:
    """Whether every visit is where it was, and the same would still be given up, in the same manner."""
    if is_outdated(proposal, left.series.sessions.all(), now=left.now):
        return False
    if left.next_phase and len(left.missing) != len(proposal.moves):
        return False  # the treatment was changed meanwhile
    given_up = {one["session"] for one in proposal.cancels}
    return _begins_anew(proposal) == left.begins_anew and given_up == {one for one, _ in left.given_up}


def _left(series: Series, *, resume: bool, actor: Actor, now: datetime) -> Left:
    """What is left, or the phase that follows; to `resume`, also what its phase says of a missed session."""
    row = reread_series(series.id)
    if row.status == SeriesStatus.COMPLETED:
        return left_after(row, actor=actor, now=now)
    left = left_of(row, None, None, actor=actor, now=now)
    left = resumed(left) if resume else left
    if left.series.status not in _GOES_ON:
        raise WrongState(f"The series is {left.series.status}.", now=left.series.status, allowed=())
    return left


def _questions(left: Left, moves: Mapping[int, datetime] | None) -> Iterator[Question]:
    """What could be proposed: exactly those moves, or the ways to place what is left, best first."""
    if moves is None:
        if left.sessions or left.missing or left.dropped:
            ways = (
                ways_to_begin(left)
                if left.next_phase
                else propose(left, earliest=None, wish=None, gently=True)
            )
            found = (question_of(left, ways.case, way) for way in ways.found)
            yield from (question for question in found if question.places or left.dropped)
        return
    starts = left.starts
    whole = not left.next_phase or len(moves) == len(left.missing)
    if not moves or not whole or not moves.keys() <= starts.keys() | set(left.missing):
        raise Invalid("moves", "Name sessions that are left to place, each by its number.")
    for start in moves.values():
        placing.parse_starts([start], field="moves")
    wanted = {number: minute(start) for number, start in moves.items()}
    places = [Place(number, at) for number, at in sorted(wanted.items()) if starts.get(number) != at]
    if places:
        yield question_about(left, places)


def _until(left: Left, question: Question, expires_at: datetime | None) -> datetime:
    """Until when the places are held: before any visit that is concerned begins."""
    latest = first_concerned(left, question.places)
    if expires_at is None:
        return min(left.now + USUAL_LIFE, latest)
    if not left.now < expires_at <= latest:
        raise Invalid("expires_at", "Between now and the first visit that would change.")
    return expires_at


def _propose(left: Left, question: Question, *, resume: bool, reason: str, until: datetime) -> Proposal:
    series, now = left.series, left.now
    earlier = Proposal.objects.filter(series=series, status=ProposalStatus.OPEN)
    held = frozenset(one for one in earlier.values_list("hold_id", flat=True) if one)
    thought = _beside(replace(question, holds=held), left)
    question.judge(thought)
    days = placing.days_of_places(series.clinic_id, thought, question.places)
    days |= placing.days_of_sessions(series.clinic_id, thought.supply, left.dropped)
    with diary_lock(days, [series.patient_id], now=now) as rosters:
        again = _left(series, resume=resume, actor=left.actor, now=now)
        if (again.starts, again.missing, again.given_up) != (left.starts, left.missing, left.given_up):
            raise Taken(sessions=[])  # the series itself has changed meanwhile
        superseded = [
            close(one, ended(one, now), actor=left.actor, now=now)
            for one in earlier.select_for_update(of=("self",)).select_related("series")
        ]
        again.series.clinic = as_locked(again.series.clinic, rosters)
        case = _beside(question, again)
        seats = placing.seat(case, question.places, question.judge(case))
        proposal, entry = put_forward(again, case, seats, reason=reason, until=until)
        journal.write([*superseded, entry])
    return proposal


def _beside(question: Question, left: Left) -> Case:
    """The case in which, by the rules of the patient, the sessions have left, but the diary keeps them."""
    clinic = left.series.clinic
    kept = replace(question, leaving=frozenset()).look(clinic)
    return under_clearance(replace(question.look(clinic), diary=kept.diary), question, left.series)


def _accepted(left: Left, proposal: Proposal, *, actor: Actor) -> Question:
    """The proposal's places, in the chairs that are held."""
    places = [
        Place(move["number"], minute(datetime.fromisoformat(move["to"])), move["chair"])
        for move in proposal.moves
    ]
    holds = frozenset({proposal.hold_id} if proposal.hold_id else ())
    return replace(question_about(left, places), actor=actor, holds=holds)


def _readable(proposal: Proposal, actor: Actor) -> Series:
    series = reread_series(proposal.series_id)
    with suppress(NotFound):
        admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
        return series
    raise NotFound("There is no such proposal.")


def _days_of(proposal: Proposal, series: Series) -> set[tuple[UUID, date]]:
    """The clinic-days of the places that are held, and of the sessions that would leave theirs."""
    supply = snapshot.supply_of(series.clinic)
    held = proposal.hold.claims.values_list("start", "chair_until") if proposal.hold else ()
    concerned = [one["session"] for one in (*proposal.moves, *proposal.cancels) if one["session"]]
    moving = series.sessions.filter(id__in=concerned)
    spans = [(minute(start), minute(end)) for start, end in held]
    days = placing.clinic_days(series.clinic_id, supply, spans)
    return days | placing.days_of_sessions(series.clinic_id, supply, moving)


def _open(proposal_id: UUID, *, now: datetime) -> Proposal:
    """The proposal, which nobody else answers until this transaction is over."""
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("series")
    row = rows.get(id=proposal_id)
    if row.status != ProposalStatus.OPEN:
        raise _answered(row.status)
    if row.expires_at <= now:
        raise _answered(ProposalStatus.EXPIRED)
    return row


def _answered(status: str) -> WrongState:
    said = {
        ProposalStatus.ACCEPTED: "These times were accepted already.",
        ProposalStatus.DECLINED: "These times were declined already.",
        ProposalStatus.EXPIRED: "These times were kept for a while only, and that time is over.",
        ProposalStatus.SUPERSEDED: "The visits have changed since these times were proposed.",
    }
    return WrongState(said[ProposalStatus(status)], now=status, allowed=())
