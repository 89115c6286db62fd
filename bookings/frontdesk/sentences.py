"""What rules, verbs and the watch say in English, said in the reader's language.

Their sentences are made where things are decided, kept with tasks and sent to programs, in English. Here each
is known by its form, and its numbers, dates and names are carried over. One of no known form stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext, ngettext

from bookings.frontdesk.day.words import STATUS
from bookings.frontdesk.forms_of_sentences import FORMS, PARTS

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WHOLE = frozenset(form for form, _pattern in FORMS if "%(" not in form)
_NEXT_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")


def said(sentences: str) -> str:
    """The sentences in the language of now."""
    language = get_language() or "en"
    return sentences if language.startswith("en") else _said(language, str(sentences))


@lru_cache(maxsize=4096)
def _said(_language: str, sentences: str) -> str:
    if sentences in _WHOLE:  # it may have a full stop within
        return gettext(sentences)
    found = [_by_form(one, FORMS) or one for one in _NEXT_SENTENCE.split(sentences.strip())]
    return " ".join(found)


def _by_form(sentence: str, forms: tuple[tuple[str, re.Pattern[str]], ...]) -> str | None:
    for form, pattern in forms:
        if found := pattern.fullmatch(sentence):
            return gettext(form) % {name: _part(name, value) for name, value in found.groupdict().items()}
    return None


def _part(name: str, value: str) -> str:
    """What stands in a gap of a form: a part with gaps of its own, or dates and amounts among names."""
    if name == "status":
        return str(STATUS.get(value, value)).lower()
    if by_form := _by_form(value, PARTS):
        return by_form
    for pattern, words in _SMALL:
        value = pattern.sub(words, value)
    return value


def _date(found: re.Match[str]) -> str:
    weekday, day, month = found.groups()
    at, number = _WEEKDAYS.index(weekday), _MONTHS.index(month) + 1
    shown = {"weekday": WEEKDAYS_ABBR[at], "day": day, "month": MONTHS[number]}
    return gettext("%(weekday)s %(day)s %(month)s") % shown


def _weekday(found: re.Match[str]) -> str:
    return str(WEEKDAYS_ABBR[_WEEKDAYS.index(found[0])])


def _amount(found: re.Match[str]) -> str:
    number, unit = int(found[1]), found[2]
    says = {
        "day": ngettext("%(n)d day", "%(n)d days", number),
        "hour": ngettext("%(n)d hour", "%(n)d hours", number),
        "session": ngettext("%(n)d session", "%(n)d sessions", number),
        "more session": ngettext("%(n)d more session", "%(n)d more sessions", number),
    }
    return says[unit] % {"n": number}


def _lost(found: re.Match[str]) -> str:
    shown = {"number": found[1]}
    if found[2] == "missed":
        return gettext("session %(number)s was missed") % shown
    return gettext("session %(number)s was cancelled") % shown


_SMALL: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"\b({'|'.join(_WEEKDAYS)}) (\d{{1,2}}) ({'|'.join(_MONTHS)})\b"), _date),
    (re.compile(rf"\b(?:{'|'.join(_WEEKDAYS)})\b"), _weekday),
    (re.compile(r"\b(\d+) (day|hour|more session|session)s?\b"), _amount),
    (re.compile(r"\bsession (\d+) was (missed|cancelled)\b"), _lost),
)
