"""What rules, verbs, the watch and others say in English, said in the reader's language.

Their sentences are made where things are decided, kept with tasks and sent to programs, in English. Here each
is known by its form, and its numbers, dates and names are carried over. One of no known form stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext, ngettext

from bookings.frontdesk.day.words import SERIES, STATUS
from bookings.frontdesk.forms_of_sentences import FORMS, PARTS, Form

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NEXT_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")
#: The known forms in the order in which they are tried, and what some gaps are said by.
_forms: list[Form] = list(FORMS)
_quoting: list[Form] = []
_gaps: dict[str, Callable[[str], str]] = {
    "status": lambda status: str(STATUS.get(status.replace(" ", "_"), status)).lower(),
    "course": lambda status: str(SERIES.get(status, status)).lower(),
}
_whole = {form for form, _pattern in FORMS if "%(" not in form}


def know(
    forms: Iterable[Form], *, quoting: Iterable[Form] = (), gaps: Mapping[str, Callable[[str], str]]
) -> None:
    """Further forms, of sentences that others make. `quoting`: forms of whole lines that repeat somebody's
    own words, which stay as they are. `gaps`: what says, in the language of now, what stands in the gaps of
    that name.
    """
    new = [form for form in forms if form not in _forms]
    _forms.extend(new)
    _quoting.extend(form for form in quoting if form not in _quoting)
    _gaps.update(gaps)
    _whole.update(form for form, _pattern in new if "%(" not in form)
    _said.cache_clear()


def said(sentences: str) -> str:
    """The sentences in the language of now."""
    language = get_language() or "en"
    return sentences if language.startswith("en") else _said(language, str(sentences))


@lru_cache(maxsize=4096)
def _said(_language: str, sentences: str) -> str:
    if sentences in _whole:  # it may have a full stop within
        return gettext(sentences)
    return "\n".join(_line(line) for line in sentences.strip().split("\n"))


def _line(line: str) -> str:
    for form, pattern in _quoting:
        if found := pattern.fullmatch(line):
            return gettext(form) % found.groupdict()
    return " ".join(_by_form(one, _forms) or one for one in _NEXT_SENTENCE.split(line))


def _by_form(sentence: str, forms: Iterable[Form]) -> str | None:
    for form, pattern in forms:
        if found := pattern.fullmatch(sentence):
            return gettext(form) % {name: _part(name, value) for name, value in found.groupdict().items()}
    return None


def _part(name: str, value: str) -> str:
    """What stands in a gap of a form: a part with gaps of its own, or dates and amounts among names."""
    if name in _gaps:
        return _gaps[name](value)
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
