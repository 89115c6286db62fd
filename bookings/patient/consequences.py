"""What a change does to the other visits of a series, in a patient's words. Pure but for the language.

Days between visits are calendar days by the clinic's wall-clock, as the rules count them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from bookings.patient.wording import day_words, days_words

Visits = Mapping[int, datetime]  # number → start, of the visits that are booked or over


def of_moving(number: int, before: Visits, after: Visits, *, zone: ZoneInfo, usual: int | None) -> list[str]:
    """What it means that visit `number` moves, and perhaps others with it.

    `before` and `after` have every visit of the series that counts; those that are made up for are in `after`
    alone. `usual`: more days than these between two visits are looked at by a clinician; None: there is no
    such bound.
    """
    return [
        *_of_the_others(number, before, after),
        *_around(number, after, zone),
        *_long_gaps(before, after, zone, usual),
        *_finish(before, after, zone),
    ]


def of_cancelling(
    number: int, before: Visits, *, zone: ZoneInfo, ends: bool, lapse: tuple[int, int] | None
) -> list[str]:
    """What it means that visit `number` is given up.

    `ends`: nothing of the series is left then. `lapse`: the days between two visits that are more than those
    allowed, and how many are, so that the course pauses; None where it goes on.
    """
    if ends:
        return [gettext("It is the only visit of this series, so the series ends.")]
    after = {other: start for other, start in before.items() if other != number}
    said = _that_stay(len(after))
    between = [
        pair for pair in pairwise(_in_time(after)) if before[pair[0]] < before[number] < before[pair[1]]
    ]
    for one, other in between:
        facts = {"one": one, "other": other, "days": days_words(_days(after[one], after[other], zone))}
        said.append(gettext("Between visits %(one)s and %(other)s there are then %(days)s.") % facts)
    if lapse:
        found, allowed = lapse
        facts = {"days": days_words(found), "allowed": allowed}
        text = gettext(
            "%(days)s between two visits are more than the %(allowed)s that are allowed. The course then "
            "pauses: nothing more can be booked online until the clinic has looked at it."
        )
        return [*said, text % facts]
    return [*said, gettext("Your course is then one visit short. You can plan another one in its place.")]


def _of_the_others(number: int, before: Visits, after: Visits) -> list[str]:
    others = [other for other in before if other != number]
    moved = [other for other in others if after[other] != before[other]]
    if not others:
        return []
    if not moved:
        return [gettext("Your other visits stay as they are.")]
    numbers = {"numbers": _listed(moved)}
    return [
        ngettext("Visit %(numbers)s moves with it.", "Visits %(numbers)s move with it.", len(moved)) % numbers
    ]


def _that_stay(left: int) -> list[str]:
    said = ngettext("Your other visit stays as it is.", "Your %(left)s other visits stay as they are.", left)
    return [said % {"left": left}] if left else []


def _around(number: int, after: Visits, zone: ZoneInfo) -> list[str]:
    """How far the visit is from its neighbours in time."""
    order = _in_time(after)
    at = order.index(number)
    facts: dict[str, object] = {}
    if at > 0:
        facts |= {"one": order[at - 1], "after": days_words(_days(after[order[at - 1]], after[number], zone))}
    if at + 1 < len(order):
        following = order[at + 1]
        facts |= {"other": following, "before": days_words(_days(after[number], after[following], zone))}
    if len(facts) == 4:
        said = gettext("It is then %(after)s after visit %(one)s and %(before)s before visit %(other)s.")
    elif "one" in facts:
        said = gettext("It is then %(after)s after visit %(one)s.")
    elif "other" in facts:
        said = gettext("It is then %(before)s before visit %(other)s.")
    else:
        return []
    return [said % facts]


def _long_gaps(before: Visits, after: Visits, zone: ZoneInfo, usual: int | None) -> list[str]:
    """Gaps longer than usual that were not there before."""
    if usual is None:
        return []
    known = {(pair, _days(before[pair[0]], before[pair[1]], zone)) for pair in pairwise(_in_time(before))}
    said = []
    for one, other in pairwise(_in_time(after)):
        days = _days(after[one], after[other], zone)
        if days > usual and ((one, other), days) not in known:
            facts = {"one": one, "other": other, "days": days_words(days), "usual": usual}
            text = gettext(
                "Between visits %(one)s and %(other)s there are then %(days)s, more than the usual "
                "%(usual)s: a clinician will look at it."
            )
            said.append(text % facts)
    return said


def _finish(before: Visits, after: Visits, zone: ZoneInfo) -> list[str]:
    if len(after) < 2:
        return []
    was, will = _last_date(before, zone), _last_date(after, zone)
    day = {"day": day_words(will)}
    if will == was:
        return [gettext("Your last visit is still on %(day)s.") % day]
    facts = {**day, "days": days_words(abs((will - was).days))}
    later = gettext("Your last visit is then on %(day)s, %(days)s later than now.")
    earlier = gettext("Your last visit is then on %(day)s, %(days)s earlier than now.")
    return [(later if will > was else earlier) % facts]


def _in_time(visits: Visits) -> list[int]:
    return sorted(visits, key=lambda number: (visits[number], number))


def _days(one: datetime, other: datetime, zone: ZoneInfo) -> int:
    return (_date(other, zone) - _date(one, zone)).days


def _date(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _last_date(visits: Visits, zone: ZoneInfo) -> date:
    return max(_date(start, zone) for start in visits.values())


def _listed(numbers: Sequence[int]) -> str:
    """Such as "3", "3 and 4" or "3, 4 and 5"."""
    words = [str(number) for number in sorted(numbers)]
    if len(words) == 1:
        return words[0]
    return gettext("%(all_but_last)s and %(last)s") % {
        "all_but_last": ", ".join(words[:-1]),
        "last": words[-1],
    }
