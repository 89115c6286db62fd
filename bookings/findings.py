"""What a person must look at in a series: pure, from values that are at hand.

A gap between two sessions is flagged when it is longer than its bound, because the bound itself is allowed. A
gap with nothing booked at its end grows every day, so it is flagged on the day of the bound, while something
can be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from bookings.gaps import hard_bound, long_gaps, soft_bound
from bookings.lifecycle import FINISHED, GONE, LIVE, MOVABLE, NO_SHOW
from bookings.models import Decision, Series, SeriesStatus, Session, TaskKind
from scheduler.case import Case, Place
from scheduler.diary import Diary, PatientSession
from scheduler.protocol import Protocol, Spacing
from scheduler.rules import check, soft_gaps
from scheduler.spans import minute
from scheduler.supply import Supply
from scheduler.violations import Rule, Violation
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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `session` is None where it is about the series.

    `deadline` is the instant from which on it cannot be mended any more; None where only a decision mends it.
    """

    kind: TaskKind
    session: UUID | None
    detail: str
    deadline: datetime | None = None


@dataclass(frozen=True)
class Course:
    """A series with all that is needed to judge it."""

    series: Series  # with its clearance, if it has one
    sessions: tuple[Session, ...]
    timeline: tuple[PatientSession, ...]  # what the patient has, live or finished, in whatever series
    protocol: Protocol
    supply: Supply
    displaced: Mapping[UUID, tuple[Violation, ...]]  # by session: rules of the place that are broken now
    now: datetime
    decisions: tuple[Decision, ...] = ()  # of prescribers, about this series

    @cached_property
    def ahead(self) -> tuple[Session, ...]:
        """The sessions that can still be placed elsewhere."""
        return tuple(one for one in self.sessions if one.status in MOVABLE and one.start > self.now)

    @cached_property
    def kept(self) -> tuple[Session, ...]:
        """The sessions that take place or took place, in order of time."""
        kept = (one for one in self.sessions if one.status in LIVE | FINISHED)
        return tuple(sorted(kept, key=lambda one: one.start))

    @cached_property
    def case(self) -> Case:
        """The question whether the sessions ahead may be where they are, by the rules between sessions."""
        ahead = {str(one.id) for one in self.ahead}
        return Case(
            supply=self.supply,
            diary=Diary(),
            protocol=self.protocol,
            phase=self.protocol.phase(self.series.phase),
            now=minute(self.now),
            by_patient=False,
            booked=tuple(one for one in self.timeline if one.id not in ahead),
            series=str(self.series.id),
        )

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The sessions ahead as places."""
        return tuple(Place(one.number, minute(one.start), str(one.chair_id)) for one in self.ahead)

    @cached_property
    def cleared_on(self) -> date | None:
        """The day on which a prescriber last looked at the patient: a gap is counted anew from there."""
        granted = self.series.clearance and self.series.clearance.granted_at
        return self.date_of(granted) if granted else None

    def date_of(self, at: datetime) -> date:
        """The clinic-local date of an instant."""
        return self.supply.date_of(minute(at))

    def after(self, day: date, *, days: int = 0) -> datetime:
        """The clinic-local midnight that ends the day so many days later."""
        return datetime.combine(day + timedelta(days=days + 1), time(), self.series.clinic.zone)


def findings(course: Course) -> tuple[Finding, ...]:
    """Everything that a person must look at in this series; nothing for one that is over."""
    status = course.series.status
    if status not in (SeriesStatus.REQUESTED, SeriesStatus.ACTIVE, SeriesStatus.LAPSED):
        return ()
    found = [*_gaps(course), *_misfits(course), *_incomplete(course)]
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
    starts = {one.id: one.start for one in course.sessions}
    for session, details in broken.items():
        words = " ".join(dict.fromkeys(details))
        yield Finding(TaskKind.NO_LONGER_FITS, session, words, starts[session])


def _incomplete(course: Course) -> Iterator[Finding]:
    """Sessions of a phase of fixed length were missed or cancelled, and not all of them have a make-up."""
    wanted = course.case.phase.sessions
    lost = sorted((one for one in course.sessions if one.status in GONE), key=lambda one: one.number)
    if wanted is None or not lost or len(course.kept) >= wanted:
        return
    words = ", ".join(
        f"session {one.number} was {'missed' if one.status == NO_SHOW else 'cancelled'}" for one in lost
    )
    detail = f"{len(course.kept)} of {wanted} sessions are done or planned: {words}."
    yield Finding(TaskKind.INCOMPLETE, None, detail, _last_chance(course, missing=wanted - len(course.kept)))


def _last_chance(course: Course, *, missing: int) -> datetime | None:
    """The end of the last day on which the first make-up can be, for the rest to be in time."""
    if not course.kept:
        return None
    spacing = course.case.phase.spacing
    first, last = course.date_of(course.kept[0].start), course.date_of(course.kept[-1].start)
    days = []
    if spacing.max_gap_days is not None:
        days.append(last + timedelta(days=spacing.max_gap_days))
    if spacing.complete_within_days is not None:
        left = spacing.complete_within_days - (missing - 1) * max(spacing.min_gap_days, 1)
        days.append(first + timedelta(days=left))
    return course.after(min(days)) if days else None


def _named(course: Course, numbers: Sequence[int]) -> Session:
    """The latest of the sessions with those numbers that can still be moved, else the latest of them."""
    concerned = [one for one in course.sessions if one.number in numbers]
    movable = [one for one in concerned if one in course.ahead]
    return max(movable or concerned, key=lambda one: one.start)


def _overridden(session: Session, rule: Rule) -> bool:
    return any(override["rule"] == rule for override in session.overrides)
