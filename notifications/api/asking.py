"""What was told to whom and why, what a message would say, and what was said to and fro."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import the
from bookings.api.patients import patient_of
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body, Ident, OneOf, Query, Whole
from bookings.bodies.times import Instant, local
from bookings.models import Session
from bookings.queries.sessions import sessions_seen_by
from notifications import previewing, queries
from notifications.api.choices import CHANNELS, SETTABLE_KINDS
from notifications.commands.running_late import LEAST, MOST, announce_delay
from notifications.kinds import Channel, Kind


class ExplainQuery(Query):
    """About which session, and which message."""

    session = Ident()
    kind = OneOf(choices=SETTABLE_KINDS)


class LineAnswer(serializers.Serializer[Any]):
    """What became, or will become, of a message by one way."""

    channel = serializers.ChoiceField(choices=CHANNELS)
    days_before = serializers.IntegerField(allow_null=True)
    status = serializers.CharField(help_text="That of the message; `none` where none was written.")
    reason = serializers.CharField()
    due_at = Instant(allow_null=True)
    sent_at = Instant(allow_null=True)
    message = serializers.UUIDField(allow_null=True)


class Explanation(serializers.Serializer[Any]):
    """Whether, when and why or why not a patient was told something about a session."""

    session = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SETTABLE_KINDS)
    lines = LineAnswer(many=True)


class _AboutSession(Endpoint):
    roles = {}

    def session(self, key: UUID) -> Session:
        """The session, with what messages look at; from here on times are those of its clinic."""
        rows = sessions_seen_by(self.actor).select_related("patient", "clinic", "series")
        session = the(rows.filter(id=key), "session")
        self.zone = session.clinic.zone
        return session


class Explain(_AboutSession):
    """Why a patient was told something, or was not."""

    roles = {"GET": STAFF}

    @describe(
        "Explain a message",
        answers={200: Explanation},
        query=ExplainQuery,
        refusals=["not-found"],
        tag="messages",
    )
    def get(self, request: Request) -> Response:
        """A line for each such message, and for each way by which there is none, with the reason."""
        asked = self.query(ExplainQuery)
        session = self.session(asked["session"])
        zone = session.clinic.zone
        lines = [
            {
                "channel": line.channel,
                "days_before": line.days_before,
                "status": line.status,
                "reason": line.reason,
                "due_at": local(line.due_at, zone) if line.due_at else None,
                "sent_at": local(line.sent_at, zone) if line.sent_at else None,
                "message": line.message,
            }
            for line in queries.explanation(session, Kind(asked["kind"]))
        ]
        return Response({"session": session.id, "kind": asked["kind"], "lines": lines})


class PreviewQuery(ExplainQuery):
    """About which session, which message, and how."""

    channel = OneOf(choices=CHANNELS, default=Channel.EMAIL.value)
    language = OneOf(choices=settings.LANGUAGES, required=False, help_text="The patient's, unless set.")


class PreviewAnswer(serializers.Serializer[Any]):
    """What the message would say."""

    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    html = serializers.CharField(allow_blank=True)


class Preview(_AboutSession):
    """What a message would say."""

    roles = {"GET": STAFF}

    @describe(
        "Preview a message",
        answers={200: PreviewAnswer},
        query=PreviewQuery,
        refusals=["not-found"],
        tag="messages",
    )
    def get(self, request: Request) -> Response:
        """As if it were sent now about this session; its link leads nowhere, and nothing is written."""
        asked = self.query(PreviewQuery)
        session = self.session(asked["session"])
        words = previewing.preview(
            session,
            Kind(asked["kind"]),
            Channel(asked["channel"]),
            language=asked.get("language", session.patient.language),
            now=self.now,
        )
        return Response({"subject": words.subject, "text": words.text, "html": words.html})


class ThreadQuery(Query):
    """Where the page begins."""

    before = Instant(required=False, help_text="From `next`.")
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)


class ThreadLine(serializers.Serializer[Any]):
    """One thing that was said, by us (`out`) or by the patient (`in`)."""

    id = serializers.UUIDField()
    direction = serializers.ChoiceField(choices=["out", "in"])
    at = Instant()
    channel = serializers.ChoiceField(choices=CHANNELS)
    what = serializers.CharField(help_text="The kind of our message, or what theirs was taken for.")
    text = serializers.CharField(allow_blank=True)
    status = serializers.CharField(help_text="Of ours; `received` of theirs.")
    reason = serializers.CharField(allow_blank=True)


class Thread(serializers.Serializer[Any]):
    """A page of it, newest first."""

    next = Instant(allow_null=True, help_text="`before` of the next page.")
    results = ThreadLine(many=True)


class PatientsThread(Endpoint):
    """What was said to a patient, and what they said."""

    roles = {"GET": STAFF}

    @describe(
        "Read what was said to a patient and by them",
        answers={200: Thread},
        query=ThreadQuery,
        refusals=["not-found"],
        tag="messages",
    )
    def get(self, request: Request, patient: UUID) -> Response:
        """Newest first: our messages about what is booked at your clinics, and the patient's own texts."""
        asked = self.query(ThreadQuery)
        found = patient_of(patient)
        lines, more = queries.thread(self.actor, found, before=asked.get("before"), limit=asked["limit"])
        shown = [
            {
                "id": line.id,
                "direction": line.direction,
                "at": local(line.at, line.zone),
                "channel": line.channel,
                "what": line.what,
                "text": line.text,
                "status": line.status,
                "reason": line.reason,
            }
            for line in lines
        ]
        return Response({"next": lines[-1].at.isoformat() if more else None, "results": shown})


class DelayBody(Body):
    """By how much."""

    minutes = Whole(min_value=LEAST, max_value=MOST)


class RunningLate(_AboutSession):
    """The clinic is behind."""

    roles = {"POST": STAFF}

    @describe(
        "Tell a patient that the clinic is late",
        body=DelayBody,
        answers={204: None},
        refusals=["not-found", "wrong-state"],
        tag="sessions",
    )
    def post(self, request: Request, session: UUID) -> Response:
        """They are told at once, by the ways of the clinic's policy; the visit stays where it is."""
        body, found = self.body(DelayBody), self.session(session)
        announce_delay(found, minutes=body["minutes"], actor=self.actor, now=self.now)
        return Response(status=204)


urlpatterns = [
    path("messages/explain/", Explain.as_view(), name="explain-message"),
    path("messages/preview/", Preview.as_view(), name="preview-message"),
    path("patients/<uuid:patient>/thread/", PatientsThread.as_view(), name="thread"),
    path("sessions/<uuid:session>/running-late/", RunningLate.as_view(), name="running-late"),
]
