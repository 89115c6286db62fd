"""A clinic's policy as data: what makes sense, and what does not."""

from datetime import time

import pytest

from notifications.defaults import DEFAULT_RULES, DEFAULTS
from notifications.kinds import Channel, Kind
from notifications.rules import SETTABLE, Rule, faults, parse


def fault(**rule) -> list[tuple[str, str]]:
    given = {"kind": "change", "channels": ["email"]}
    return [(field, detail) for _, field, detail in faults(parse([{**given, **rule}]))]


def test_what_ships_makes_sense_and_says_something_of_every_kind_that_can_be_set():
    assert list(faults(DEFAULTS)) == []
    assert {rule.kind for rule in DEFAULTS} == set(SETTABLE)


def test_a_rule_is_read_as_it_is_written():
    assert parse([DEFAULT_RULES[8]]) == (
        Rule(kind=Kind.PREPARATION, channels=(Channel.EMAIL,), days_before=1, at=time(9)),
    )


@pytest.mark.parametrize("kind", ["login_code", "login_link", "reply"])
def test_nobody_sets_what_answers_a_question(kind):
    assert fault(kind=kind) == [("kind", "This one answers somebody who asks and is nobody's to set.")]


@pytest.mark.parametrize(("days", "refused"), [(0, True), (1, False), (30, False), (31, True)])
def test_days_before_a_visit_are_one_to_thirty(days, refused):
    assert fault(kind="reminder", days_before=days) == (
        [("days_before", "From 1 to 30 days.")] if refused else []
    )


def test_days_belong_to_what_has_days():
    assert fault(kind="reminder") == [("days_before", "Say how many days.")]
    assert fault(kind="follow_up") == [("days_after", "Say how many days.")]
    assert fault(days_before=1) == [("days_before", "A change has no such days.")]
    assert fault(kind="reminder", days_before=1, days_after=1) == [
        ("days_after", "A reminder has no such days.")
    ]


def test_what_follows_a_change_has_no_hour_of_its_own():
    assert fault(at="10:00") == [("at", "This one follows a change at once and has no hour of its own.")]
    assert fault(kind="reminder", days_before=2, at="10:00") == []


def test_a_limit_on_texts_is_for_a_rule_that_sends_some():
    assert fault(text_within_days=3) == [("text_within_days", "This rule sends no texts.")]
    assert fault(text_within_days=3, channels=["text"]) == []


def test_each_channel_is_named_once():
    assert fault(channels=["text", "text"]) == [("channels", "Name each channel once.")]


def test_a_reminder_on_the_same_day_is_said_once_and_on_another_is_another():
    one, other = (
        {"kind": "reminder", "channels": ["email"], "days_before": 1},
        {"kind": "reminder", "channels": ["text"], "days_before": 1, "at": "09:00"},
    )

    assert list(faults(parse([one, other]))) == [(1, "kind", "There is such a rule above already.")]
    assert list(faults(parse([one, {**other, "days_before": 2}]))) == []
