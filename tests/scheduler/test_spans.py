"""Sets of minutes."""

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.spans import Span, Spans, crowded, instant, minute

spans = st.lists(st.builds(Span, st.integers(0, 30), st.integers(0, 30)), max_size=6).map(Spans)


def members(of: Spans) -> set[int]:
    return {at for span in of for at in range(span.start, span.end)}


@given(spans, spans)
def test_the_operators_are_those_of_sets(one: Spans, two: Spans) -> None:
    assert members(one | two) == members(one) | members(two)
    assert members(one & two) == members(one) & members(two)
    assert members(one - two) == members(one) - members(two)


@given(spans)
def test_spans_are_in_order_apart_and_not_empty(some: Spans) -> None:
    listed = list(some)
    assert all(span.start < span.end for span in listed)
    assert all(one.end < two.start for one, two in pairwise(listed))
    assert Spans(reversed(listed)) == some


def test_a_span_holds_its_start_but_not_its_end() -> None:
    day = Spans([Span(8, 17)])
    assert (8 in day, 16 in day, 17 in day) == (True, True, False)
    assert Span(8, 17) in day
    assert Span(8, 18) not in day
    assert not Span(8, 17).overlaps(Span(17, 18))


def test_a_naive_time_is_no_instant() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        minute(datetime(2026, 3, 8, 10))


@given(st.integers(0, 50_000_000))
def test_a_minute_and_its_instant_are_one(at: int) -> None:
    assert minute(instant(at)) == at


@given(st.lists(st.integers(0, 60), max_size=8).map(sorted), st.integers(1, 3), st.integers(1, 20))
def test_crowded_is_where_one_more_is_too_many_in_some_window(
    starts: list[int], limit: int, within: int
) -> None:
    def too_many(at: int) -> bool:
        windows = range(at - within + 1, at + 1)
        return any(sum(w <= start < w + within for start in (*starts, at)) > limit for w in windows)

    found = Spans(crowded(starts, limit=limit, within=within))
    assert [at for at in range(-25, 90) if at in found] == [at for at in range(-25, 90) if too_many(at)]
