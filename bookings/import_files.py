"""A CSV of patients and of visits to come, as it is uploaded: read line by line, judged by its form alone.

A line is a patient; with `protocol` and `start` it is also one visit. Lines of one patient with the same
`series` (or, where that is empty, the same protocol and phase) are one course, which is taken whole or not
at all. Nothing here looks at the diary.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from bookings.contacts import normalised_email, normalised_phone
from bookings.models.people import fold
from bookings.time_zones import zone_names
from scheduler.hours import NoSuchTime, TwoSuchTimes, parse_time
from scheduler.spans import Minute

REQUIRED = ("first_name", "last_name", "birth_date")
CONTACTS = ("email", "phone", "language", "time_zone")
VISIT = ("series", "protocol", "phase", "start")
COLUMNS = (*REQUIRED, *CONTACTS, *VISIT)
LANGUAGES = ("en", "es")
MOST_BYTES = 1_000_000
MOST_LINES = 2_000
_NAME_LENGTH = 100

Key = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line is not taken: its number in the file, the rule, and a sentence."""

    line: int
    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as the file has them."""

    first_name: str
    last_name: str
    birth_date: date
    email: str
    phone: str
    language: str
    time_zone: str

    @property
    def key(self) -> Key:
        """What tells people apart: names without case and accents, and the birth date."""
        return fold(self.first_name), fold(self.last_name), self.birth_date


@dataclass(frozen=True)
class Course:
    """The visits of one series, in order of time, with their lines."""

    person: Key
    protocol: str
    phase: str
    lines: tuple[int, ...]
    starts: tuple[Minute, ...]

    @property
    def fingerprint(self) -> str:
        """The same for the same course, whatever file it stands in."""
        first, last, born = self.person
        said = "\n".join((first, last, born.isoformat(), self.protocol, self.phase, *map(str, self.starts)))
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True)
class ImportFile:
    """What a file says, and what of it cannot be read."""

    digest: str
    lines: int
    people: Mapping[Key, tuple[int, Person]]  # with the first line of each
    courses: tuple[Course, ...]
    refusals: tuple[Refusal, ...]


class _Unreadable(Exception):
    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule, self.detail = rule, detail


@dataclass
class _Begun:
    """A course while its lines are read."""

    protocol: str
    phase: str
    lines: list[int] = field(default_factory=list)
    starts: list[Minute] = field(default_factory=list)
    spoilt_by: int | None = None


def read_file(content: bytes, *, zone: ZoneInfo) -> ImportFile:
    """The file line by line. Times without an offset are on the wall of `zone`. Never raises: whatever is
    wrong is a refusal, of line 1 where it concerns the whole file.
    """
    digest = hashlib.sha256(content).hexdigest()
    try:
        rows = list(_rows(content))
    except _Unreadable as why:
        return ImportFile(digest, 0, {}, (), (Refusal(1, why.rule, why.detail),))
    people: dict[Key, tuple[int, Person]] = {}
    lines_of: dict[Key, list[int]] = {}
    begun: dict[tuple[Key, str], _Begun] = {}
    refusals = []
    for line, row in rows:
        person: Person | None = None
        try:
            person = _person(row, zone)
            first = people.setdefault(person.key, (line, person))
            lines_of.setdefault(person.key, []).append(line)
            if first[1] != replace(person, first_name=first[1].first_name, last_name=first[1].last_name):
                sentence = _("Line %(line)d says other contact details of this patient.")
                raise _Unreadable("details", sentence % {"line": first[0]})
            _take_visit(begun, person.key, line, row, zone)
        except _Unreadable as why:
            refusals.append(Refusal(line, why.rule, why.detail))
            _spoil(begun, row, person, line)
    refusals += [refusal for one in begun.values() for refusal in _with_it(one)]
    refused = {refusal.line for refusal in refusals}
    courses = tuple(
        Course(key, one.protocol, one.phase, *_in_order(one))
        for (key, _series), one in begun.items()
        if one.spoilt_by is None and one.starts
    )
    kept = {key: found for key, found in people.items() if set(lines_of[key]) - refused}
    return ImportFile(digest, len(rows), kept, courses, tuple(sorted(refusals, key=lambda one: one.line)))


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(content) > MOST_BYTES:
        raise _Unreadable("size", _("The file is larger than a megabyte. Split it."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unreadable("encoding", _("The file is not UTF-8. Save it as “CSV UTF-8”.")) from None
    if "\0" in text:
        raise _Unreadable("encoding", _("This is not a text file."))
    header = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True)
    try:
        yield from _named(reader)
    except csv.Error:
        raise _Unreadable("form", _("The quotes of this file do not match up.")) from None


def _named(reader: Iterator[list[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    names = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing or unknown or len(set(names)) != len(names):
        sentence = _("The first line names the columns. Missing: %(missing)s. Not known or twice: %(wrong)s.")
        wrong = unknown or [name for name in names if names.count(name) > 1]
        said = sentence % {"missing": ", ".join(missing) or "–", "wrong": ", ".join(wrong)[:200] or "–"}
        raise _Unreadable("columns", said)
    for count, cells in enumerate(
        (cells for cells in reader if any(cell.strip() for cell in cells)), start=1
    ):
        if count > MOST_LINES:
            raise _Unreadable(
                "size", _("A file has %(most)d lines at most. Split it.") % {"most": MOST_LINES}
            )
        padded = [*cells, *[""] * (len(names) - len(cells))]
        row = {name: unguarded(cell).strip() for name, cell in zip(names, padded, strict=False)}
        yield reader.line_num, {**row, **({"": "more"} if len(cells) > len(names) else {})}  # type: ignore[attr-defined]


def unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from reading it as a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in "=+-@\t\r" else cell


def _person(row: Mapping[str, str], zone: ZoneInfo) -> Person:
    if "" in row:
        raise _Unreadable("form", _("This line has more cells than there are columns."))
    for name in ("first_name", "last_name"):
        if not row[name] or len(row[name]) > _NAME_LENGTH:
            raise _Unreadable("name", _("A patient has a first and a last name, of up to 100 letters."))
    try:
        born = date.fromisoformat(row["birth_date"])
    except ValueError:
        raise _Unreadable("birth_date", _("The birth date is written like 1980-02-29.")) from None
    if not 1880 <= born.year <= 2100:
        raise _Unreadable("birth_date", _("The birth date is written like 1980-02-29."))
    return Person(
        first_name=row["first_name"],
        last_name=row["last_name"],
        birth_date=born,
        email=_contact(row.get("email", ""), normalised_email, "email", _("This is not an email address.")),
        phone=_contact(row.get("phone", ""), normalised_phone, "phone", _("This is not a telephone number.")),
        language=_one_of(row.get("language", "") or "en", LANGUAGES, "language"),
        time_zone=_one_of(row.get("time_zone", "") or zone.key, zone_names(), "time_zone"),
    )


def _contact(text: str, normalised: Callable[[str], str | None], rule: str, sentence: str) -> str:
    found = normalised(text) if text else ""
    if found is None:
        raise _Unreadable(rule, sentence)
    return found


def _one_of(text: str, words: object, rule: str) -> str:
    if text not in words:  # type: ignore[operator]
        raise _Unreadable(rule, _("%(text)s is not known.") % {"text": text[:60]})
    return text


def _take_visit(
    begun: dict[tuple[Key, str], _Begun], key: Key, line: int, row: Mapping[str, str], zone: ZoneInfo
) -> None:
    named = {name: row.get(name, "") for name in VISIT}
    if not any(named.values()):
        return
    if not named["protocol"] or not named["start"]:
        raise _Unreadable("visit", _("A visit has a protocol and a start."))
    try:
        start = parse_time(named["start"], zone)
    except NoSuchTime:
        raise _Unreadable("start", _("The clocks skip this hour on that day.")) from None
    except TwoSuchTimes:
        raise _Unreadable(
            "start", _("This hour occurs twice on that day: write it with its offset.")
        ) from None
    except ValueError:
        sentence = _("The start is written like 2026-12-01 09:00, on the clinic's wall.")
        raise _Unreadable("start", sentence) from None
    one = begun.setdefault((key, _series_of(named)), _Begun(named["protocol"], named["phase"]))
    if (one.protocol, one.phase) != (named["protocol"], named["phase"]):
        raise _Unreadable("series", _("The lines of a series have one protocol and one phase."))
    if start in one.starts:
        raise _Unreadable("twice", _("This visit stands in the file twice."))
    one.lines.append(line)
    one.starts.append(start)


def _series_of(row: Mapping[str, str]) -> str:
    return row.get("series") or f"{row.get('protocol', '')}\n{row.get('phase', '')}"


def _spoil(
    begun: dict[tuple[Key, str], _Begun], row: Mapping[str, str], person: Person | None, line: int
) -> None:
    """A line that cannot be read takes its course with it; without its person, each course of that name."""
    named = {name: row.get(name, "") for name in VISIT}
    if not any(named.values()):
        return
    if person is not None:
        one = begun.setdefault((person.key, _series_of(named)), _Begun(named["protocol"], named["phase"]))
        one.spoilt_by = line
        return
    for (_key, series), one in begun.items():
        if series == _series_of(named) and named["series"]:
            one.spoilt_by = line


def _with_it(one: _Begun) -> Iterator[Refusal]:
    if one.spoilt_by is not None:
        for line in one.lines:
            sentence = _("A series is taken whole or not at all: see line %(line)d.")
            yield Refusal(line, "whole_series", sentence % {"line": one.spoilt_by})


def _in_order(one: _Begun) -> tuple[tuple[int, ...], tuple[Minute, ...]]:
    pairs = sorted(zip(one.starts, one.lines, strict=True))
    return tuple(line for _, line in pairs), tuple(start for start, _ in pairs)
