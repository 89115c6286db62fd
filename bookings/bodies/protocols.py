"""A protocol as clients write it: every field with its bounds.

Whether the rules agree with one another is the command's to judge.
"""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from bookings.bodies.fields import Body, Key, OneOf, Text, Whole, YesNo
from bookings.bodies.slugs import Slug
from scheduler.protocol import NurseNeed, OnMissed

_DAY_MINUTES = 24 * 60
_YEAR_DAYS = 366
#: How a phase goes on after a missed session.
ON_MISSED = [one.value for one in OnMissed]
_PREPARATION_HOURS = 72  # a longer one is a typing error
_GROUP = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)


def _days(**options: Any) -> Whole:
    return Whole(max_value=_YEAR_DAYS, required=False, allow_null=True, **options)


def _hours(**options: Any) -> Whole:
    return Whole(max_value=_PREPARATION_HOURS, required=False, allow_null=True, **options)


class Group(Text):
    """The name of a spacing group: lower-case letters, digits and hyphens."""

    default_error_messages = {"group": "Lower-case letters and digits, with single hyphens between them."}

    def __init__(self, *, or_all: bool = False, **options: Any) -> None:
        self._or_all = or_all
        super().__init__(**{"max_length": 60, **options})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not (_GROUP.fullmatch(text) or (self._or_all and text == "*")):
            self.fail("group")
        return text


class RollingLimitBody(Body):
    """No more than `sessions` starts within any `days` times 24 hours."""

    sessions = Whole(min_value=1, max_value=200)
    days = Whole(min_value=1, max_value=_YEAR_DAYS)


class MissedBody(Body):
    """How the phase goes on after a session whose time came and that was not given."""

    then = OneOf(
        choices=ON_MISSED,
        help_text="Make it up at the end, begin the phase anew, give one more session and count the phase as "
        "done, or let a prescriber decide.",
    )
    after_gap_days = _days(help_text="Only where the gap is longer; a shorter one is made up at the end.")


class SpacingBody(Body):
    """How far apart the sessions are: elapsed minutes from start to start, and calendar days."""

    min_gap_minutes = Whole(max_value=_YEAR_DAYS * _DAY_MINUTES)
    min_gap_days = _days()
    target_gap_days = _days()
    soft_max_gap_days = _days(help_text="A longer gap is allowed and raises a task.")
    max_gap_days = _days(help_text="A longer gap is refused.")
    rolling_limit = RollingLimitBody(required=False, allow_null=True)
    complete_within_days = _days(help_text="Last date minus first date of the phase.")


class NamesBody(Body):
    """One name in each language that staff and patients may read."""

    en = Text(max_length=200, required=False, allow_blank=True, allow_null=True)
    es = Text(max_length=200, required=False, allow_blank=True, allow_null=True)


def _names() -> NamesBody:
    return NamesBody(
        required=False, allow_null=True, help_text="What staff read; `name` in a language left out."
    )


