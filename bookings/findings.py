"""What a person must look at in a series: pure, from values that are at hand.

A gap between two sessions is flagged when it is longer than its bound, because the bound itself is allowed. A
gap with nothing booked at its end grows every day, so it is flagged on the day of the bound, while something
can be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from bookings.course import Course, Finding
from bookings.covered import beyond_clearance, missing_clearance
from bookings.gaps import hard_bound, long_gaps, soft_bound
from bookings.lifecycle import GONE, NO_SHOW
from bookings.models import SeriesStatus, Session, TaskKind
from scheduler.protocol import OnMissed, Spacing
from scheduler.rules import check, soft_gaps
from scheduler.violations import Rule
from scheduler.wording import day_words, plural

#: Rules between sessions that a place, once booked, may come to break through other bookings. Gaps that grow
#: too long are a kind of their own; notice, horizon, wishes and clearance were settled when it was booked.
_SPACING = frozenset(
    {
        Rule.PATIENT_OVERLAP,
        Rule.MIN_GAP,
        Rule.ONE_PER_DAY,
        Rule.ROLLING_LIMIT,
        Rule.COMPLETE_WITHIN,
        Rule.WASHOUT,
    }
)

#: How a series goes on after a missed session, where making it up at the end will not do.
_GOES_ON = {
    OnMissed.RESTART: "The phase is to begin anew.",
    OnMissed.MAINTENANCE: "One more session, and the phase is done.",
    OnMissed.CLINICIAN: "A prescriber decides how it goes on.",
}


def findings(course: Course) -> tuple[Finding, ...]:
    """Everything that a person must look at in this series; nothing for one that is over."""
    status = course.series.status
    if status not in (SeriesStatus.REQUESTED, SeriesStatus.ACTIVE, SeriesStatus.LAPSED):
        return ()
    found = [*_gaps(course), *_misfits(course), *_incomplete(course), *_clearance_too_small(course)]
    if status == SeriesStatus.REQUESTED:
        detail = "The series waits for a prescriber's clearance."
        first = course.ahead[0].start if course.ahead else None
        found.append(Finding(TaskKind.CLEARANCE_NEEDED, None, detail, first))
    if status == SeriesStatus.LAPSED and not any(one.kind == TaskKind.HARD_GAP for one in found):
        detail = "The series lapsed and waits for a prescriber to look at the patient again."
        found.append(Finding(TaskKind.HARD_GAP, None, detail))
    return tuple(found)


def must_lapse(course: Course) -> bool:
    """Whether an active series has fallen into a gap longer than its hard bound."""
    if course.series.status != SeriesStatus.ACTIVE:
        return False
    last = _nothing_after(course)
    allowed = course.case.phase.spacing.max_gap_days
    if last is not None and allowed is not None and _days_since(course, last) > allowed:
        return True
    return any(True for _ in _hard_gaps(course))


def _gaps(course: Course) -> Iterator[Finding]:
    """Gaps too long for the hard bound, or for the soft one, each named once; and one that is still
    growing.
    """
    spacing = course.case.phase.spacing
    hard = dict(_hard_gaps(course))
    for session, detail in hard.items():
        yield Finding(TaskKind.HARD_GAP, session, detail, _closing(course, session, spacing.max_gap_days))
    accepted = _accepted(course, hard_bound, overridden_only=True) | _accepted(course, soft_bound)
    for gap in soft_gaps(course.case, course.places):
        if _ending(course, gap.sessions) not in accepted:
            later = _named(course, gap.sessions).id
            if later not in hard:
                until = _closing(course, later, spacing.soft_max_gap_days)
                yield Finding(TaskKind.SOFT_GAP, later, gap.detail, until)
    last = _nothing_after(course)
    if last is not None:
        yield from _growing(course, last)


def _hard_gaps(course: Course) -> Iterator[tuple[UUID, str]]:
    accepted = _accepted(course, hard_bound)
    for violation in check(course.case, course.places, skip=frozenset(Rule) - {Rule.MAX_GAP}):
        if _ending(course, violation.sessions) not in accepted:
            yield _named(course, violation.sessions).id, violation.detail


def _accepted(
    course: Course, bound: Callable[[Spacing], int | None], *, overridden_only: bool = False
) -> set[str]:
    """The sessions, by id, before which a prescriber has accepted a gap longer than that bound."""
    found = long_gaps(
        course.timeline,
        series=str(course.series.id),
        decided={str(one.id) for one in course.sessions if _overridden(one, Rule.MAX_GAP)},
        cleared_on=course.cleared_on,
        begun=not course.protocol.begins_course(course.case.phase),
        bound=bound,
    )
    return {gap.session for gap in found if gap.overridden or (gap.accepted and not overridden_only)}


def _ending(course: Course, numbers: Sequence[int]) -> str:
    """The id of the session at the end of a gap between sessions with those numbers."""
    concerned = (one for one in course.kept if one.number in numbers)
    return str(max(concerned, key=lambda one: one.start).id)


def _nothing_after(course: Course) -> date | None:
    """The date of the last session, when it is over, none is booked after it, and the phase has more to
    come.
    """
    if not course.kept or course.kept[-1].start > course.now:
        return None
    wanted = course.case.phase.sessions
    if wanted is not None and len(course.kept) >= wanted:
        return None
    last = course.date_of(course.kept[-1].start)
    return max(last, course.cleared_on) if course.cleared_on else last


def _days_since(course: Course, day: date) -> int:
    return (course.date_of(course.now) - day).days


def _growing(course: Course, last: date) -> Iterator[Finding]:
    spacing = course.case.phase.spacing
    bounds = ((TaskKind.HARD_GAP, spacing.max_gap_days), (TaskKind.SOFT_GAP, spacing.soft_max_gap_days))
    for kind, allowed in bounds:
        if allowed is not None and _days_since(course, last) >= allowed:
            until = day_words(last + timedelta(days=allowed))
            detail = (
                f"Nothing is booked after {day_words(last)}; {plural(allowed, 'day')} are over on {until}."
            )
            yield Finding(kind, None, detail, course.after(last, days=allowed))
            return


def _closing(course: Course, session: UUID, allowed: int | None) -> datetime | None:
    """Until when the gap into the session can be made short enough; None where nothing lies before it."""
    order = [one.id for one in course.kept]
    before = course.kept[: order.index(session)] if session in order else ()
    if not before or allowed is None:
        return None
    return course.after(course.date_of(before[-1].start), days=allowed)


def _misfits(course: Course) -> Iterator[Finding]:
    """Sessions whose place or spacing breaks a rule now, and nobody said that it may."""
    broken: dict[UUID, list[str]] = {}
    for session, violations in course.displaced.items():
        broken.setdefault(session, []).extend(one.detail for one in violations)
    for violation in check(course.case, course.places, skip=frozenset(Rule) - _SPACING):
        concerned = [one for one in course.sessions if one.number in violation.sessions]
        if not any(_overridden(one, violation.rule) for one in concerned):
            broken.setdefault(_named(course, violation.sessions).id, []).append(violation.detail)
    for session, detail in beyond_clearance(course):
        broken.setdefault(session, []).append(detail)
    starts = {one.id: one.start for one in course.sessions}
    for session, details in broken.items():
        words = " ".join(dict.fromkeys(details))
        yield Finding(TaskKind.NO_LONGER_FITS, session, words, starts[session])


def _incomplete(course: Course) -> Iterator[Finding]:
    """Sessions of a phase of fixed length were missed or cancelled, and not all of them have a make-up."""
    wanted, broken = course.case.phase.sessions, course.broken_off
    lost = sorted((one for one in course.sessions if one.status in GONE), key=lambda one: one.number)
    if wanted is None or not lost or len(course.kept) >= wanted or (broken and broken.is_bridged):
        return
    words = ", ".join(
        f"session {one.number} was {'missed' if one.status == NO_SHOW else 'cancelled'}" for one in lost
    )
    details = [f"{len(course.kept)} of {wanted} sessions are done or planned: {words}."]
    kind, bounds = TaskKind.INCOMPLETE, []
    if broken:
        details.append(_GOES_ON[broken.manner])
        kind = TaskKind.DECIDE if broken.manner is OnMissed.CLINICIAN else kind
    else:
        in_time = _in_time(course, missing=wanted - len(course.kept))
        bounds.append(in_time)
        if in_time is not None and in_time <= course.now:
            within = plural(course.case.phase.spacing.complete_within_days or 0, "day")
            details.append(f"They cannot all be within {within} any more.")
    if not broken or broken.manner is not OnMissed.RESTART:
        bounds.append(_before_a_lapse(course))
    yield Finding(kind, None, " ".join(details), min((bound for bound in bounds if bound), default=None))


def _clearance_too_small(course: Course) -> Iterator[Finding]:
    """What is to be made up for cannot be booked under the clearance of an active series any more."""
    if missing := missing_clearance(course):
        words = plural(missing, "session")
        detail = f"The clearance is used up or over: {words} cannot be booked under it."
        yield Finding(TaskKind.CLEARANCE_NEEDED, None, detail, _before_a_lapse(course))


def _before_a_lapse(course: Course) -> datetime | None:
    """The end of the last day on which the next session can be without too long a gap before it."""
    allowed = course.case.phase.spacing.max_gap_days
    if not course.kept or allowed is None:
        return None
    return course.after(course.date_of(course.kept[-1].start), days=allowed)


def _in_time(course: Course, *, missing: int) -> datetime | None:
    """The end of the last day on which the first make-up can be, for the rest to be in time."""
    spacing = course.case.phase.spacing
    if not course.kept or spacing.complete_within_days is None:
        return None
    left = spacing.complete_within_days - (missing - 1) * max(spacing.min_gap_days, 1)
    return course.after(course.date_of(course.kept[0].start), days=left)


def _named(course: Course, numbers: Sequence[int]) -> Session:
    """The latest of the sessions with those numbers that can still be moved, else the latest of them."""
    concerned = [one for one in course.sessions if one.number in numbers]
    movable = [one for one in concerned if one in course.ahead]
    return max(movable or concerned, key=lambda one: one.start)


def _overridden(session: Session, rule: Rule) -> bool:
    return any(override["rule"] == rule for override in session.overrides)
