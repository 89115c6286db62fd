"""Everything that can put a series out of line, and what puts it right: a scene for each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bookings.commands.attend import check_in_session, undo_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_series, cancel_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.deciding import assess_series, decide_on_missed
from bookings.commands.move import move_session
from bookings.commands.rearrange import rearrange_series
from bookings.commands.replan import apply_replan
from bookings.commands.roster import add_shift, close, remove_shift, reopen
from bookings.models import Clearance, Series, TaskKind, Verdict
from tests.bookings.watch_scenes import at, attend, book, miss, session
from tests.cast import KET6, NOW, Cast, make_protocol, make_version, new_york
from tests.treatments import INFLIXIMAB

#: It happens; whose task it becomes, and when that is looked at; then it is mended a minute later.
Scene = Iterator[tuple[Series, datetime]]
A_MINUTE = timedelta(minutes=1)
CAUSES: dict[str, "Cause"] = {}


@dataclass(frozen=True)
class Cause:
    """One thing that puts a series out of line, what puts it right, and the task that it is meanwhile."""

    kind: TaskKind
    scene: Callable[[Cast], Scene]
    says: str  # how the reason begins
    by_clock: bool = False  # nothing is written when it happens
    until: datetime | None = None


def cause(kind: TaskKind, says: str, *, by_clock: bool = False, until: datetime | None = None) -> Any:
    def named(scene: Callable[[Cast], Scene]) -> Callable[[Cast], Scene]:
        CAUSES[scene.__name__.replace("_", " ")] = Cause(kind, scene, says, by_clock, until)
        return scene

    return named


def treatment(
    cast: Cast, slug: str, *, phase: dict | None = None, then: list | None = None, **more: Any
) -> Any:
    first = {**KET6["phases"][0], **(phase or {})}
    rules = {**KET6, "slug": slug, "phases": [first, *(then or [])], **more}
    return make_protocol(rules, cast.north, signed_by=cast.prescriber)


def attended(cast: Cast, series: Series, *numbers: int) -> Series:
    for number in numbers:
        attend(cast, session(series, number))
    return series


def cleared(cast: Cast, *, sessions: int = 6, patient: Any = None) -> Series:
    """Ada's six under a clearance for so many, until the end of the month."""
    protocol = treatment(cast, "cleared", needs_clearance=True)
    patient = patient or cast.ada
    who: dict[str, Any] = {"actor": cast.as_prescriber, "now": NOW}
    grant_clearance(patient, protocol=protocol, sessions=sessions, expires=at(30).date(), **who)
    return book(cast, protocol=protocol)


def cleared_again(cast: Cast, series: Series, now: datetime) -> None:
    grant_clearance(
        cast.ada,
        protocol=series.protocol_version.protocol,
        sessions=8,
        expires=new_york("2026-06-30 12:00").date(),
        actor=cast.as_prescriber,
        now=now,
    )


@cause(TaskKind.NOT_ARRIVED, "15 minutes after the start", by_clock=True, until=at(6, 12, 10))
def nobody_has_come(cast: Cast) -> Scene:
    series, now = book(cast), at(6, 10, 15)
    yield series, now
    now += A_MINUTE
    check_in_session(session(series, 1), actor=cast.as_desk, now=now)


@cause(TaskKind.SOFT_GAP, "Sessions 2 and 3 are 8 days apart", until=at(16, 0))
def a_gap_is_longer_than_its_soft_bound(cast: Cast) -> Scene:
    series, now = book(cast, starts=[at(6), at(8), at(16), at(20), at(22), at(24)]), NOW
    yield series, now
    now += A_MINUTE
    move_session(session(series, 3), start=at(15), actor=cast.as_desk, now=now)


@cause(TaskKind.SOFT_GAP, "Nothing is booked after Thu 9 April", by_clock=True, until=at(17, 0))
def a_gap_with_nothing_at_its_end_reaches_its_soft_bound(cast: Cast) -> Scene:
    series = attended(cast, book(cast), 1, 2)
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))
    now = at(16, 9)
    yield series, now
    now += A_MINUTE
    starts = {7: at(16, 11), 8: at(20, 11), 9: at(22, 11), 10: at(24, 11)}
    rearrange_series(series, starts=starts, actor=cast.as_desk, now=now)


