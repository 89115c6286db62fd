"""After some sessions a prescriber looks at the patient, and the next one waits for it."""

from datetime import timedelta
from typing import Any

import pytest

from bookings.actors import patient_actor
from bookings.commands.attend import check_in_session, complete_session, start_session, undo_session
from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.deciding import assess_series
from bookings.commands.move import move_session
from bookings.commands.watching import watch_after
from bookings.errors import AssessmentNeeded, NotAllowed, Stale, WrongState
from bookings.models import JournalEntry, Protocol, Series, TaskKind
from bookings.queries.board import flags_of
from tests.bookings.watch_scenes import at, attend, book, miss, open_tasks, session, watch_all
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW, Cast, make_protocol

pytestmark = pytest.mark.django_db(transaction=True)

DUE = ("assess", None, "An assessment is needed after 2 sessions, before the next one begins.")
MAINTENANCE = {
    "name": "maintenance",
    "sessions": None,
    "spacing": {"min_gap_minutes": 44 * 60, "min_gap_days": 2},
}


def assessed(cast: Cast, *after: int, slug: str = "assessed", sessions: int = 6) -> Protocol:
    induction = {**KET6["phases"][0], "sessions": sessions, "assess_after": list(after)}
    rules = {**KET6, "slug": slug, "phases": [induction, MAINTENANCE]}
    return make_protocol(rules, cast.north, signed_by=cast.prescriber)


@pytest.fixture
def series(transactional_db, cast: Cast) -> Series:
    """Ada's six sessions, 6 to 23 April, to be assessed after two."""
    return book(cast, protocol=assessed(cast, 2))


def attend_first(cast: Cast, series: Series, number: int) -> None:
    for each in range(1, number + 1):
        attend(cast, session(series, each))


def begin(cast: Cast, series: Series, number: int, **told: Any) -> None:
    one = session(series, number)
    check_in_session(one, actor=cast.as_nurse, now=one.start)
    start_session(one, now=one.start + timedelta(minutes=30), **{"actor": cast.as_nurse, **told})


def test_before_so_many_sessions_nothing_is_asked(cast, series):
    attend_first(cast, series, 1)

    watch_all(now=at(6, 13))

    assert open_tasks(series) == []
    begin(cast, series, 2)


def test_after_them_it_is_one_task_until_the_next_session_begins(cast, series):
    attend_first(cast, series, 2)

    watch_after(JournalEntry.objects.values_list("id", flat=True), now=at(9, 13))
    watch_all(now=at(9, 14))

    assert open_tasks(series) == [DUE]
    (task,) = series.tasks.all()
    assert task.deadline == session(series, 3).start


def test_the_next_session_stays_booked_but_does_not_begin(cast, series):
    attend_first(cast, series, 2)

    with pytest.raises(AssessmentNeeded) as refusal:
        begin(cast, series, 3)

    assert (refusal.value.code, refusal.value.status) == ("assessment-needed", 409)
    assert refusal.value.facts == {
        "after": 2,
        "allowed": ["cancel", "undo"],
        "override": {"needs": "prescriber", "rules": ["assessment"]},
    }
    assert session(series, 3).status == "arrived"
    assert session(series, 4).status == "booked"


def test_when_it_is_made_the_task_closes_and_the_next_session_begins(cast, series):
    attend_first(cast, series, 2)
    watch_all(now=at(9, 13))

    decision = assess_series(
        series, go_on=True, reason="responds well", actor=cast.as_prescriber, now=at(9, 15)
    )
    watch_after(JournalEntry.objects.values_list("id", flat=True), now=at(9, 15))

    assert (decision.about, decision.number, decision.verdict) == ("assessment", 2, "go_on")
    assert open_tasks(series) == []
    begin(cast, series, 3)
    assert session(series, 3).status == "infusing"


