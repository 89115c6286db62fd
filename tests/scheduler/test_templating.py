"""A usual day laid out best: against every way to begin its visits, judged by the rules that book them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, time
from itertools import combinations_with_replacement, product

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from scheduler import place_rules
from scheduler.case import Case, Place
from scheduler.diary import Claim, Diary
from scheduler.hours import opening_span
from scheduler.protocol import NurseNeed, Phase, Protocol, Step
from scheduler.supply import Chair, NursingMode, OpeningHours, Shift, StartStagger, Supply
from scheduler.templating import Kind, LaidOut, Proven, lay_out
from tests.scheduler.harbor import KETAMINE_STEPS, NEW_YORK

MONDAY = date(2026, 6, 1)
EXAMPLES = int(os.environ.get("EXAMPLES", "60"))
PLACE_RULES = (place_rules.closed, place_rules.chair, place_rules.nursing, place_rules.start_stagger)


def treatment(*steps: Step, features: frozenset[str] = frozenset()) -> Protocol:
    return Protocol("p", "P", "g", (Phase("f", None),), tuple(steps), chair_features=features)


KETAMINE = treatment(*KETAMINE_STEPS)


def clinic(
    *shifts: tuple[time, time],
    opens: time = time(8),
    closes: time = time(17),
    chairs: int = 3,
    **more: object,
) -> Supply:
    """Open on Mondays, with nurses on duty on the first one of June at those times."""
    return Supply(
        NEW_YORK,
        (OpeningHours(1, opens, closes),),
        tuple(Chair(f"c{k}", f"C{k}") for k in range(chairs)),
        tuple(Shift(f"n{k}", opening_span(MONDAY, *shift, NEW_YORK)) for k, shift in enumerate(shifts)),
        **more,  # type: ignore[arg-type]
    )


def judged(supply: Supply, found: LaidOut, protocols: Sequence[Protocol]) -> None:
    """Book the visits one after another; nobody may object, not even once all the others are there."""
    by_kind = {Kind.of(protocol): protocol for protocol in protocols}
    claims = [
        Claim(str(k), one.chair, one.start, by_kind[one.kind].timed_steps)
        for k, one in enumerate(found.begun)
    ]
    for k, one in enumerate(found.begun):
        protocol = by_kind[one.kind]
        for there in (claims[:k], [*claims[:k], *claims[k + 1 :]]):
            case = Case(supply, Diary(tuple(there)), protocol, protocol.phases[0], now=0, by_patient=False)
            assert [rule(case, Place(1, one.start, one.chair)) for rule in PLACE_RULES] == [None] * 4


def set_ups(starts: Sequence[tuple[int, Protocol]]) -> int:
    """The most steps at one minute that need a nurse to themselves, minute by minute."""
    taken: Counter[int] = Counter()
    for start, protocol in starts:
        for timed in protocol.timed_steps:
            if timed.step.nurse is NurseNeed.EXCLUSIVE:
                taken.update(range(start + timed.starts, start + timed.ends))
    return max(taken.values(), default=0)


def unevenness(starts: Sequence[tuple[int, Protocol]]) -> int:
    stretches = ((15, 0), (30, 0), (30, 15), (60, 0))
    counts = [Counter((start - off) // length for start, _ in starts) for length, off in stretches]
    return sum(visits * visits for count in counts for visits in count.values())


def ways(
    supply: Supply, protocols: Sequence[Protocol], wanted: Sequence[int]
) -> Iterator[list[tuple[int, Protocol]]]:
    """Every way to begin at most so many visits of each treatment that the rules allow, seated by trying."""
    window = supply.window(MONDAY, max(protocol.chair_minutes for protocol in protocols))
    grid = [window.start + at for at in range(window.end - window.start) if window.grid >> at & 1]
    options = []
    for protocol, most in zip(protocols, wanted, strict=True):
        case = Case(supply, Diary(), protocol, protocol.phases[0], now=0, by_patient=False)
        open_at = [at for at in grid if place_rules.closed(case, Place(1, at)) is None]
        options.append(
            [some for count in range(most + 1) for some in combinations_with_replacement(open_at, count)]
        )
    for choice in product(*options):
        starts = sorted(
            ((at, k) for k, some in enumerate(choice) for at in some),
        )
        visits = [(at, protocols[k]) for at, k in starts]
        if fits(supply, visits, ()):
            yield visits


def fits(supply: Supply, visits: Sequence[tuple[int, Protocol]], booked: tuple[Claim, ...]) -> bool:
    """Whether the visits can be booked one after another in some chairs."""
    if not visits:
        return True
    (start, protocol), later = visits[0], visits[1:]
    case = Case(supply, Diary(booked), protocol, protocol.phases[0], now=0, by_patient=False)
    if place_rules.nursing(case, Place(1, start)) or place_rules.start_stagger(case, Place(1, start)):
        return False
    return any(
        fits(supply, later, (*booked, Claim(str(len(booked)), chair.id, start, protocol.timed_steps)))
        for chair in place_rules.free_chairs(case, start)
    )


@st.composite
def small(draw: st.DrawFn) -> tuple[Supply, list[Protocol], list[int]]:
    """A morning with few chairs and nurses, and one or two kinds of visits."""
    needs = st.sampled_from(list(NurseNeed))
    protocols = []
    for k in range(draw(st.integers(1, 2))):
        steps = [Step("set-up", draw(st.sampled_from([10, 15, 30])), draw(needs))]
        steps.append(Step("infusion", draw(st.sampled_from([20, 30, 60])) + k, draw(needs)))
        if draw(st.booleans()):
            steps.append(Step("turnover", 15, draw(needs), patient=False))
        features = draw(st.sampled_from([frozenset(), frozenset({"bed"})]))
        protocols.append(treatment(*steps, features=features))
    hours = st.sampled_from(
        [(time(8), time(11)), (time(8), time(9)), (time(8, 30), time(10, 40)), (time(9), time(12))]
    )
    chairs = tuple(
        Chair(f"c{k}", f"C{k}", draw(st.sampled_from([frozenset(), frozenset({"bed"})])))
        for k in range(draw(st.integers(1, 3)))
    )
    supply = Supply(
        NEW_YORK,
        (OpeningHours(1, time(8), draw(st.sampled_from([time(9, 30), time(10), time(10, 45)]))),),
        chairs,
        tuple(
            Shift(f"n{k}", opening_span(MONDAY, *draw(hours), NEW_YORK))
            for k in range(draw(st.integers(1, 3)))
        ),
        grid_minutes=draw(st.sampled_from([30, 30, 45])),
        nursing_mode=draw(st.sampled_from(list(NursingMode))),
        patients_per_nurse=draw(st.integers(1, 3)),
        start_stagger=draw(st.none() | st.builds(StartStagger, st.integers(1, 2), st.sampled_from([30, 31]))),
    )
    return supply, protocols, [draw(st.integers(1, 3)) for _ in protocols]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(small())
def test_nothing_that_the_rules_allow_is_better(asked: tuple[Supply, list[Protocol], list[int]]) -> None:
    supply, protocols, wanted = asked
    kinds = [Kind.of(protocol) for protocol in protocols]
    assume(len(set(kinds)) == len(kinds))

    found = lay_out(supply, MONDAY, dict(zip(kinds, wanted, strict=True)))

    best = min(
        (sum(wanted) - len(visits), set_ups(visits), unevenness(visits))
        for visits in ways(supply, protocols, wanted)
    )
    event(f"{best[0]} unmet")
    assert (found.unmet, found.peak, found.unevenness) == tuple(Proven(value, value) for value in best)
    judged(supply, found, protocols)


NURSES = ((time(8), time(16, 30)), (time(8), time(17)), (time(8), time(17)), (time(8, 30), time(17)))
IRON = treatment(
    Step("line", 10, NurseNeed.EXCLUSIVE), Step("drip", 60, NurseNeed.SHARED), Step("turnover", 20)
)
SPRAY = treatment(
    Step("dosing", 10, NurseNeed.EXCLUSIVE),
    Step("watching", 140, NurseNeed.SHARED),
    features=frozenset({"certified"}),
)


def test_a_busy_day_is_begun_evenly_and_all_of_it_can_be_booked() -> None:
    chairs = tuple(
        Chair(f"c{k}", f"C{k}", frozenset({"certified"}) if k < 2 else frozenset()) for k in range(6)
    )
    supply = Supply(**{**vars_of(clinic(*NURSES)), "chairs": chairs, "start_stagger": StartStagger(2, 15)})
    wanted = {Kind.of(KETAMINE): 7, Kind.of(IRON): 3, Kind.of(SPRAY): 4}

    found = lay_out(supply, MONDAY, wanted)

    assert Counter(one.kind for one in found.begun) == wanted
    assert (found.unmet, found.peak) == (Proven(0, 0), Proven(1, 1))
    assert found.proven
    judged(supply, found, [KETAMINE, IRON, SPRAY])


def vars_of(supply: Supply) -> dict[str, object]:
    names = ("time_zone", "hours", "chairs", "shifts", "grid_minutes", "nursing_mode", "patients_per_nurse")
    return {name: getattr(supply, name) for name in names}


def test_the_same_day_is_always_laid_out_alike() -> None:
    supply, wanted = clinic(*NURSES), {Kind.of(KETAMINE): 5, Kind.of(IRON): 3}

    assert lay_out(supply, MONDAY, wanted) == lay_out(supply, MONDAY, wanted)


def test_what_does_not_fit_is_said_with_proof() -> None:
    found = lay_out(clinic(NURSES[0], chairs=3), MONDAY, {Kind.of(KETAMINE): 12})

    # One nurse to 16:30 who may not look after others while she sets somebody up: four patients a day.
    assert (len(found.begun), found.unmet) == (4, Proven(8, 8))
    judged(clinic(NURSES[0], chairs=3), found, [KETAMINE])


def test_where_she_keeps_the_others_in_sight_meanwhile_there_are_nine() -> None:
    supply = clinic(NURSES[0], chairs=3, nursing_mode=NursingMode.LINE_OF_SIGHT)

    found = lay_out(supply, MONDAY, {Kind.of(KETAMINE): 12})

    assert (len(found.begun), found.unmet) == (9, Proven(3, 3))
    judged(supply, found, [KETAMINE])


def test_a_day_without_demand_a_closed_one_and_one_without_a_fitting_chair_are_empty() -> None:
    nothing = Proven(0, 0)
    assert lay_out(clinic(*NURSES), MONDAY, {}) == LaidOut((), nothing, nothing, nothing)
    assert lay_out(clinic(*NURSES), MONDAY, {Kind.of(KETAMINE): 0}) == LaidOut((), nothing, nothing, nothing)
    tuesday = lay_out(clinic(*NURSES), date(2026, 6, 2), {Kind.of(KETAMINE): 2})
    assert tuesday == LaidOut((), Proven(2, 2), nothing, nothing)
    assert lay_out(clinic(*NURSES), MONDAY, {Kind.of(SPRAY): 2}) == tuesday


def test_too_little_effort_says_what_is_not_proven() -> None:
    supply = clinic(*NURSES, chairs=6)

    wanted = {Kind.of(KETAMINE): 9, Kind.of(IRON): 5}
    nothing, little = (lay_out(supply, MONDAY, wanted, effort=effort) for effort in (0.0001, 0.003))

    assert (nothing.unmet, nothing.peak, nothing.unevenness) == (Proven(14, 0), Proven(0, 0), Proven(0, 0))
    assert (nothing.begun, nothing.proven) == ((), False)
    assert (little.unmet, little.proven) == (Proven(0, 0), False)
    judged(supply, little, [KETAMINE, IRON])