@cause(TaskKind.HARD_GAP, "Nothing is booked after Thu 9 April", by_clock=True, until=at(24, 0))
def a_gap_with_nothing_at_its_end_grows_past_its_hard_bound(cast: Cast) -> Scene:
    series = attended(cast, book(cast), 1, 2)
    for number in (3, 4, 5, 6):
        cancel_session(session(series, number), actor=cast.as_desk, now=at(9, 13))
    now = at(24, 9)
    yield series, now
    now += A_MINUTE
    cleared_again(cast, series, now)


@cause(TaskKind.NO_LONGER_FITS, "The clinic is closed on Mon 13 April.", until=at(13))
def a_day_is_closed(cast: Cast) -> Scene:
    series = book(cast)
    close(cast.north, starts=at(13, 0), ends=at(14, 0), actor=cast.as_manager, now=NOW)
    now = NOW
    yield series, now
    now += A_MINUTE
    reopen(cast.north.closures.get(), actor=cast.as_manager, now=now)


@cause(TaskKind.NO_LONGER_FITS, "Chair ", until=at(9))
def a_chair_is_out(cast: Cast) -> Scene:
    series = book(cast)
    chair = session(series, 2).chair
    close(cast.north, chair=chair, starts=at(9, 12), ends=at(9, 13), actor=cast.as_manager, now=NOW)
    now = NOW
    yield series, now
    now += A_MINUTE
    apply_replan(series, actor=cast.as_desk, now=now)  # another chair at the same hour


@cause(TaskKind.NO_LONGER_FITS, "No nurse is free", until=at(13))
def the_nurses_are_away(cast: Cast) -> Scene:
    series = book(cast)
    for shift in cast.north.shifts.filter(starts__gte=at(13, 0), starts__lt=at(14, 0)):
        remove_shift(shift, actor=cast.as_manager, now=NOW)
    now = NOW
    yield series, now
    now += A_MINUTE
    add_shift(cast.north, nurse=cast.ana, starts=at(13, 8), ends=at(13, 17), actor=cast.as_manager, now=now)


@cause(TaskKind.NO_LONGER_FITS, "Sessions 4 and 5 are 4 days apart, less than the 5 days required")
def the_rest_is_given_under_another_version(cast: Cast) -> Scene:
    series = book(cast)
    wider = {**KET6["phases"][0]["spacing"], "min_gap_days": 5, "target_gap_days": 5}
    version = make_version(
        cast.ket6,
        {**KET6, "phases": [{"name": "induction", "sessions": 6, "spacing": wider}]},
        signed_by=cast.prescriber,
    )
    attended(cast, series, 1, 2, 3, 4)
    now = at(16, 13)
    apply_replan(series, from_number=6, onto=version, actor=cast.as_prescriber, now=now)
    yield series, now
    now += A_MINUTE
    apply_replan(series, actor=cast.as_desk, now=now)


@cause(TaskKind.CLEARANCE_NEEDED, "The series waits for a prescriber's clearance.", until=at(6))
def a_series_waits_for_a_prescriber(cast: Cast) -> Scene:
    series, now = book(cast, protocol=treatment(cast, "waits", needs_clearance=True)), NOW
    yield series, now
    now += A_MINUTE
    cleared_again(cast, series, now)


@cause(
    TaskKind.CLEARANCE_NEEDED,
    "The clearance is used up or over: 1 session cannot be booked under it.",
    by_clock=True,
)
def the_clearance_has_run_out_before_the_make_up(cast: Cast) -> Scene:
    series = attended(cast, cleared(cast), 1, 2, 3, 4, 5)
    miss(cast, session(series, 6))
    now = new_york("2026-05-01 09:00")
    yield series, now
    now += A_MINUTE
    cleared_again(cast, series, now)


@cause(
    TaskKind.NO_LONGER_FITS,
    "The clearance ends on Wed 22 April, before session 6.",
    by_clock=True,
    until=at(23),
)
def the_clearance_ends_before_a_session(cast: Cast) -> Scene:
    series = cleared(cast)
    Clearance.objects.update(expires=at(22).date())
    now = NOW
    yield series, now
    now += A_MINUTE
    cleared_again(cast, series, now)


