"""A treatment as a form. Its phases, steps and washouts are rows that buttons add, remove and move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bookings.bodies.faults import faults
from bookings.bodies.protocols import ProtocolBody, VersionBody, rules_of
from bookings.consistency import contradictions
from bookings.frontdesk.running.entries import Entry, Input, at, put
from bookings.frontdesk.running.protocol_entries import GROUPS, LISTS, SLUG

Row = dict[str, str]

MOST_ROWS = 50
#: What a new row says to begin with.
_FRESH: dict[str, Row] = {"phases": {}, "steps": {"nurse": "none", "patient": "on"}, "washouts": {}}
#: Objects that are not there unless this part of them is given.
_HINGES = {"price": "amount"}


@dataclass(frozen=True)
class ShownRow:
    """One row of a list on the page."""

    number: int
    inputs: list[Input]
    is_first: bool


class ProtocolForm:
    """What stands in the form, as text; `errors` by the name of the input, after `judge`."""

    def __init__(self, top: Row, rows: dict[str, list[Row]], *, is_new: bool, version: int | None) -> None:
        self.top, self.rows, self.is_new, self.version = top, rows, is_new, version
        self.errors: dict[str, list[str]] = {}
        self.focus = ""

    @classmethod
    def of_rules(cls, rules: Mapping[str, Any], *, is_new: bool, version: int | None = None) -> ProtocolForm:
        """The form that says what the rules say."""
        top = {entry.path: entry.write(at(rules, entry.path)) for entry in _top_entries(is_new=is_new)}
        rows = {
            name: [
                {entry.path: entry.write(at(row, entry.path)) for entry in entries}
                for row in rules.get(name) or ()
            ]
            for name, (_words, entries) in LISTS.items()
        }
        return cls(top, rows, is_new=is_new, version=version)

    @classmethod
    def of_post(cls, post: Mapping[str, str], *, is_new: bool) -> ProtocolForm:
        """The form as it was typed."""
        top = {entry.path: post.get(entry.path, "") for entry in _top_entries(is_new=is_new)}
        rows = {
            name: [
                {entry.path: post.get(f"{name}.{number}.{entry.path}", "") for entry in entries}
                for number in range(min(_number(post.get(f"{name}.count")), MOST_ROWS))
            ]
            for name, (_words, entries) in LISTS.items()
        }
        return cls(top, rows, is_new=is_new, version=_number(post.get("version")) or None)

    def edit(self, order: str) -> None:
        """Carry out a button, such as `add.steps`, `remove.steps.2` or `up.steps.2`."""
        verb, _dot, where = order.partition(".")
        name, _dot, place = where.partition(".")
        rows, number = self.rows.get(name, []), _number(place)
        if verb == "add" and name in LISTS and len(rows) < MOST_ROWS:
            rows.append(dict(_FRESH[name]))
            self._look_at(name, len(rows) - 1)
        elif verb == "remove" and number < len(rows):
            del rows[number]
            self._look_at(name, min(number, len(rows) - 1))
        elif verb == "up" and 0 < number < len(rows):
            rows[number - 1], rows[number] = rows[number], rows[number - 1]
            self._look_at(name, number - 1)

    def _look_at(self, name: str, number: int) -> None:
        """The cursor is to stand in that row."""
        self.focus = f"{name}.{number}.{LISTS[name][1][0].path}"

    def judge(self) -> dict[str, Any]:
        """The rules that the form says, as the commands take them; `errors` are set where they may not be."""
        kind = ProtocolBody if self.is_new else VersionBody
        body = kind(data=self.body())
        found = [] if body.is_valid() else list(faults(body.errors))
        rules = rules_of(body.validated_data) if not found else {}
        for path, sentence in found or contradictions(rules):
            self.blame(path, sentence)
        return rules

    def blame(self, path: str, sentence: str) -> None:
        """A fault at a field of the body, shown at the input it belongs to."""
        names = {shown.name for shown in self._inputs()}
        while path and path not in names:
            path = path.rpartition(".")[0]
        self.errors.setdefault(path, []).append(sentence)

    def body(self) -> dict[str, Any]:
        """The body as a caller of the API would send it."""
        body = _read(self.top, _top_entries(is_new=self.is_new))
        for name, (_words, entries) in LISTS.items():
            body[name] = [_read(row, entries) for row in self.rows[name]]
        for phase in body["phases"]:
            phase["spacing"] = phase["spacing"] or {}
        for name, hinge in _HINGES.items():
            if body[name] is not None and body[name][hinge] is None:
                body[name] = None
        return {name: value for name, value in body.items() if value not in (None, []) or name in _ASKED}

    def groups(self) -> list[tuple[str, Any, list[Input]]]:
        """What there is one of, for the page."""
        return [
            (key, words, [self._input(entry, entry.path, self.top) for entry in self._entries(key, entries)])
            for key, words, entries in GROUPS
        ]

    def lists(self) -> list[tuple[str, Any, list[ShownRow], list[str]]]:
        """What there are several of, for the page; with the faults of the list as a whole."""
        return [
            (name, words, list(self._shown(name, entries)), self.errors.get(name, []))
            for name, (words, entries) in LISTS.items()
        ]

    @property
    def faults_elsewhere(self) -> list[str]:
        """Faults that belong to no input."""
        return self.errors.get("", [])

    def _entries(self, key: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return (*entries, SLUG) if key == "head" and self.is_new else entries

    def _shown(self, name: str, entries: tuple[Entry, ...]) -> Iterator[ShownRow]:
        for number, row in enumerate(self.rows[name]):
            inputs = [self._input(entry, f"{name}.{number}.{entry.path}", row) for entry in entries]
            yield ShownRow(number, inputs, is_first=number == 0)

    def _inputs(self) -> Iterator[Input]:
        for _key, _words, inputs in self.groups():
            yield from inputs
        for name, (_words, entries) in LISTS.items():
            yield Input(Entry(name, ""), name, "")
            for row in self._shown(name, entries):
                yield from row.inputs

    def _input(self, entry: Entry, name: str, values: Row) -> Input:
        value = values.get(entry.path, "")
        return Input(entry, name, value, self.errors.get(name, []), has_focus=name == self.focus)


#: What is said to be missing where it is left empty.
_ASKED = frozenset({"name", "spacing_group", "slug", "phases", "steps"})


def _top_entries(*, is_new: bool) -> list[Entry]:
    return [entry for _key, _words, entries in GROUPS for entry in entries] + ([SLUG] if is_new else [])


def _read(texts: Row, entries: Any) -> dict[str, Any]:
    """The texts as JSON; objects of which nothing is given are null."""
    tree: dict[str, Any] = {}
    for entry in entries:
        put(tree, entry.path, entry.read(texts.get(entry.path, "")))
    return {name: _or_none(value) for name, value in tree.items()}


def _or_none(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    parts = {name: _or_none(part) for name, part in value.items()}
    return parts if any(part is not None for part in parts.values()) else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else 0
