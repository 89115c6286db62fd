"""What gives places back besides visits: declined suggestions, shifts, longer hours, chairs."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from bookings.commands.cancel import cancel_series
from bookings.commands.holds import hold_places, release_hold, tidy_holds
from bookings.commands.offer_answers import decline_offer
from bookings.commands.proposals import decline_proposal, propose_moves, tidy_proposals
from bookings.commands.roster import (
    add_chair,
    add_shift,
    change_chair,
    change_hours,
    close,
    remove_shift,
    reopen,
)
from bookings.freed import AHEAD
from bookings.models import FreedPlace, Shift
from tests.bookings.offer_scenes import FREED, HOUR, LATER, MINUTE, free, offer, wait
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

WEEKDAYS = {day: [(time(8), time(17))] for day in range(1, 6)}


def spans():
    return list(FreedPlace.objects.order_by("starts").values_list("starts", "ends"))


def one_chair(cast, *, starts=NOW, ends=LATER + timedelta(days=30)):
    """Only N1 is in service."""
    return [
        close(cast.north, chair=chair, starts=starts, ends=ends, actor=cast.as_manager, now=NOW)[0]
        for chair in (cast.n2, cast.n3)
    ]


@pytest.fixture
def bea(cast):
    """She has a visit on the 20th at ten, and can come earlier on Monday the 13th alone."""
    return wait(cast, cast.bea, earliest=FREED.date(), latest=FREED.date())


def test_a_shift_that_is_added_gives_the_places_of_its_date(cast, bea):
    Shift.objects.filter(starts__date=FREED.date()).delete()
    type(cast.north).objects.filter(id=cast.north.id).update(roster_version=99)
    cast.north.refresh_from_db()
    assert offer() == []
    add_shift(cast.north, nurse=cast.ana, starts=FREED, ends=FREED + 3 * HOUR, actor=cast.as_manager, now=NOW)

    # A visit of two hours and a half that begins before the shift, or ends after it, may need it too.
    assert [(one.entry, one.start) for one in offer()] == [(bea, new_york("2026-04-13 09:45"))]
    margin = timedelta(hours=2, minutes=15)
    assert spans() == [(FREED - margin, FREED + 3 * HOUR + margin)]


def test_longer_hours_give_the_dates_of_their_weekdays_alone(cast, bea):
    change_hours(cast.north, hours={**WEEKDAYS, 1: []}, actor=cast.as_manager, now=NOW)
    assert offer() == []
    change_hours(cast.north, hours={**WEEKDAYS, 5: [(time(9), time(16))]}, actor=cast.as_manager, now=NOW)

    offers = offer()

    assert [(one.entry, one.start) for one in offers] == [(bea, new_york("2026-04-13 08:00"))]
    found = spans()
    mondays = [starts.astimezone(cast.north.zone).date() for starts, _ in found]
    assert {day.isoweekday() for day in mondays} == {1}
    assert (mondays[0], mondays[-1]) == (date(2026, 4, 6), date(2026, 6, 29))
    assert all(timedelta(hours=23) <= ends - starts <= timedelta(hours=25) for starts, ends in found)


@pytest.mark.parametrize("how", ["added", "back", "fitter", "renamed", "reopened"])
def test_a_chair_gives_each_date_as_far_as_is_looked_ahead(cast, bea, how):
    closed = one_chair(cast)
    change_chair(cast.n1, retired=True, actor=cast.as_manager, now=NOW)
    assert offer() == []
    if how == "added":
        add_chair(cast.north, name="N4", actor=cast.as_manager, now=NOW)
    elif how == "back":
        change_chair(cast.n1, retired=False, actor=cast.as_manager, now=NOW)
    elif how == "fitter":
        change_chair(cast.n1, retired=False, features=["bed"], actor=cast.as_manager, now=NOW)
    elif how == "renamed":
        change_chair(cast.n1, name="N9", actor=cast.as_manager, now=NOW)
    else:
        reopen(closed[0], actor=cast.as_manager, now=NOW)

    starts = [one.start for one in offer()]

    assert starts == ([] if how == "renamed" else [new_york("2026-04-13 08:00")])
    days = (AHEAD.days + 1) if how != "reopened" else 50
    assert len(spans()) == (0 if how == "renamed" else days)


def test_what_can_be_given_no_more_is_not_looked_at(cast, bea):
    shift = Shift.objects.filter(starts__date=FREED.date()).first()
    remove_shift(shift, actor=cast.as_manager, now=NOW)
    one_chair(cast)
    change_hours(cast.north, hours={**WEEKDAYS, 3: [(time(10), time(12))]}, actor=cast.as_manager, now=NOW)

    offer()

    assert spans() == []


@pytest.mark.parametrize("how", ["declined", "expired"])
def test_times_that_were_suggested_and_not_taken_are_free_again(cast, how):
    one_chair(cast)
    entry = wait(cast, cast.bea)
    visit = book_one(cast, LATER + 3 * HOUR, patient=cast.carl)
    made = propose_moves(visit.series, moves={1: FREED}, actor=cast.as_desk, now=NOW)
    assert offer() == []
    later = NOW if how == "declined" else made.expires_at
    if how == "declined":
        decline_proposal(made, actor=cast.as_desk, now=later)
    else:
        tidy_proposals(now=later)

    assert [(one.entry, one.start) for one in offer(now=later)] == [(entry, FREED)]


@pytest.mark.parametrize("how", ["given back", "expired"])
def test_a_place_that_somebody_has_on_hold_for_a_moment_is_not_forgotten(cast, how):
    one_chair(cast)
    entry = wait(cast, cast.bea)
    free(cast)
    hold = hold_places(cast.north, protocol=cast.booster, starts=[FREED], actor=cast.as_desk, now=NOW)
    assert offer() == []
    assert FreedPlace.objects.get().closed_at is None
    later = NOW + MINUTE if how == "given back" else hold.expires_at
    if how == "given back":
        release_hold(hold, actor=cast.as_desk, now=later)
    else:
        tidy_holds(now=later)

    assert [(one.entry, one.start) for one in offer(now=later)] == [(entry, FREED)]


def test_a_place_for_which_all_are_busy_with_another_waits_until_they_have_answered(cast):
    entry = wait(cast, cast.bea)
    for day in (0, 2):
        free(cast, FREED + timedelta(days=day), patient=cast.ada if day else cast.carl)
    (first,) = offer()
    second = FreedPlace.objects.exclude(id=first.place_id).get()
    assert (second.closed_at, second.looked_at) == (None, NOW)
    assert offer(now=NOW + MINUTE) == []

    decline_offer(first, actor=cast.as_desk, now=NOW + 2 * MINUTE)

    assert [(one.entry, one.place) for one in offer(now=NOW + 2 * MINUTE)] == [(entry, second)]


def test_the_places_of_a_cancelled_series_come_free_one_by_one(cast):
    wait(cast, cast.bea)
    cancel_series(book_ket6(cast), actor=cast.as_desk, now=NOW)
    offer()

    assert [starts for starts, _ in spans()] == MONDAYS_AND_THURSDAYS
