"""What the API reads and says about webhooks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from bookings.api.pagination import PageQuery
from bookings.bodies.fields import Body, Key, OneOf, Text, Whole, YesNo
from bookings.bodies.times import ClinicTime
from notifications.api.choices import EVENTS
from notifications.models import WebhookDelivery, WebhookEndpoint, WebhookStatus, WebhookTry

LONGEST_OVERLAP = 7 * 24  # hours


class _Events(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        options = {"max_length": 20, "help_text": "Which events; none: all of them.", **options}
        super().__init__(child=OneOf(choices=EVENTS), **options)


class WebhookBody(Body):
    """A system that is to hear what happens at a clinic."""

    clinic = Key()
    url = Text(max_length=500, help_text="Where to: https, and on the public internet.")
    description = Text(max_length=200, required=False, allow_blank=True)
    events = _Events(required=False)


class WebhookPatch(Body):
    """What is to be different."""

    url = Text(max_length=500, required=False)
    description = Text(max_length=200, required=False, allow_blank=True)
    events = _Events(required=False)
    enabled = YesNo(required=False, help_text="Off: what waits is withdrawn, and nothing is kept for later.")


class RotationBody(Body):
    """How long the old secret signs as well."""

    overlap_hours = Whole(max_value=LONGEST_OVERLAP, required=False, default=24)


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    status = serializers.ChoiceField(choices=WebhookStatus.choices, required=False)


class Nothing(Body):
    """A body without fields."""


class WebhookAnswer(serializers.ModelSerializer[WebhookEndpoint]):
    """A system that listens, and how it is with it."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField(source="clinic_id")
    events = serializers.ListField(child=serializers.ChoiceField(choices=EVENTS))
    why_disabled = serializers.CharField(help_text="`410` from the receiver turns a webhook off.")
    failures = serializers.IntegerField(help_text="In a row, up to now.")
    resting_until = ClinicTime(allow_null=True, help_text="After failures it is left in peace until then.")
    old_secret_until = ClinicTime(allow_null=True, help_text="Until then the secret before signs as well.")
    created_at = ClinicTime()

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id",
            "clinic",
            "url",
            "description",
            "events",
            "enabled",
            "why_disabled",
            "failures",
            "resting_until",
            "old_secret_until",
            "created_at",
        ]
        read_only_fields = fields


class WebhookWithSecret(WebhookAnswer):
    """The same with its secret, which is shown this once."""

    secret = serializers.CharField(help_text="What the receiver verifies signatures with: `whsec_…`.")

    class Meta(WebhookAnswer.Meta):
        fields = [*WebhookAnswer.Meta.fields, "secret"]


class TryAnswer(serializers.ModelSerializer[WebhookTry]):
    """One try to deliver."""

    number = serializers.IntegerField()
    began_at = ClinicTime(clinic="delivery.endpoint.clinic")
    ended_at = ClinicTime(clinic="delivery.endpoint.clinic", allow_null=True)
    answer = serializers.IntegerField(allow_null=True, help_text="The HTTP status of the receiver.")
    detail = serializers.CharField()

    class Meta:
        model = WebhookTry
        fields = ["number", "began_at", "ended_at", "answer", "detail"]


class DeliveryAnswer(serializers.ModelSerializer[WebhookDelivery]):
    """One event for one webhook, and what became of it."""

    id = serializers.UUIDField(help_text="The receiver knows it as `webhook-id`.")
    type = serializers.ChoiceField(choices=EVENTS)
    status = serializers.ChoiceField(choices=WebhookStatus.choices)
    reason = serializers.CharField(help_text="Why it was not delivered, or not yet.")
    body = serializers.CharField(help_text="What is sent, as it stands.")
    due_at = ClinicTime(clinic="endpoint.clinic")
    created_at = ClinicTime(clinic="endpoint.clinic")
    delivered_at = ClinicTime(clinic="endpoint.clinic", allow_null=True)
    tries = TryAnswer(many=True)

    class Meta:
        model = WebhookDelivery
        fields = ["id", "type", "status", "reason", "body", "due_at", "created_at", "delivered_at", "tries"]
