"""Plans told apart in words: on which days, at which hours, done by when. Pure but for the language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from statistics import median_low
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import capfirst
from django.utils.translation import gettext

from bookings.patient.wording import clock_words, day_words, days_words

_MOST_WEEKDAYS = 3  # more than these are not named one by one


def weekday_plurals() -> tuple[str, ...]:
    """Mondays first."""
    return (
        gettext("Mondays"),
        gettext("Tuesdays"),
        gettext("Wednesdays"),
        gettext("Thursdays"),
        gettext("Fridays"),
        gettext("Saturdays"),
        gettext("Sundays"),
    )


def weekday_names() -> tuple[str, ...]:
    """Short ones, Mondays first."""
    return tuple(capfirst(WEEKDAYS_ABBR[at]) for at in range(7))


def rhythm_of(starts: Sequence[datetime], zone: ZoneInfo) -> str:
    """Such as "Tuesdays and Fridays at 10:00 a.m."."""
    if len(starts) == 1:
        return gettext("One visit at %(time)s") % {"time": clock_words(starts[0], zone)}
    days = {start.astimezone(zone).isoweekday() for start in starts}
    said = _weekdays(sorted(days)) if len(days) <= _MOST_WEEKDAYS else gettext("Different weekdays")
    return f"{capfirst(said)} {_hours(starts, zone)}"


def finish_of(starts: Sequence[datetime], zone: ZoneInfo) -> str:
    """Such as "done by Friday 18 December"."""
    return gettext("done by %(day)s") % {"day": day_words(max(starts).astimezone(zone).date())}


def told_apart(plans: Sequence[Sequence[datetime]], zone: ZoneInfo) -> list[list[str]]:
    """For each plan up to two words that are true of it and not of the others."""
    if len(plans) < 2:
        return [[] for _plan in plans]
    return [_apart(plan, [other for other in plans if other is not plan], zone)[:2] for plan in plans]


def _apart(plan: Sequence[datetime], others: Sequence[Sequence[datetime]], zone: ZoneInfo) -> list[str]:
    said = []
    finish, rest = _last(plan, zone), [_last(other, zone) for other in others]
    if finish < min(rest):
        early = days_words((min(rest) - finish).days)
        said.append(gettext("Done %(days)s before the others") % {"days": early})
    if _one_hour(plan, zone) and not any(_one_hour(other, zone) for other in others):
        said.append(gettext("Always at the same time"))
    if _weekday_count(plan, zone) < min(_weekday_count(other, zone) for other in others):
        said.append(gettext("The same days each week"))
    if _first(plan, zone) < min(_first(other, zone) for other in others):
        said.append(gettext("Begins soonest"))
    usual, rest_usual = _usual(plan, zone), [_usual(other, zone) for other in others]
    if usual < min(rest_usual):
        said.append(gettext("Earlier in the day"))
    if usual > max(rest_usual):
        said.append(gettext("Later in the day"))
    if _first(plan, zone) > max(_first(other, zone) for other in others):
        said.append(gettext("Begins later"))
    if _gap(plan, zone) > max(_gap(other, zone) for other in others):
        said.append(gettext("More days between visits"))
    return said


def _weekdays(days: Sequence[int]) -> str:
    names = weekday_plurals()
    words = [names[day - 1] for day in days]
    if len(words) == 1:
        return words[0]
    facts = {"all_but_last": ", ".join(words[:-1]), "last": words[-1]}
    return gettext("%(all_but_last)s and %(last)s") % facts


def _hours(starts: Sequence[datetime], zone: ZoneInfo) -> str:
    by_clock = Counter(start.astimezone(zone).time() for start in starts)
    example = {start.astimezone(zone).time(): start for start in starts}
    usual, count = by_clock.most_common(1)[0]
    if count == len(starts):
        return gettext("at %(time)s") % {"time": clock_words(example[usual], zone)}
    if count * 2 > len(starts):
        return gettext("mostly at %(time)s") % {"time": clock_words(example[usual], zone)}
    first, last = example[min(by_clock)], example[max(by_clock)]
    return gettext("between %(first)s and %(last)s") % {
        "first": clock_words(first, zone),
        "last": clock_words(last, zone),
    }


def _last(plan: Sequence[datetime], zone: ZoneInfo) -> date:
    return max(plan).astimezone(zone).date()


def _first(plan: Sequence[datetime], zone: ZoneInfo) -> date:
    return min(plan).astimezone(zone).date()


def _gap(plan: Sequence[datetime], zone: ZoneInfo) -> int:
    return (_last(plan, zone) - _first(plan, zone)).days


def _one_hour(plan: Sequence[datetime], zone: ZoneInfo) -> bool:
    return len({start.astimezone(zone).time() for start in plan}) == 1


def _weekday_count(plan: Sequence[datetime], zone: ZoneInfo) -> int:
    return len({start.astimezone(zone).isoweekday() for start in plan})


def _usual(plan: Sequence[datetime], zone: ZoneInfo) -> time:
    return median_low(start.astimezone(zone).time() for start in plan)
