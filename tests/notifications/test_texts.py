"""Words of a text: one segment in the telephone's old alphabet, whatever has to be said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications import gsm
from notifications.compose import LANGUAGES, words
from notifications.content import Content, Voice
from notifications.kinds import Channel, Kind
from tests.notifications.saying import HARBOR, LONG, SIX, VISIT_LINK, content_of, exempt, visit


def text(content: Content) -> str:
    return words(content, Channel.TEXT).text


@pytest.mark.parametrize("clinic", [HARBOR, LONG])
@pytest.mark.parametrize("visits", [1, 6])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_one_segment(kind, language, visits, clinic):
    for content in (said := content_of(kind, language=language, clinic=clinic, visits=visits)), exempt(said):
        assert gsm.fits_alphabet(text(content))
        assert gsm.segments(text(content)) == 1


@settings(max_examples=300, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=4, unique=True),
    language=st.sampled_from(LANGUAGES),
    name=st.text(min_size=1, max_size=200),
    phone=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    zone=st.sampled_from(["America/New_York", "Asia/Kathmandu", "America/Argentina/Buenos_Aires"]),
    starts=st.lists(
        st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), max_size=20
    ),
    on_exemption=st.booleans(),
    late=st.none() | st.integers(1, 240),
)
def test_whatever_is_said_is_one_segment(kinds, language, name, phone, zone, starts, on_exemption, late):
    content = Content(
        kinds=tuple(kinds),
        language=language,
        clinic=Voice(name=name, zone=ZoneInfo(zone), phone=phone),
        appointments=tuple(
            visit(start, number=n, kind=kinds[n % len(kinds)]) for n, start in enumerate(sorted(starts), 1)
        ),
        code="314159" if Kind.LOGIN_CODE in kinds else "",
        link=VISIT_LINK,
        minutes_late=late,
    )

    said = text(exempt(content) if on_exemption else content)

    assert gsm.fits_alphabet(said)
    assert gsm.segments(said) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.LOGIN_CODE, Kind.LOGIN_LINK)])
def test_without_consent_a_text_names_the_clinic_its_telephone_and_how_to_stop(kind, language):
    said = text(exempt(content_of(kind, language=language, clinic=HARBOR, visits=6)))

    assert said.startswith("Harbor Clinic: ")
    assert "+1 202-555-0100" in said
    assert "STOP" in said


@pytest.mark.parametrize("kind", [Kind.REMINDER, Kind.PREPARATION])
@pytest.mark.parametrize("language", LANGUAGES)
def test_how_to_prepare_is_never_in_a_text(kind, language):
    content = content_of(Kind.PREPARATION, language=language)
    content = replace(content, kinds=(kind, Kind.PREPARATION))

    assert re.findall(r"eat|drink|driv|sleeves|Eve|comer|comida|beber|conduc", text(content)) == []


def test_a_reminder():
    assert text(content_of(Kind.REMINDER)) == (
        "Harbor Clinic: appointment Mon Apr 6, 10:00 AM EDT. Reply Y to confirm, R to change. " + VISIT_LINK
    )


def test_a_reminder_in_spanish_has_no_sign_that_would_cost_a_second_segment():
    assert text(content_of(Kind.REMINDER, language="es")) == (
        "Harbor Clinic: cita lun 6 abr, 10:00 EDT. Responda Y para confirmar, R para cambiar. " + VISIT_LINK
    )


def test_a_reminder_with_how_to_prepare_says_where_that_is():
    content = replace(content_of(Kind.REMINDER), kinds=(Kind.REMINDER, Kind.PREPARATION))

    assert text(content).endswith(f"How to prepare: {VISIT_LINK}")


def test_of_six_visits_as_many_are_named_as_fit():
    assert text(content_of(Kind.CONFIRMATION, visits=6)) == (
        "Harbor Clinic: booked: Mon Apr 6, 10:00 AM; Thu Apr 9, 10:00 AM; Mon Apr 13, 10:00 AM and 3 more. "
        + VISIT_LINK
    )


def test_several_things_in_one_text_are_told_apart():
    content = replace(
        content_of(Kind.REMINDER),
        kinds=(Kind.REMINDER, Kind.CHANGE, Kind.CANCELLATION),
        link="",
        appointments=(
            visit(SIX[0]),
            visit(SIX[1], number=2, kind=Kind.CHANGE),
            visit(SIX[2], number=3, kind=Kind.CANCELLATION),
        ),
    )

    assert text(content) == (
        "Harbor Clinic: appointments: Mon Apr 6, 10:00 AM EDT; Thu Apr 9, 10:00 AM EDT (new time); "
        "Mon Apr 13, 10:00 AM EDT (cancelled). Call +1 202-555-0100."
    )


def test_a_visit_that_is_spoken_of_twice_is_named_once():
    one = visit(SIX[0])
    content = replace(
        content_of(Kind.REMINDER),
        kinds=(Kind.REMINDER, Kind.PREPARATION),
        appointments=(replace(one, kind=Kind.PREPARATION), one),
    )

    assert text(content).count("Apr 6") == 1


def test_the_hour_that_occurs_twice_is_told_apart_even_where_room_is_short():
    hours = [
        datetime(2026, 11, day, hour, 30, tzinfo=UTC) for day, hour in ((1, 5), (1, 6), (3, 15), (5, 15))
    ]
    visits = tuple(visit(start, number=n) for n, start in enumerate(hours, 1))

    assert "Sun Nov 1, 1:30 AM EDT; Sun Nov 1, 1:30 AM EST; Tue Nov 3, 10:30 AM and 1 more." in text(
        replace(content_of(Kind.CONFIRMATION), appointments=visits)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_that_a_telephone_cannot_show_is_not_a_row_of_question_marks(language):
    said = text(content_of(Kind.REMINDER, language=language, clinic=replace(HARBOR, name="港口诊所")))

    assert said.startswith({"en": "Your clinic: ", "es": "Su clinica: "}[language])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_no_text_asks_for_a_word_that_means_stop_to_a_carrier(kind, language):
    """CANCEL and YES are words of opting out and in: a visit must not hang on them."""
    said = text(content_of(kind, language=language)).upper()

    assert re.findall(r"\b(?:REPLY|RESPONDA) (?:CANCEL|YES|END|QUIT)\b", said) == []


def test_a_sign_in_code_comes_first_and_names_nobody():
    assert text(content_of(Kind.LOGIN_CODE)) == (
        "314159 is your sign-in code, for ten minutes. Nobody from the clinic will ask you for it."
    )