class PhaseBody(Body):
    """A part of a protocol."""

    name = Text(max_length=60)
    names = _names()
    sessions = Whole(min_value=1, max_value=200, allow_null=True, help_text="null: open-ended.")
    spacing = SpacingBody()
    on_missed = MissedBody(required=False, allow_null=True)
    assess_after = serializers.ListField(
        child=Whole(min_value=1, max_value=200),
        required=False,
        max_length=20,
        help_text="After so many sessions a prescriber looks at the patient before the next may begin.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs.get("on_missed") or {}).get("then") == OnMissed.APPEND:
            del attrs["on_missed"]  # as where it is left out
        if not attrs.get("assess_after"):
            attrs.pop("assess_after", None)
        return attrs


class WashoutBody(Body):
    """Calendar days between this protocol's sessions and those of another group, either way round."""

    spacing_group = Group(or_all=True, help_text="`*` is every other group.")
    days = Whole(min_value=1, max_value=_YEAR_DAYS)


class StepBody(Body):
    """One part of a visit."""

    name = Text(max_length=60)
    names = _names()
    minutes = Whole(min_value=1, max_value=_DAY_MINUTES)
    nurse = OneOf(choices=[need.value for need in NurseNeed])
    patient = YesNo(help_text="false for turnover, when the patient has left.")


class PriceBody(Body):
    """What one session costs those who pay themselves."""

    amount = serializers.RegexField(r"^\d{1,7}(\.\d\d)?\Z", help_text="Such as 475.00.")
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", help_text="ISO 4217, such as USD.")


class WordsBody(Body):
    """The same words in each language that patients may choose."""

    en = Text(max_length=1000, required=False, allow_blank=True)
    es = Text(max_length=1000, required=False, allow_blank=True)


class PreparationBody(Body):
    """How the day of a visit is prepared: what patients are told, in elapsed hours. What is left out is not
    said.
    """

    solids_hours = _hours(help_text="Nothing to eat for so long before the start.")
    clear_fluids_hours = _hours(help_text="Nothing to drink, not even water, for so long before the start.")
    no_driving_hours = _hours(help_text="After the end of the visit.")
    text = WordsBody(required=False, allow_null=True, help_text="Whatever else there is to know.")


class RulesBody(Body):
    """A treatment as data. All the steps of a visit take at most 24 hours together."""

    name = Text(max_length=200)
    names = _names()
    patient_name = NamesBody(
        required=False, allow_null=True, help_text="What patients read; `name` in a language left out."
    )
    spacing_group = Group(help_text="Sessions of one group keep these gaps, whatever protocol they are of.")
    phases = PhaseBody(many=True, allow_empty=False, max_length=20)
    washouts = WashoutBody(many=True, required=False, max_length=50)
    steps = StepBody(many=True, allow_empty=False, max_length=50)
    lead_time_hours = Whole(max_value=24 * _YEAR_DAYS, help_text="Binds patients, not staff.")
    horizon_days = Whole(min_value=1, max_value=2 * _YEAR_DAYS, help_text="Binds patients, not staff.")
    cancel_cutoff_hours = Whole(max_value=24 * _YEAR_DAYS, help_text="Binds patients, not staff.")
    needs_clearance = YesNo()
    needs_escort = YesNo()
    reminders = serializers.ListField(
        child=Whole(max_value=60),
        required=False,
        max_length=10,
        help_text="Calendar days before a session on which it is brought to mind.",
    )
    price = PriceBody(required=False, allow_null=True)
    preparation = PreparationBody(required=False, allow_null=True)
    chair_features = serializers.ListField(
        child=Text(max_length=40), required=False, max_length=20, help_text="What the chair must have."
    )


class ProtocolBody(RulesBody):
    """A new protocol."""

    slug = Slug()
    clinics = serializers.ListField(
        child=Key(),
        required=False,
        max_length=100,
        help_text="Where it is offered, by id or slug; everywhere the caller works unless given.",
    )


class VersionBody(RulesBody):
    """The next version of a protocol. `slug` may be sent along and must be the protocol's."""

    slug = Slug(required=False)


class OfferBody(Body):
    """Where a protocol is offered."""

    clinics = serializers.ListField(child=Key(), max_length=100, help_text="By id or slug.")


class SignatureBody(Body):
    """Which version is signed."""

    version = Whole(min_value=1, required=False, help_text="The latest unless given; another is `stale`.")


def rules_of(body: dict[str, Any]) -> dict[str, Any]:
    """The body as the rules are kept: what was given as null is as if it had been left out."""
    return {
        name: _without_nulls(value) for name, value in body.items() if value is not None and name != "clinics"
    }


def _without_nulls(value: Any, *, keep: tuple[str, ...] = ("sessions",)) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_nulls(part) for name, part in value.items() if part is not None or name in keep
        }
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


EXAMPLE = OpenApiExample(
    "Six infusions in three weeks",
    value={
        "slug": "six-infusions",
        "name": "Six infusions",
        "spacing_group": "ketamine",
        "phases": [
            {
                "name": "induction",
                "sessions": 6,
                "spacing": {
                    "min_gap_minutes": 2640,
                    "min_gap_days": 2,
                    "target_gap_days": 3,
                    "soft_max_gap_days": 7,
                    "max_gap_days": 14,
                    "rolling_limit": {"sessions": 3, "days": 7},
                    "complete_within_days": 21,
                },
            }
        ],
        "washouts": [{"spacing_group": "*", "days": 1}],
        "steps": [
            {"name": "check-in", "minutes": 15, "nurse": "none", "patient": True},
            {"name": "set-up", "minutes": 15, "nurse": "exclusive", "patient": True},
            {"name": "infusion", "minutes": 40, "nurse": "shared", "patient": True},
            {"name": "recovery", "minutes": 60, "nurse": "shared", "patient": True},
            {"name": "turnover", "minutes": 20, "nurse": "none", "patient": False},
        ],
        "lead_time_hours": 24,
        "horizon_days": 120,
        "cancel_cutoff_hours": 24,
        "needs_clearance": False,
        "needs_escort": True,
    },
    request_only=True,
)
