"""The picture of what is taken, against counting minute by minute; also visits that overlap in one chair."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.diary import Claim, Diary
from scheduler.protocol import NurseNeed, Protocol, Step
from tests.scheduler.harbor import INDUCTION, KET6, at, claim

_ODD = Protocol(
    "odd", "Odd", "odd", (INDUCTION,), (Step("a", 7, NurseNeed.SHARED), Step("b", 5, NurseNeed.EXCLUSIVE))
)
_STEPS = [KET6.timed_steps, _ODD.timed_steps]
_LENGTH = 400

claims = st.lists(
    st.builds(
        Claim, st.just("x"), st.sampled_from(["n1", "n2"]), st.integers(-200, 450), st.sampled_from(_STEPS)
    ),
    max_size=8,
).map(tuple)


def held(levels: tuple[int, ...], minute: int) -> int:
    return sum(level >> minute & 1 for level in levels)


@given(claims)
def test_what_is_taken_is_what_is_under_way_at_each_minute(some: tuple[Claim, ...]) -> None:
    taken = Diary(some).taken(0, _LENGTH)
    for minute in range(0, _LENGTH, 3):
        under_way = [
            timed.step.nurse
            for one in some
            for timed in one.steps
            if one.start + timed.starts <= minute < one.start + timed.ends
        ]
        exclusive, shared = under_way.count(NurseNeed.EXCLUSIVE), under_way.count(NurseNeed.SHARED)
        assert held(taken.exclusive, minute) == exclusive
        assert held(taken.shared, minute) == shared
        assert held(taken.attended, minute) == exclusive + shared
        busy = {chair for chair, bits in taken.busy.items() if bits >> minute & 1}
        assert busy == {one.chair for one in some if one.start <= minute < one.end}


@given(claims, st.integers(-50, 450), st.integers(1, 200))
def test_near_is_what_overlaps_and_starting_is_what_begins(
    some: tuple[Claim, ...], start: int, length: int
) -> None:
    diary, end = Diary(some), start + length
    near = [one for one in some if one.start < end and one.end > start]
    assert sorted(diary.near(start, end), key=some.index) == sorted(near, key=some.index)
    assert diary.starting(start, end) == sorted(one.start for one in some if start <= one.start < end)


def test_a_diary_is_never_changed() -> None:
    first, second = claim("2026-04-14 10:00", "n1"), claim("2026-04-14 10:00", "n2")
    diary = Diary((first,))
    before = diary.taken(at("2026-04-14 00:00"), at("2026-04-15 00:00"))
    more = diary.with_claims([second])
    assert more.claims == (first, second)
    assert set(more.taken(at("2026-04-14 00:00"), at("2026-04-15 00:00")).busy) == {"n1", "n2"}
    assert diary.taken(at("2026-04-14 00:00"), at("2026-04-15 00:00")) is before
    assert more.without([first.id]) == Diary((second,))
