"""Which messages a clinic sends over which channels, and when."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.finding import protocol_of
from bookings.api.of_clinic import MANAGERS, OfClinic
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body, Key, OneOf, Query, Text, Whole
from bookings.bodies.times import ClockTime
from bookings.models import Clinic, Protocol
from notifications.commands.choose import set_policy
from notifications.defaults import DEFAULT_RULES
from notifications.kinds import Channel
from notifications.models import Policy
from notifications.rules import MOST_DAYS, MOST_RULES, SETTABLE


class RuleBody(Body):
    """One message that the policy asks for."""

    kind = OneOf(choices=[kind.value for kind in SETTABLE])
    channels = serializers.ListField(child=OneOf(choices=[each.value for each in Channel]), max_length=2)
    days_before = Whole(required=False, min_value=1, max_value=MOST_DAYS, help_text="Of what comes before.")
    days_after = Whole(required=False, min_value=1, max_value=MOST_DAYS, help_text="Of what comes after.")
    at = ClockTime(required=False, help_text="The clinic's wall-clock; the visit's own hour, unless set.")
    text_within_days = Whole(
        required=False, min_value=0, max_value=365, help_text="A text only of visits no more days ahead."
    )


class PolicyBody(Body):
    """The rules that count for a clinic, or for one protocol there, or one phase of it."""

    protocol = Key(required=False, allow_null=True)
    phase = Text(required=False, max_length=60, allow_blank=True)
    rules = RuleBody(many=True, max_length=MOST_RULES)


class PolicyQuery(Query):
    """Which of the clinic's policies."""

    protocol = Key(required=False)
    phase = Text(required=False, max_length=60, allow_blank=True)


class PolicyAnswer(serializers.Serializer[Any]):
    """The rules for one protocol and phase; `protocol` null: for all that have none of their own."""

    protocol = serializers.UUIDField(allow_null=True)
    phase = serializers.CharField(allow_blank=True)
    rules = RuleBody(many=True)
    version = serializers.IntegerField(help_text="0: what ships.")


class PolicyList(serializers.Serializer[Any]):
    """All policies of a clinic; the most particular one counts, at last the one that ships."""

    results = PolicyAnswer(many=True)


class Policies(OfClinic):
    """Which messages a clinic sends over which channels, and when."""

    roles = {"GET": STAFF, "PUT": MANAGERS, "DELETE": MANAGERS}

    @describe(
        "List a clinic's message policies",
        answers={200: PolicyList},
        refusals=["not-found"],
        tag="messages",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """The most particular one counts: of a phase, a protocol, the clinic, and what ships (version 0)."""
        own = self.clinic(clinic)
        rows = [policy_answer(row) for row in Policy.objects.filter(clinic=own)]
        if not any(row["protocol"] is None for row in rows):
            rows.insert(0, {"protocol": None, "phase": "", "rules": list(DEFAULT_RULES), "version": 0})
        return Response({"results": rows})

    @describe(
        "Set a message policy",
        body=PolicyBody,
        answers={200: PolicyAnswer},
        refusals=["not-found"],
        examples=[
            OpenApiExample(
                "One reminder in maintenance",
                value={
                    "protocol": "ketamine-iv",
                    "phase": "maintenance",
                    "rules": [
                        {"kind": "confirmation", "channels": ["email"]},
                        {"kind": "reminder", "channels": ["email", "text"], "days_before": 2, "at": "17:00"},
                    ],
                },
                request_only=True,
            )
        ],
        tag="messages",
    )
    def put(self, request: Request, clinic: str) -> Response:
        """These rules and no others count there from now on. Messages that wait are brought in line."""
        own, body = self.clinic(clinic), self.body(PolicyBody)
        row = set_policy(
            own,
            protocol=_protocol(own, body.get("protocol")),
            phase=body.get("phase", ""),
            rules=[_plain(rule) for rule in body["rules"]],
            actor=self.actor,
            now=self.now,
        )
        assert row is not None, "rules were given"
        return Response(policy_answer(row))

    @describe(
        "Take a message policy away",
        answers={204: None},
        query=PolicyQuery,
        refusals=["not-found"],
        tag="messages",
    )
    def delete(self, request: Request, clinic: str) -> Response:
        """The next more general one counts again. Taking away what is not there changes nothing."""
        own, asked = self.clinic(clinic), self.query(PolicyQuery)
        set_policy(
            own,
            protocol=_protocol(own, asked.get("protocol")),
            phase=asked.get("phase", ""),
            rules=None,
            actor=self.actor,
            now=self.now,
        )
        return Response(status=204)


def policy_answer(row: Policy) -> dict[str, Any]:
    """A policy as it was set."""
    return {"protocol": row.protocol_id, "phase": row.phase, "rules": row.rules, "version": row.version}


def _protocol(clinic: Clinic, key: str | None) -> Protocol | None:
    return protocol_of(key, clinic.protocols.all()) if key else None


def _plain(rule: dict[str, Any]) -> dict[str, Any]:
    """As it is kept: JSON."""
    return {
        name: value.isoformat(timespec="minutes") if name == "at" else value for name, value in rule.items()
    }


urlpatterns = [path("clinics/<str:clinic>/message-policies/", Policies.as_view(), name="message-policies")]
