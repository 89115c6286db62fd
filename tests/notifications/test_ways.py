"""By which ways somebody may be told something."""

import pytest

from notifications.kinds import Basis, Channel, Kind
from notifications.ways import (
    NO_ADDRESS,
    NO_PHONE,
    NO_TEXTS,
    NOT_AGREED,
    NOT_CHOSEN,
    STOPPED,
    Person,
    Way,
    barred,
    ways,
)

EMAIL, TEXT = Channel.EMAIL, Channel.TEXT
BOTH = (EMAIL, TEXT)


def ada(**other) -> Person:
    return Person(**{"email": "ada@mail.example", "phone": "+12025550101", "texts_agreed": True} | other)


def test_a_patient_who_agreed_to_texts_hears_by_both_ways():
    assert ways(Kind.REMINDER, BOTH, ada()) == (Way(EMAIL), Way(TEXT))


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (ada(texts_agreed=False), NOT_AGREED),
        (ada(phone=""), NO_PHONE),
        (ada(stopped=frozenset({TEXT})), STOPPED[TEXT]),
        (ada(texts_set_up=False), NO_TEXTS),
        (ada(choices={"reminder": ["email"]}), NOT_CHOSEN[TEXT]),
    ],
)
def test_no_text_says_why(person, reason):
    assert ways(Kind.REMINDER, BOTH, person) == (Way(EMAIL), Way(TEXT, reason))


def test_a_clinic_that_relies_on_the_exemption_needs_no_consent_but_heeds_a_stop():
    exempt = ada(texts_agreed=False, basis=Basis.EXEMPTION)

    assert barred(Kind.REMINDER, TEXT, exempt) == ""
    stopped = ada(texts_agreed=False, basis=Basis.EXEMPTION, stopped=frozenset({TEXT}))
    assert barred(Kind.REMINDER, TEXT, stopped) == STOPPED[TEXT]


def test_where_no_wanted_way_is_open_the_other_one_stands_in():
    assert ways(Kind.CONFIRMATION, (EMAIL,), ada(email="")) == (Way(EMAIL, NO_ADDRESS), Way(TEXT))
    assert ways(Kind.CONFIRMATION, (EMAIL,), ada(email="", texts_agreed=False)) == (Way(EMAIL, NO_ADDRESS),)
    assert ways(Kind.RUNNING_LATE, (TEXT,), ada(phone="")) == (Way(TEXT, NO_PHONE), Way(EMAIL))


@pytest.mark.parametrize(("days", "ways_open"), [(1, [TEXT]), (2, [])])
def test_without_consent_a_text_stands_in_on_the_last_day_alone(days, ways_open):
    exempt = ada(email="", texts_agreed=False, basis=Basis.EXEMPTION)

    found = ways(Kind.REMINDER, (EMAIL,), exempt, days_before=days)

    assert [way.channel for way in found if not way.barred] == ways_open


def test_a_patient_may_choose_another_way_or_silence():
    assert ways(Kind.REMINDER, (EMAIL,), ada(choices={"reminder": ["text"]})) == (
        Way(TEXT),
        Way(EMAIL, NOT_CHOSEN[EMAIL]),
    )
    assert ways(Kind.REMINDER, BOTH, ada(choices={"reminder": []})) == (
        Way(EMAIL, NOT_CHOSEN[EMAIL]),
        Way(TEXT, NOT_CHOSEN[TEXT]),
    )


def test_a_choice_that_cannot_be_kept_does_not_silence():
    person = ada(choices={"reminder": ["text"]}, stopped=frozenset({TEXT}))

    assert ways(Kind.REMINDER, BOTH, person) == (Way(TEXT, STOPPED[TEXT]), Way(EMAIL))


def test_no_choice_and_no_stop_keeps_back_what_somebody_asks_for():
    person = ada(stopped=frozenset(BOTH), texts_agreed=False, choices={"login_code": []})

    assert ways(Kind.LOGIN_CODE, (TEXT,), person) == (Way(TEXT),)
