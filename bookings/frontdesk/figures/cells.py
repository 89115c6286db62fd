"""Lines of a CSV that a spreadsheet reads as words and numbers, never as formulas. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: What spreadsheets begin a formula with, the wide forms of East Asian keyboards among them.
_BEGINNINGS = tuple("=+-@\t\r\n＝＋－＠")


def lines(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a file, one after another; the first with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(head)
    for row in rows:
        yield writer.writerow([guarded(value) for value in row])


def guarded(value: Any) -> str:
    """A value as a cell; text that could be read as a formula begins with an apostrophe."""
    if value is None:
        return ""
    text = str(value)
    is_number = isinstance(value, int | float)
    return f"'{text}" if not is_number and text.lstrip(" ").startswith(_BEGINNINGS) else text


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text