def test_the_journal_says_who_and_what_but_not_why(cast, series):
    attend_first(cast, series, 2)

    assess_series(series, go_on=True, reason="responds well", actor=cast.as_prescriber, now=at(9, 15))

    row = JournalEntry.objects.get(verb="series_assessed")
    assert (row.actor_id, row.at, row.after) == (
        cast.prescriber.id,
        at(9, 15),
        {"number": 2, "verdict": "go_on"},
    )
    assert row.reason == ""
    assert series.decisions.get().reason == "responds well"


def test_a_prescriber_starts_it_all_the_same_with_a_reason_and_the_task_stays(cast, series):
    attend_first(cast, series, 2)
    watch_all(now=at(9, 13))

    begin(cast, series, 3, actor=cast.as_prescriber, override_reason="seen on the ward")
    watch_all(now=at(13, 11))

    (override,) = session(series, 3).overrides
    assert (override["rule"], override["reason"]) == ("assessment", "seen on the ward")
    assert open_tasks(series) == [DUE]


def test_a_reason_of_anybody_else_does_not_start_it(cast, series):
    attend_first(cast, series, 2)

    with pytest.raises(AssessmentNeeded):
        begin(cast, series, 3, override_reason="busy day")


def test_what_was_started_by_override_and_undone_needs_it_again(cast, series):
    attend_first(cast, series, 2)
    begin(cast, series, 3, actor=cast.as_prescriber, override_reason="seen on the ward")

    undo_session(session(series, 3), actor=cast.as_nurse, now=at(13, 10, 35))

    assert session(series, 3).overrides == []
    with pytest.raises(AssessmentNeeded):
        start_session(session(series, 3), actor=cast.as_nurse, now=at(13, 10, 36))


def test_when_it_stops_the_rest_is_cancelled_by_the_prescriber(cast, series):
    attend_first(cast, series, 2)
    watch_all(now=at(9, 13))

    assess_series(series, go_on=False, actor=cast.as_prescriber, now=at(9, 15))
    watch_all(now=at(9, 15))

    series.refresh_from_db()
    assert series.status == "cancelled"
    statuses = list(series.sessions.order_by("number").values_list("status", flat=True))
    assert statuses == ["completed"] * 2 + ["cancelled"] * 4
    assert open_tasks(series) == []
    by = set(JournalEntry.objects.filter(verb__endswith="_cancelled").values_list("actor_id", flat=True))
    assert by == {cast.prescriber.id}


def test_nobody_but_a_prescriber_decides(cast, series):
    attend_first(cast, series, 2)

    for actor in (cast.as_nurse, cast.as_desk, cast.as_manager, patient_actor(cast.ada)):
        with pytest.raises(NotAllowed):
            assess_series(series, go_on=True, actor=actor, now=at(9, 15))


@pytest.mark.parametrize("given", [0, 1])
def test_nothing_is_decided_before_it_is_due(cast, series, given):
    attend_first(cast, series, given)

    with pytest.raises(WrongState):
        assess_series(series, go_on=True, actor=cast.as_prescriber, now=at(9, 15))


def test_a_decision_is_made_once(cast, series):
    attend_first(cast, series, 2)
    assess_series(series, go_on=True, actor=cast.as_prescriber, now=at(9, 15))

    with pytest.raises(WrongState):
        assess_series(series, go_on=False, actor=cast.as_prescriber, now=at(9, 16))


def test_a_decision_about_another_state_than_was_seen_is_stale(cast, series):
    attend_first(cast, series, 2)
    seen = Series.objects.get(id=series.id).version
    cancel_session(session(series, 6), actor=cast.as_desk, now=at(9, 14))

    with pytest.raises(Stale):
        assess_series(series, go_on=True, if_version=seen, actor=cast.as_prescriber, now=at(9, 15))


def test_a_missed_session_is_not_given_and_does_not_count(cast, series):
    attend(cast, session(series, 1))
    miss(cast, session(series, 2))
    watch_all(now=at(9, 12))
    assert TaskKind.ASSESS not in [kind for kind, *_ in open_tasks(series)]

    attend(cast, session(series, 3))
    watch_all(now=at(13, 13))

    assert TaskKind.ASSESS in [kind for kind, *_ in open_tasks(series)]


