"""Finding patients."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from bookings.models import Patient
from bookings.models.people import fold, patient_words

_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)
_AMERICAN = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})", re.ASCII)
_TELEPHONE = re.compile(r"[\d\s().+/-]*\d[\d\s().+/-]*", re.ASCII)
_MOST_WORDS = 8


class _Lexemes(SearchQuery):
    """Text that is a tsquery already: no parser cuts an email address in two."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **options: Any) -> Any:
        text, values = compiler.compile(self.source_expressions[-1])
        return f"{text}::tsquery", values


def patients(text: str = "") -> QuerySet[Patient]:
    """The patients for whom every word of the text begins one of theirs; all of them for an empty text.

    Theirs are the words of the names, the email address, and the telephone number: whole, without its country
    code, its last seven or four digits. A date (1980-02-29 or 2/29/1980) is a birth date. Case and accents do
    not matter. One query, by an index.
    """
    rows = Patient.objects.all()
    words = []
    for word in _words(text):
        if found := _ISO.fullmatch(word):
            rows = _born(rows, *map(int, found.groups()))
        elif found := _AMERICAN.fullmatch(word):
            month, day, year = map(int, found.groups())
            rows = _born(rows, year, month, day)
        else:
            words += fold(word).split()
    if words:
        lexemes = " & ".join(f"{_quoted(word)}:*" for word in words)
        rows = rows.alias(words=patient_words()).filter(words=_Lexemes(lexemes))
    return rows


def _words(text: str) -> list[str]:
    if _TELEPHONE.fullmatch(text) and not any(
        form.fullmatch(word) for word in text.split() for form in (_ISO, _AMERICAN)
    ):
        return ["".join(sign for sign in text if sign.isdigit())]
    return text.split()[:_MOST_WORDS]


def _quoted(word: str) -> str:
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _born(rows: QuerySet[Patient], year: int, month: int, day: int) -> QuerySet[Patient]:
    try:
        return rows.filter(birth_date=date(year, month, day))
    except ValueError:
        return rows.none()
