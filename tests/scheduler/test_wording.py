"""Sentences in the clinic's wall-clock."""

import pytest

from scheduler.wording import chair_words, clock_words, length_words, plural, span_words, when_words
from tests.scheduler.harbor import NEW_YORK, at


def test_an_hour_that_occurs_twice_is_told_apart():
    assert clock_words(at("2026-11-01T01:30-04:00"), NEW_YORK) == "01:30 EDT"
    assert clock_words(at("2026-11-01T01:30-05:00"), NEW_YORK) == "01:30 EST"
    assert clock_words(at("2026-11-01 02:30"), NEW_YORK) == "02:30"
    assert clock_words(at("2026-03-08 03:30"), NEW_YORK) == "03:30"


def test_a_span_over_midnight_names_the_date_of_its_end():
    assert span_words(at("2026-04-14 22:00"), at("2026-04-15 00:00"), NEW_YORK) == "from 22:00 to 00:00"
    assert (
        span_words(at("2026-04-14 22:00"), at("2026-04-15 06:00"), NEW_YORK)
        == "from 22:00 to Wed 15 April, 06:00"
    )
    assert when_words(at("2026-04-08 11:00"), NEW_YORK) == "Wed 8 April, 11:00"


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (20, "20 min"), (47 * 60, "47 h"), (150, "2 h 30 min")]
)
def test_lengths(minutes, words):
    assert length_words(minutes) == words


def test_plurals():
    assert [plural(number, "day") for number in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("4", "Chair 4"),
        ("Window", "Chair Window"),
        ("Chair 4", "Chair 4"),
        ("Blue chair", "Blue chair"),
        ("Sillón 4", "Sillón 4"),
        ("Bedford", "Chair Bedford"),
    ],
)
def test_a_chair_is_not_called_a_chair_twice(name: str, words: str):
    assert chair_words(name) == words
