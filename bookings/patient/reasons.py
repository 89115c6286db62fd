"""Why something cannot be, as a patient reads it: by rule, in their language, nobody else's doings in it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from bookings.patient.describing import minutes_words
from bookings.patient.wording import days_words, hours_words
from scheduler.violations import Rule, Violation


def reasons_of(violations: Iterable[Violation]) -> list[str]:
    """One sentence for each kind of obstacle, the first of each kind."""
    return list({one.rule: reason_of(one) for one in violations}.values())


def obstacles_of(violations: Iterable[Violation]) -> list[str]:
    """What stands in the way of any plan: one sentence for each rule of the course, not of one hour."""
    return list({one.rule: _obstacle(one) for one in violations}.values())


def _obstacle(violation: Violation) -> str:
    rule, required = violation.rule, violation.required
    if rule is Rule.WISH:
        return gettext("There is room only on other days or at other times than you wished for.")
    if rule is Rule.MIN_GAP and isinstance(required, int):
        return gettext("At least %(least)s must lie between two visits.") % {"least": _least(required)}
    if rule is Rule.CLOSED:
        return gettext("The clinic is not open on enough of these days.")
    if rule in (Rule.CHAIR, Rule.NURSING, Rule.START_STAGGER):
        return gettext("The clinic is too full on these days.")
    if rule is Rule.ROLLING_LIMIT:
        return gettext("Only so many visits may lie within a few days.")
    return reason_of(violation)


def reason_of(violation: Violation) -> str:
    """One broken rule in a sentence."""
    rule, required = violation.rule, violation.required
    if rule is Rule.MIN_GAP:
        return _min_gap(violation)
    if rule in _SAID_IN_DAYS and isinstance(required, int):
        return _said_in_days(rule) % {"days": days_words(required)}
    if rule is Rule.LEAD_TIME and isinstance(required, int):
        return gettext("Visits are booked at least %(hours)s ahead.") % {"hours": hours_words(required)}
    if rule is Rule.ROLLING_LIMIT:
        return gettext("There would be too many visits within a few days.")
    if rule is Rule.CLOSED:
        return gettext("The clinic is not open for the whole visit then.")
    if rule in (Rule.CHAIR, Rule.NURSING, Rule.START_STAGGER):
        return gettext("The clinic is full then.")
    if rule is Rule.PATIENT_OVERLAP:
        return gettext("You have another visit then.")
    if rule is Rule.ONE_PER_DAY:
        return gettext("There is another visit on that day.")
    if rule is Rule.CLEARANCE:
        return gettext("A clinician must look at your course first. Please call the clinic.")
    return gettext("It is not what you wished for.")


_SAID_IN_DAYS = frozenset({Rule.MAX_GAP, Rule.COMPLETE_WITHIN, Rule.WASHOUT, Rule.HORIZON})


def _said_in_days(rule: Rule) -> str:
    return {
        Rule.MAX_GAP: gettext("At most %(days)s may lie between two visits."),
        Rule.COMPLETE_WITHIN: gettext("All visits must lie within %(days)s."),
        Rule.WASHOUT: gettext("It must be %(days)s away from another treatment that you have."),
        Rule.HORIZON: gettext("Visits are booked at most %(days)s ahead."),
    }[rule]


def _min_gap(violation: Violation) -> str:
    """The bound is in calendar days where the dates are too close, else in elapsed minutes."""
    required, actual = violation.required, violation.actual
    if not isinstance(required, int) or not isinstance(actual, int):
        return gettext("It is too close to another visit.")
    said = gettext("It is too close to another visit: at least %(least)s must lie between them.")
    return said % {"least": _least(required)}


def _least(required: int) -> str:
    """The bound of a gap in words: in elapsed time where it is one of minutes, else in calendar days."""
    return minutes_words(required) if required >= _LEAST_MINUTES else days_words(required)


#: A bound of at least this number is one of minutes: no protocol asks for so many days between two visits.
_LEAST_MINUTES = 240