def test_a_visit_that_moves_keeps_the_task_and_takes_its_deadline_along(cast, series):
    attend_first(cast, series, 2)
    watch_all(now=at(9, 13))

    move_session(session(series, 3), start=at(14), actor=cast.as_desk, now=at(9, 14))
    watch_all(now=at(9, 15))

    (task,) = series.tasks.all()
    assert (task.resolved_at, task.deadline) == (None, at(14))


def test_what_was_completed_by_mistake_takes_the_task_away(cast, series):
    attend_first(cast, series, 2)
    watch_all(now=at(9, 13))

    undo_session(session(series, 2), actor=cast.as_nurse, now=at(9, 14))
    watch_all(now=at(9, 14))

    assert open_tasks(series) == []


# At the end of a phase


@pytest.fixture
def ended(transactional_db, cast: Cast) -> Series:
    """Ada's six are given, and now to be assessed."""
    series = book(cast, protocol=assessed(cast, 6))
    attend_first(cast, series, 6)
    return series


def book_next(cast: Cast, ended: Series) -> Series:
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=ended.protocol_version.protocol,
        phase="maintenance",
        starts=[at(30)],
        actor=cast.as_desk,
        now=at(23, 14),
    )


def test_after_the_last_session_the_next_phase_is_not_offered_before_it_is_made(cast, ended):
    watch_all(now=at(23, 13))
    assert [kind for kind, *_ in open_tasks(ended)] == ["assess"]

    assess_series(ended, go_on=True, actor=cast.as_prescriber, now=at(23, 14))
    watch_all(now=at(23, 14))

    assert [kind for kind, *_ in open_tasks(ended)] == ["phase_finished"]


def test_the_first_session_of_the_next_phase_waits_for_it_and_shows_it(cast, ended):
    following = book_next(cast, ended)
    watch_all(now=at(23, 15))

    assert ended.tasks.get().deadline == at(30)
    first = session(following, 1)
    assert flags_of([first]) == {first.id: ["assess"]}
    with pytest.raises(AssessmentNeeded):
        begin(cast, following, 1)

    assess_series(ended, go_on=True, actor=cast.as_prescriber, now=at(30, 10, 20))
    start_session(session(following, 1), actor=cast.as_nurse, now=at(30, 10, 30))
    assert session(following, 1).status == "infusing"


def test_when_it_stops_there_the_next_phase_is_cancelled_and_never_offered(cast, ended):
    following = book_next(cast, ended)

    assess_series(ended, go_on=False, actor=cast.as_prescriber, now=at(24))
    watch_all(now=at(24))

    following.refresh_from_db()
    assert (following.status, session(following, 1).status) == ("cancelled", "cancelled")
    assert open_tasks(ended) == []


def test_whoever_has_looked_after_four_sessions_has_looked_after_two(cast, transactional_db):
    series = book(cast, protocol=assessed(cast, 2, 4))
    attend_first(cast, series, 2)
    for number in (3, 4):
        begin(cast, series, number, actor=cast.as_prescriber, override_reason="seen")
        one = session(series, number)
        type(one).objects.filter(id=one.id).update(status="recovering")
        complete_session(session(series, number), escort=True, actor=cast.as_nurse, now=one.end)
    watch_all(now=at(16, 14))
    assert [task[2] for task in open_tasks(series)] == [DUE[2].replace("2", "4")]

    assess_series(series, go_on=True, actor=cast.as_prescriber, now=at(16, 15))
    watch_all(now=at(16, 15))

    assert open_tasks(series) == []


def test_another_treatment_asks_nothing_of_this_one(cast, series):
    attend_first(cast, series, 2)
    other = book_series(
        cast.ada, clinic=cast.north, protocol=cast.booster, starts=[at(29)], actor=cast.as_desk, now=NOW
    )

    begin(cast, other, 1)

    assert session(other, 1).status == "infusing"
    assert MONDAYS_AND_THURSDAYS[2] == session(series, 3).start
