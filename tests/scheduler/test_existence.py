"""Whether visits that compete for chairs and nurses can be placed: every way tried, beside the search."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduler import existence
from scheduler.candidates import field
from scheduler.case import Place
from scheduler.chain import Chain
from scheduler.found import Effort
from scheduler.protocol import NurseNeed, Spacing, Step
from scheduler.rules import check
from tests.scheduler.worlds import ask, north, protocol

FIRST, LAST = date(2026, 4, 6), date(2026, 4, 8)
#: What a nurse does when the patient has left lies apart from the visit, so that a next visit may collide
#: with it though a nearer one does not.
STEPS = (
    Step("set-up", 15, NurseNeed.EXCLUSIVE),
    Step("infusion", 75),
    Step("airing", 15, patient=False),
    Step("cleaning", 5, NurseNeed.EXCLUSIVE, patient=False),
    Step("drying", 25, patient=False),
)
ALONE = replace(north(), shifts=tuple(one for one in north().shifts if one.nurse == "Ben"))


def question(*, most_days: int | None, within: int | None):
    spacing = Spacing(min_gap_minutes=50, max_gap_days=most_days, complete_within_days=within)
    treatment = replace(protocol(spacing), steps=STEPS)
    return ask(treatment=treatment, supply=ALONE)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=3, max_size=9, unique=True),
    st.integers(2, 4),
    st.sampled_from([None, 0, 1]),
    st.sampled_from([None, 0, 1]),
)
def test_places_are_found_just_where_some_way_keeps_every_rule(kept, count, most_days, within):
    case = question(most_days=most_days, within=within)
    every = field(case, earliest=FIRST, latest=LAST, blind=True)
    starts = {every.days[day][at].start for day, at in kept}
    some = every.only(lambda spot: spot.start in starts)

    found = existence.find(some, Chain(case, earliest=FIRST), count, effort=Effort())

    ways = [
        way
        for way in combinations(sorted(starts), count)
        if not check(case, [Place(number, start) for number, start in enumerate(way, start=1)])
    ]
    event("found" if ways else "none")
    assert (found is not None) == bool(ways)
    assert found is None or tuple(spot.start for spot in found) in ways
