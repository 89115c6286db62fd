"""Every rule of the contract as a client meets it: the refusal, what it says was required, and what is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bookings.models import Clearance
from scheduler.violations import Rule
from tests.api.conftest import Caller, caller_for
from tests.api.refusing import book, booster, refusal, starts
from tests.cast import BOOSTER, Cast, make_protocol, new_york


@dataclass(frozen=True)
class Asked:
    """What Ada asks for, and the violation that she meets. She has a booster on Mon 6 April at 10:00."""

    at: tuple[str, ...]  # in New York
    refused: tuple[int, str]
    sessions: list[int]
    required: Any
    actual: Any
    spacing: dict[str, Any] = field(default_factory=dict)
    rules: dict[str, Any] = field(default_factory=dict)


SPACING, NOT_OFFERED, TAKEN = (422, "spacing"), (422, "not-offered"), (409, "taken")
OTHER = {"spacing_group": "other", "washouts": []}
LATER = ("2026-04-13 10:00", "2026-04-17 10:00")
ASKED = {
    Rule.MIN_GAP: Asked(LATER, SPACING, [1, 2], 5, 4, {"min_gap_days": 5}),
    Rule.MAX_GAP: Asked(LATER, SPACING, [1, 2], 3, 4, {"max_gap_days": 3}),
    Rule.ROLLING_LIMIT: Asked(LATER, SPACING, [1, 2], 1, 2, {"rolling_limit": {"sessions": 1, "days": 5}}),
    Rule.ONE_PER_DAY: Asked(
        ("2026-04-13 08:00", "2026-04-13 13:00"), SPACING, [1, 2], 1, 2, {"min_gap_days": 1}
    ),
    Rule.COMPLETE_WITHIN: Asked(LATER, SPACING, [1, 2], 3, 4, {"complete_within_days": 3}),
    Rule.WASHOUT: Asked(
        ("2026-04-07 10:00",),
        SPACING,
        [1],
        2,
        1,
        rules={**OTHER, "washouts": [{"spacing_group": "ketamine", "days": 2}]},
    ),
    Rule.CLEARANCE: Asked(LATER, SPACING, [2], 1, 2, rules={"needs_clearance": True}),
    Rule.LEAD_TIME: Asked(("2026-04-01 10:00",), NOT_OFFERED, [1], 24, 2, rules={"lead_time_hours": 24}),
    Rule.HORIZON: Asked(("2026-04-13 10:00",), NOT_OFFERED, [1], 11, 12, rules={"horizon_days": 11}),
    Rule.CLOSED: Asked(("2026-04-11 10:00",), NOT_OFFERED, [1], "open", "10:00"),
    Rule.CHAIR: Asked(
        ("2026-04-13 10:00",), NOT_OFFERED, [1], "free", "unfit", rules={"chair_features": ["wide"]}
    ),
    Rule.NURSING: Asked(("2026-06-01 10:00",), NOT_OFFERED, [1], 1, 0),  # no shift is planned yet
    Rule.START_STAGGER: Asked(("2026-04-08 10:15",), TAKEN, [1], 1, 2),
    Rule.PATIENT_OVERLAP: Asked(("2026-04-06 11:00",), TAKEN, [1], "free", "taken", rules=OTHER),
}


@pytest.mark.parametrize("rule", ASKED)
def test_a_refusal_names_the_rule_the_sessions_and_the_bound(cast: Cast, ada: Caller, rule: Rule):
    asked = ASKED[rule]
    cast.north.stagger_starts, cast.north.stagger_minutes = 1, 30
    cast.north.save()
    book(ada, booster(new_york("2026-04-06 10:00")))
    book(caller_for(cast.carl), booster(new_york("2026-04-08 10:00")))
    phases = [{"name": "maintenance", "sessions": None, "spacing": asked.spacing}]
    protocol = make_protocol(
        {**BOOSTER, "slug": "asked", "phases": phases, **asked.rules}, cast.north, signed_by=cast.prescriber
    )
    Clearance.objects.create(
        patient=cast.ada,
        protocol=protocol,
        sessions=1,
        expires=date(2026, 12, 31),
        granted_by=cast.prescriber,
        granted_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    body = {"clinic": "north", "protocol": "asked", "sessions": starts(*map(new_york, asked.at))}

    problem = refusal(ada.post("series/", body), *asked.refused)

    (one,) = [violation for violation in problem["violations"] if violation["rule"] == rule]
    assert set(one) == {"rule", "sessions", "required", "actual", "detail"}
    assert (one["sessions"], one["required"], one["actual"]) == (asked.sessions, asked.required, asked.actual)
    assert one["detail"].endswith(".")


def test_a_wish_that_cannot_be_kept_stands_in_the_way_of_a_plan(cast: Cast, anyone: Caller):
    """Six sessions on Mondays alone would take five weeks, and three are allowed."""
    body = {"clinic": "north", "protocol": "ket6", "earliest": "2026-04-06", "wish": {"weekdays": [1]}}

    problem = refusal(anyone.post("plans/", body), 422, "unplannable")

    assert Rule.WISH in {one["rule"] for one in problem["violations"]}
    (relaxed, *_) = [one for one in problem["relaxations"] if one["rule"] == Rule.WISH]
    assert len(relaxed["plan"]["sessions"]) == 6


def test_no_rule_is_missing_here():
    assert {*ASKED, Rule.WISH} == set(Rule)