@cause(
    TaskKind.NO_LONGER_FITS,
    "The clearance covers 6 sessions, 7 are booked.",
    until=new_york("2026-04-27 10:00"),
)
def the_clearance_is_used_by_more_than_it_covers(cast: Cast) -> Scene:
    series = cleared(cast)
    cancel_session(session(series, 5), actor=cast.as_desk, now=NOW)
    apply_replan(series, actor=cast.as_desk, now=NOW)
    undo_session(session(series, 5), actor=cast.as_desk, now=NOW)
    now = NOW
    yield series, now
    now += A_MINUTE
    cancel_session(session(series, 7), actor=cast.as_desk, now=now)


@cause(TaskKind.NO_LONGER_FITS, "Session 3 is 0 days from another treatment", until=at(13))
def another_treatment_comes_too_near(cast: Cast) -> Scene:
    series = book(cast)
    book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.infliximab,
        starts=[at(13, 13)],
        override_reason="no other day",
        actor=cast.as_prescriber,
        now=NOW,
    )
    now = NOW
    yield series, now
    now += A_MINUTE
    other = Series.objects.get(protocol_version__protocol__slug=INFLIXIMAB["slug"])
    cancel_series(other, actor=cast.as_desk, now=now)


@cause(TaskKind.INCOMPLETE, "5 of 6 sessions are done or planned: session 3 was missed.", until=at(28, 0))
def a_session_was_missed(cast: Cast) -> Scene:
    series = attended(cast, book(cast), 1, 2)
    miss(cast, session(series, 3))
    now = at(13, 10, 20)
    yield series, now
    now += A_MINUTE
    apply_replan(series, actor=cast.as_desk, now=now)


@cause(
    TaskKind.INCOMPLETE,
    "5 of 6 sessions are done or planned: session 6 was missed. They cannot all be within 21 days any more.",
    by_clock=True,
    until=at(28, 0),
)
def a_phase_cannot_end_in_its_time(cast: Cast) -> Scene:
    series = attended(cast, book(cast), 1, 2, 3, 4, 5)
    miss(cast, session(series, 6))
    now = at(28, 9)
    yield series, now
    now += A_MINUTE
    cancel_series(series, actor=cast.as_prescriber, now=now)


@cause(TaskKind.DECIDE, "5 of 6 sessions are done or planned: session 3 was missed. A prescriber decides")
def a_prescriber_decides_after_a_missed_session(cast: Cast) -> Scene:
    phase = {"on_missed": {"then": "clinician"}}
    series = attended(cast, book(cast, protocol=treatment(cast, "decided", phase=phase)), 1, 2)
    miss(cast, session(series, 3))
    now = at(13, 10, 20)
    yield series, now
    now += A_MINUTE
    decide_on_missed(series, verdict=Verdict.APPEND, actor=cast.as_prescriber, now=now)


@cause(TaskKind.ASSESS, "An assessment is needed after 2 sessions", until=at(13))
def an_assessment_is_due(cast: Cast) -> Scene:
    series = book(cast, protocol=treatment(cast, "assessed", phase={"assess_after": [2]}))
    series, now = attended(cast, series, 1, 2), at(9, 13)
    yield series, now
    now += A_MINUTE
    assess_series(series, go_on=True, actor=cast.as_prescriber, now=now)


LATER = {"name": "later", "sessions": None, "spacing": {"min_gap_minutes": 0, "max_gap_days": 14}}


@cause(
    TaskKind.PHASE_FINISHED,
    "induction ended on Thu 23 April, and nothing is booked of later.",
    until=new_york("2026-05-08 00:00"),
)
def a_phase_is_finished(cast: Cast) -> Scene:
    series = book(cast, protocol=treatment(cast, "two-parts", then=[LATER]))
    series, now = attended(cast, series, 1, 2, 3, 4, 5, 6), at(23, 13)
    yield series, now
    now += A_MINUTE
    protocol = series.protocol_version.protocol
    who: dict[str, Any] = {"actor": cast.as_desk, "now": now}
    book_series(cast.ada, clinic=cast.north, protocol=protocol, phase="later", starts=[at(30)], **who)
