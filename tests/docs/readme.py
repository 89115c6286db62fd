"""Reads the tour out of the README: each block of commands with what the page says it prints."""

import re
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
TOUR = "## Five minutes with the demo"
_BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WEEKDAY = r"(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?"
_MONTH = "(January|February|March|April|May|June|July|August|September|October|November|December)"
#: What differs from one run to the next, and the sign that stands for it when two outputs are compared.
_CHANGING = [
    (re.compile(r"http://127\.0\.0\.1:\d+/v/\w+"), "<link to a visit>"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "<demo>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d|Z)?"), "<time>"),
    (re.compile(rf"\b{_WEEKDAY},? {_MONTH} \d{{1,2}}, \d{{4}}"), "<day>"),
    (re.compile(rf"\b{_WEEKDAY} \d{{1,2}} {_MONTH}"), "<day>"),
    (re.compile(r"\b(\d{1,2}(:\d\d)? [ap]\.m\.|\d{1,2}:\d\d|noon)"), "<hour>"),
    (re.compile(r"\b(EST|EDT)\b"), "<zone>"),
    (re.compile(r"\b[01] days? apart"), "<too few> days apart"),  # the next day may be a Saturday
    (re.compile(r"earliest <day>(, <hour>)?"), "earliest <day>"),
]


@dataclass(frozen=True)
class Step:
    """Commands, and what the page shows under them."""

    commands: str
    shown: str


def tour() -> list[Step]:
    """The steps of the tour, in order."""
    page = README.read_text()
    section = page[page.index(TOUR) :].partition("\n## ")[0]
    steps: list[Step] = []
    for kind, text in _BLOCK.findall(section):
        if kind == "bash":
            steps.append(Step(text, ""))
        else:
            steps[-1] = Step(steps[-1].commands, text)
    return steps


def without_changing(output: str) -> str:
    """An output without ids, dates and hours."""
    for pattern, sign in _CHANGING:
        output = pattern.sub(sign, output)
    return "\n".join(line.rstrip() for line in output.strip().splitlines())
