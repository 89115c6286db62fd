"""How long a text is, and what makes it longer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.gsm import fits_alphabet, fold, length, segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two septets each
        ("€" * 80 + "a", 2),
        ("é" * 160, 1),  # in the alphabet
        ("á" * 70, 1),  # not in it
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("á" * 135, 3),
        ("👍" * 35, 1),  # two units each
        ("👍" * 36, 2),
    ],
)
def test_a_text_travels_in_so_many_parts(text, parts):
    assert segments(text) == parts


def test_one_curly_apostrophe_makes_a_text_of_122_signs_two_parts():
    text = "We'll see you tomorrow at 10:00 a.m.".ljust(122, ".")

    assert (segments(text), segments(text.replace("'", "’"))) == (1, 2)


def test_a_sign_of_two_septets_is_not_cut_in_half():
    # 152 septets and half a euro fill the first part, so the euro begins the second.
    text = "a" * 152 + "€" + "a" * 152

    assert length(text) == 306
    assert segments(text) == 3


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("José Peña, ¿mañana? ¡Sí!", "José Peña, ¿mañana? ¡Si!"),
        ("“Dr. O’Neil” – 10\u202fa.m.…", '"Dr. O\'Neil" - 10 a.m....'),
        ("Jose\u0301", "José"),
        ("Łukasz 漢 👍", "?ukasz ? ?"),
        ("½", "?"),  # its parts have a sign that is not in the alphabet either
    ],
)
def test_what_is_not_in_the_alphabet_becomes_what_comes_nearest(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_a_folded_text_is_in_the_alphabet_and_folding_again_changes_nothing(text):
    folded = fold(text)

    assert fits_alphabet(folded)
    assert fold(folded) == folded


@given(st.text(max_size=700))
def test_parts_follow_from_the_length_but_for_signs_that_would_be_cut(text):
    one, more = (160, 153) if fits_alphabet(text) else (70, 67)

    fewest = 1 if length(text) <= one else -(-length(text) // more)
    assert fewest <= segments(text) <= fewest + 1 + length(text) // more // 2
