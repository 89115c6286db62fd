"""Places kept for a while."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.actors import admit
from bookings.api.endpoint import Endpoint
from bookings.api.finding import clinic_of, own_clinic_of, protocol_of, the
from bookings.api.permissions import EVERYONE
from bookings.api.plan_bodies import PlacedAnswer, places_field
from bookings.api.schema import describe
from bookings.api.throttling import address_of, of_a_stranger, per_address, per_patient
from bookings.bodies.fields import Body, Ident, Key, Text
from bookings.bodies.times import Instant, local
from bookings.commands.holds import hold_places, release_hold
from bookings.errors import NotFound
from bookings.models import Hold, Patient


class HoldBody(Body):
    """The places of all sessions of a phase."""

    clinic = Key(help_text="Id or slug.")
    protocol = Key(help_text="Id or slug.")
    phase = Text(required=False, max_length=60, help_text="May be left out where it is plain.")
    patient = Ident(required=False, help_text="Staff: for whom, if known already.")
    sessions = places_field()


class HoldAnswer(serializers.Serializer[Any]):
    """Places kept until `expires_at`."""

    id = serializers.UUIDField()
    expires_at = Instant()
    sessions = PlacedAnswer(many=True)


class Holds(Endpoint):
    """Keep places for a while."""

    roles = {"POST": EVERYONE}
    throttle_classes = (
        per_address("holds of an address", if_=of_a_stranger),
        per_patient("holds of a patient"),
    )

    @describe(
        "Hold places",
        body=HoldBody,
        answers={201: HoldAnswer},
        refusals=["not-found", "taken", "spacing", "not-offered", "busy", "too-many-requests"],
        public=True,
        examples=[
            OpenApiExample(
                "A single session",
                value={
                    "clinic": "baltimore",
                    "protocol": "ketamine-iv",
                    "phase": "maintenance",
                    "sessions": [{"start": "2026-12-01T09:00:00-05:00"}],
                },
                request_only=True,
            )
        ],
        tag="booking",
    )
    def post(self, request: Request) -> Response:
        """All of them or none, while somebody fills in a form. Whoever knows the `id` may book or release
        them.

        A patient has one hold at a time: a new one takes the place of the one before.
        """
        body = self.body(HoldBody)
        clinic = (
            own_clinic_of(body["clinic"], self.actor) if self.actor.is_staff else clinic_of(body["clinic"])
        )
        self.zone = clinic.zone
        hold = hold_places(
            clinic,
            protocol=protocol_of(body["protocol"]),
            phase=body.get("phase"),
            starts=[place["start"] for place in body["sessions"]],
            patient=self._patient(body.get("patient")),
            source=address_of(request),
            actor=self.actor,
            now=self.now,
        )
        answer = {
            "id": hold.id,
            "expires_at": local(hold.expires_at, self.zone),
            "sessions": [
                {
                    "number": claim.number,
                    "start": local(claim.start, self.zone),
                    "end": local(claim.present.upper, self.zone),
                }
                for claim in hold.claims.order_by("number")
            ],
        }
        return Response(answer, status=201)

    def _patient(self, named: UUID | None) -> Patient | None:
        me = self.request.user.patient
        if named is None or (me is not None and named == me.id):
            return me
        if not self.actor.is_staff:
            raise NotFound("There is no such patient.")
        return the(Patient.objects.filter(id=named), "patient")


class OneHold(Endpoint):
    """Give places back."""

    roles = {"DELETE": EVERYONE}

    @describe(
        "Release a hold",
        answers={204: None},
        refusals=["not-found", "hold-expired", "busy"],
        public=True,
        tag="booking",
    )
    def delete(self, request: Request, hold: UUID) -> Response:
        """Before its time. Of one in nobody's name the id is the key; one of a patient is theirs, and the
        clinic's.
        """
        found = the(Hold.objects.filter(id=hold).select_related("clinic", "patient"), "hold")
        if found.patient_id is not None:
            admit(self.actor, clinic_id=found.clinic_id, patient_id=found.patient_id)
        release_hold(found, actor=self.actor, now=self.now)
        return Response(status=204)


urlpatterns = [
    path("holds/", Holds.as_view(), name="holds"),
    path("holds/<uuid:hold>/", OneHold.as_view(), name="hold"),
]
