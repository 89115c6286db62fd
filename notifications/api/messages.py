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
from notifications.api.choices import CHANNELS, KINDS, STATUSES
from notifications.commands import say
from notifications.models import Attempt, Message


class MessageQuery(PageQuery):
    """Which messages."""

    session = serializers.UUIDField(required=False)
    series = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=STATUSES, required=False)


class MessageAnswer(serializers.ModelSerializer[Message]):
    """One thing to say to one person over one channel, and what became of it."""

    kind = serializers.ChoiceField(choices=KINDS)
    channel = serializers.ChoiceField(choices=CHANNELS)
    status = serializers.ChoiceField(
        choices=STATUSES,
        help_text="`withdrawn`: no longer true; `lapsed`: too late; `suppressed`: nowhere to send it to.",
    )
    reason = serializers.CharField(help_text="Why it was not sent, or not yet.")
    due_at = ClinicTime(clinic="speaker", help_text="In the clinic's wall-clock.")
    sent_at = ClinicTime(clinic="speaker", allow_null=True)
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


class AttemptAnswer(serializers.ModelSerializer[Attempt]):
    """One try to send a message."""

    number = serializers.IntegerField()
    began_at = ClinicTime(clinic="message.speaker")
    ended_at = ClinicTime(
        clinic="message.speaker",
        allow_null=True,
        help_text="Null: it is under way, or its worker went away and nobody knows.",
    )
    outcome = serializers.ChoiceField(
        choices=["", "sent", "later", "never", "lost"],
        help_text="`later`: another try follows, while it is of use; `never`: refused for good; "
        "`lost`: its worker went away; empty: under way.",
    )
    detail = serializers.CharField(help_text="What the other side said.")

    class Meta:
        model = Attempt
        fields = ["number", "began_at", "ended_at", "outcome", "detail"]


class MessageInFull(MessageAnswer):
    """The same with everything that became of it."""

    expires_at = ClinicTime(clinic="speaker", help_text="From then on it is of no use.")
    created_at = ClinicTime(clinic="speaker")
    delivered_at = ClinicTime(clinic="speaker", allow_null=True)
    tries = AttemptAnswer(many=True, help_text="In order. One that went along in another text has none.")
    carried_by = serializers.UUIDField(
        source="carried_by_id", allow_null=True, help_text="The text in which this was said, with others."
    )
    carries: Any = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True, help_text="What was said in this text besides."
    )
    instead_of = serializers.UUIDField(
        source="instead_of_id", allow_null=True, help_text="The message by another way that did not arrive."
    )
    replaced_by: Any = serializers.PrimaryKeyRelatedField(
        source="replacements", many=True, read_only=True, help_text="What was sent another way instead."
    )

    class Meta(MessageAnswer.Meta):
        fields = [
            *MessageAnswer.Meta.fields,
            "expires_at",
            "created_at",
            "delivered_at",
            "tries",
            "carried_by",
            "carries",
            "instead_of",
            "replaced_by",
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
        ).select_related("series__clinic", "clinic")
        return paged(request, rows, order=("-id",), represent=_represent)


class OneMessage(Endpoint):
    """What became of one message."""

    roles = {"GET": STAFF}

    @describe("Show a message", answers={200: MessageInFull}, refusals=["not-found"], tag="messages")
    def get(self, request: Request, message: UUID) -> Response:
        """With each try to send it, the text that it went along in, and what was said another way instead."""
        row = the(queries.with_its_fate(queries.messages(self.actor)).filter(id=message), "message")
        return Response(MessageInFull(row).data)


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
