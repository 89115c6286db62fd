"""One clinic for the tests of the rules: NORTH, its chairs, its two nurses and its ketamine protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.case import Case, Place
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.hours import opening_span, parse_time
from scheduler.protocol import NurseNeed, Phase, Protocol, Spacing, Step
from scheduler.rules import check
from scheduler.supply import Chair, OpeningHours, Shift, Supply
from scheduler.violations import Rule, Violation

NEW_YORK = ZoneInfo("America/New_York")
VISIT = 130  # minutes until the patient leaves; the chair is held for 20 more
_FIRST, _LAST = date(2026, 3, 1), date(2026, 11, 30)
_DATES = [_FIRST + timedelta(days=days) for days in range((_LAST - _FIRST).days + 1)]

KETAMINE_STEPS = (
    Step("check-in", 15),
    Step("set-up", 15, NurseNeed.EXCLUSIVE),
    Step("infusion", 40, NurseNeed.SHARED),
    Step("recovery", 60, NurseNeed.SHARED),
    Step("turnover", 20, patient=False),
)
INDUCTION = Phase("induction", 6)
MAINTENANCE = Phase("maintenance", None)
KET6 = Protocol("ket6", "Ketamine", "ketamine", (INDUCTION, MAINTENANCE), KETAMINE_STEPS)

NORTH = Supply(
    time_zone=NEW_YORK,
    hours=tuple(OpeningHours(weekday, time(8), time(17)) for weekday in range(1, 8)),
    chairs=(Chair("n1", "N1"), Chair("n2", "N2"), Chair("n3", "N3", frozenset({"monitor"}))),
    shifts=tuple(
        Shift(nurse, opening_span(day, time(8), closes, NEW_YORK))
        for day in _DATES
        for nurse, closes in (("Ana", time(16, 30)), ("Ben", time(17)))
    ),
)


def at(text: str) -> int:
    """The minute that New York's clock shows as `text`: "2026-04-14 13:00", or with an offset."""
    return parse_time(text, NEW_YORK)


def claim(text: str, chair: str = "n1", steps: tuple[Step, ...] = KETAMINE_STEPS) -> Claim:
    return Claim(f"{chair} {text}", chair, at(text), replace(KET6, steps=steps).timed_steps)


def session(text: str, number: int = 1, **changes: object) -> PatientSession:
    """A session of the patient's own series, "own", in the ketamine group."""
    start = at(text)
    day = date.fromisoformat(text[:10])
    usual = PatientSession(f"s{number}", "own", number, "ketamine", "induction", start, start + VISIT, day)
    return replace(usual, **changes)  # type: ignore[arg-type]


def case(*claims: Claim, spacing: Spacing | None = None, phase: Phase = INDUCTION, **changes: object) -> Case:
    """The patient's question to NORTH on Sunday 1 March 2026, at midnight."""
    if spacing is not None:
        phase = replace(phase, spacing=spacing)
    asked = Case(NORTH, Diary(claims), KET6, phase, at("2026-03-01 00:00"), series="own")
    return replace(asked, **changes)  # type: ignore[arg-type]


def places(*texts: str, chair: str | None = None) -> list[Place]:
    return [Place(number, at(text), chair) for number, text in enumerate(texts, start=1)]


def broken(question: Case, *texts: str, chair: str | None = None) -> list[Violation]:
    """Every rule that places at those times break."""
    return list(check(question, places(*texts, chair=chair)))


def rules_broken(question: Case, *texts: str, chair: str | None = None) -> list[Rule]:
    return [violation.rule for violation in broken(question, *texts, chair=chair)]
