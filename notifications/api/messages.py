"""The door for staff who ask what was told to whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body
from bookings.bodies.times import ClinicTime
from notifications import queries
from notifications.api.choices import CHANNELS, KINDS
from notifications.commands import say
from notifications.kinds import Status
from notifications.models import Message


class MessageQuery(PageQuery):
    """Which messages."""

    session = serializers.UUIDField(required=False)
    series = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=[status.value for status in Status], required=False)


class MessageAnswer(serializers.ModelSerializer[Message]):
    """One thing to say to one person over one channel, and what became of it."""

    kind = serializers.ChoiceField(choices=KINDS)
    channel = serializers.ChoiceField(choices=CHANNELS)
    status = serializers.ChoiceField(
        choices=[status.value for status in Status],
        help_text="`withdrawn`: no longer true; `lapsed`: too late; `suppressed`: nowhere to send it to.",
    )
    reason = serializers.CharField(help_text="Why it was not sent, or not yet.")
    due_at = ClinicTime(clinic="series.clinic", help_text="In the clinic's wall-clock.")
    sent_at = ClinicTime(clinic="series.clinic", allow_null=True)
    days_before = serializers.IntegerField(allow_null=True, help_text="Of a reminder.")
    attempts = serializers.IntegerField()

    class Meta:
        model = Message
        fields = [
            "id",
            "kind",
            "channel",
            "recipient",
            "patient",
            "series",
            "session",
            "days_before",
            "due_at",
            "status",
            "reason",
            "subject",
            "body",
            "attempts",
            "sent_at",
        ]
        read_only_fields = fields


class Nothing(Body):
    """A body without fields."""


class Messages(Endpoint):
    """What was told, and what will be."""

    roles = {"GET": STAFF}

    @describe(
        "List messages",
        answers={200: page_of(MessageAnswer, "MessagePage")},
        query=MessageQuery,
        tag="messages",
    )
    def get(self, request: Request) -> Response:
        """Newest first. Each one that was not sent says why. Codes to sign in are not among them."""
        asked = self.query(MessageQuery)
        rows = queries.messages(
            self.actor,
            session=asked.get("session"),
            series=asked.get("series"),
            patient=asked.get("patient"),
            status=asked.get("status"),
        ).select_related("series__clinic")
        return paged(request, rows, order=("-id",), represent=_represent)


class Resend(Endpoint):
    """Say it again."""

    roles = {"POST": STAFF}

    @describe(
        "Send a message again",
        body=Nothing,
        answers={201: MessageAnswer},
        refusals=["not-found", "wrong-state"],
        tag="messages",
    )
    def post(self, request: Request, message: UUID) -> Response:
        """A new message that says the same, due at once, if it is still true. While one is on its way: that
        one.
        """
        self.body(Nothing)
        row = the(queries.messages(self.actor).filter(id=message), "message")
        again = say.resend(row, now=self.now)
        return Response(_represent([queries.messages(self.actor).get(id=again.id)])[0], status=201)


def _represent(rows: list[Message]) -> Any:
    return MessageAnswer(rows, many=True).data
