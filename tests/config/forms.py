"""Forms as pages show them, and what no browser would ever send with them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.urls import URLPattern, URLResolver, get_resolver

NOBODY = "01980a5e-9b7c-7c3e-8d2f-1a2b3c4d5e6f"
Fields = dict[str, list[str]]


@dataclass
class Form:
    """Where a form is sent, and with what when nobody changes anything."""

    action: str
    fields: Fields = field(default_factory=dict)


class Forms(HTMLParser):
    """Gathers the forms of a page that are posted."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found, self._form, self._select, self._area = page, list[Form](), None, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._form = None
            if (has.get("method") or "").lower() == "post":
                self._form = Form(urlsplit(urljoin(self.page, has.get("action") or "")).path)
                self.found.append(self._form)
        elif self._form is not None and (name := has.get("name")):
            values = self._form.fields.setdefault(name, [])
            if tag == "select":
                self._select = name
            elif has.get("type") not in ("checkbox", "radio") or not values:
                values.append(has.get("value") or "")
        elif self._form is not None and tag == "option" and self._select:
            self._form.fields[self._select] = [has.get("value") or ""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


@dataclass(frozen=True)
class Address:
    """An address of the pages, with its parameters filled in."""

    name: str
    path: str


def page_addresses(fill: Callable[[str, str], str | None]) -> Iterator[Address]:
    """Every address for people, from Django's own table; those whose parameters are all known to `fill`,
    which is told a parameter and the address before it.
    """
    for name, pattern in _walk(get_resolver().url_patterns):
        if pattern.startswith(("api/", "admin/", "webhooks/", "static/")):
            continue
        parts: list[str] = []
        for part in pattern.split("/"):
            filled = fill(part[1:-1].partition(":")[2] or part[1:-1], pattern) if part[:1] == "<" else part
            parts.append(NOBODY if filled is None else filled)
        yield Address(name, "/" + "/".join(parts))


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or path, path


#: Each has broken some program.
ODD = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "0",
    "-1",
    "1e9",
    "NaN",
    "9" * 30,
    "2147483648",
    "٣",  # a digit, and no ASCII one
    "²",  # a digit that int() does not read
    "½",
    "2026-02-30",
    "9999-12-31",
    "0001-01-01",
    "2026-03-08T02:30",  # does not exist in New York
    "9999-12-31T23:59:59+23:59",
    "24:00",
    "12:00:00.5",
    "true",
    "null",
    "[]",
    '{"a": [1, {}]}',
    NOBODY,
    "not-an-id",
    "../../etc/passwd",
    "%00%0d%0aSet-Cookie:x=1",
    "<script>alert(1)</script>",
    "'; DROP TABLE bookings_claim; --",
    "{{ 7 * 7 }}{% now %}",
    "=HYPERLINK(1)",
    "\u202eabc\u200b",
    "💉" * 300,
    "e\u0301" * 50,
    "x" * 5_000,
    "1.2.3.4.5",
    "1.",
    ".",
    "@",
    "+",
    "+1 (202) 555-0199 x" + "9" * 40,
    "a@" + "b" * 300 + ".example",
)


def spoiled(fields: Fields, names: list[str], dice: random.Random) -> Fields:
    """The form with some of its fields odd, missing, sent twice or joined by others."""
    sent: Fields = {name: list(values) for name, values in fields.items()}
    known = list(sent) or dice.choices(names, k=4)
    for name in dice.sample(known, k=dice.randint(1, min(4, len(known)))):
        how = dice.random()
        if how < 0.1:
            sent.pop(name, None)
        elif how < 0.25:
            sent[name] = [*sent.get(name, []), dice.choice(ODD), dice.choice(ODD)]
        else:
            sent[name] = [dice.choice(ODD)]
    if dice.random() < 0.3:
        sent[dice.choice(names)] = [dice.choice(ODD)]
    return sent
