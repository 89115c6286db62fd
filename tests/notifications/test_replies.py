"""What a reply says: which visit, and what is wanted now, in one segment and both languages."""

from dataclasses import replace

import pytest

from notifications import gsm
from notifications.compose import LANGUAGES, words
from notifications.kinds import Channel, Kind, Meaning
from notifications.replies import Answer, Visit, answer_to
from tests.cast import new_york
from tests.notifications.saying import HARBOR, LONG, VISIT_LINK, content_of

MONDAY, TUESDAY = new_york("2026-04-06 10:00"), new_york("2026-04-07 10:00")


def said(answer: Answer, *, language: str = "en", clinic=HARBOR) -> str:
    visits = 0 if answer in (Answer.NOTHING, Answer.NOTED) else 1
    content = content_of(Kind.REPLY, language=language, clinic=clinic, visits=visits)
    link = VISIT_LINK if answer == Answer.CHANGE else ""
    return words(replace(content, answer=answer.value, link=link), Channel.TEXT).text


@pytest.mark.parametrize("clinic", [HARBOR, LONG])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answer", Answer)
def test_every_answer_is_one_segment_and_names_the_clinic(answer, language, clinic):
    text = said(answer, language=language, clinic=clinic)

    assert (gsm.fits_alphabet(text), gsm.segments(text)) == (True, 1)
    assert text.startswith(gsm.fold(clinic.name)[:10])


@pytest.mark.parametrize(("language", "day"), [("en", "Mon Apr 6, 10:00 AM"), ("es", "lun 6 abr, 10:00")])
@pytest.mark.parametrize(
    "answer", [Answer.CONFIRMED, Answer.CANCELLED, Answer.MOVED, Answer.WAITING, Answer.CHANGE]
)
def test_an_answer_about_a_visit_says_which(answer, language, day):
    assert day in said(answer, language=language)


def test_every_answer_is_another_sentence_and_in_spanish_another_again():
    texts = {said(answer, language=language) for answer in Answer for language in LANGUAGES}

    assert len(texts) == 2 * len(Answer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_wants_to_change_gets_the_link_and_who_needs_help_the_telephone(language):
    assert VISIT_LINK in said(Answer.CHANGE, language=language)
    assert HARBOR.phone in said(Answer.HELP, language=language)
    assert "STOP" in said(Answer.HELP, language=language)
    assert HARBOR.phone in said(Answer.CANCELLED, language=language)


@pytest.mark.parametrize(
    ("meaning", "visit", "answer"),
    [
        (Meaning.CONFIRM, Visit("booked", MONDAY, MONDAY), Answer.CONFIRMED),
        (Meaning.CONFIRM, Visit("booked", MONDAY), Answer.CONFIRMED),
        (Meaning.CONFIRM, Visit("confirmed", MONDAY, MONDAY), Answer.CONFIRMED),
        (Meaning.CONFIRM, Visit("booked", TUESDAY, MONDAY), Answer.MOVED),
        (Meaning.CONFIRM, Visit("requested", MONDAY, MONDAY), Answer.WAITING),
        (Meaning.CONFIRM, Visit("requested", TUESDAY, MONDAY), Answer.MOVED),
        (Meaning.CONFIRM, Visit("cancelled", MONDAY, MONDAY), Answer.CANCELLED),
        (Meaning.CONFIRM, Visit("no_show", MONDAY, MONDAY), Answer.CANCELLED),
        (Meaning.CONFIRM, Visit("arrived", MONDAY, MONDAY), None),
        (Meaning.CONFIRM, Visit("completed", MONDAY, MONDAY), None),
        (Meaning.CONFIRM, None, Answer.NOTHING),
        (Meaning.CHANGE, Visit("booked", TUESDAY, MONDAY), Answer.CHANGE),
        (Meaning.CHANGE, Visit("requested", MONDAY), Answer.CHANGE),
        (Meaning.CHANGE, Visit("cancelled", MONDAY), Answer.CANCELLED),
        (Meaning.CHANGE, Visit("infusing", MONDAY), None),
        (Meaning.CHANGE, None, Answer.NOTHING),
        (Meaning.HELP, None, Answer.HELP),
        (Meaning.FREE, None, Answer.NOTED),
        (Meaning.STOP, Visit("booked", MONDAY), None),
        (Meaning.START, Visit("booked", MONDAY), None),
        (Meaning.CANCEL, Visit("booked", MONDAY), None),
    ],
)
def test_the_answer_follows_from_what_is_meant_and_what_the_diary_has(meaning, visit, answer):
    assert answer_to(meaning, visit) == answer
