"""A prescriber's permissions for one patient."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import protocol_of
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.patients import patient_of
from bookings.api.permissions import STAFF
from bookings.api.problems import invalid
from bookings.api.schema import describe
from bookings.bodies.clearances import ClearanceBody
from bookings.bodies.times import local
from bookings.commands.clearance import grant_clearance
from bookings.errors import NotFound
from bookings.models import Clearance, Patient, Role


class ClearanceAnswer(serializers.Serializer[Any]):
    """A permission for so many sessions of a protocol, until a day."""

    id = serializers.UUIDField()
    patient = serializers.UUIDField()
    protocol = serializers.UUIDField()
    sessions = serializers.IntegerField()
    expires = serializers.DateField()
    granted_by = serializers.UUIDField()
    granted_at = serializers.DateTimeField()
    series = serializers.ListField(child=serializers.UUIDField(), help_text="The series that go on under it.")


class Clearances(Endpoint):
    """The permissions of one patient."""

    roles = {"GET": STAFF, "POST": frozenset({Role.PRESCRIBER})}

    @describe(
        "List a patient's clearances",
        answers={200: page_of(ClearanceAnswer, "ClearancePage")},
        query=PageQuery,
        refusals=["not-found"],
        tag="patients",
    )
    def get(self, request: Request, patient: UUID) -> Response:
        """Newest first, those that have expired as well."""
        found = patient_of(patient)
        return paged(
            request,
            found.clearances.prefetch_related("series"),
            order=("-id",),
            represent=lambda rows: [clearance_answer(row, found) for row in rows],
        )

    @describe(
        "Grant a clearance",
        body=ClearanceBody,
        answers={201: ClearanceAnswer},
        refusals=["not-found", "busy"],
        examples=[
            OpenApiExample(
                "Six sessions",
                value={"protocol": "ketamine-iv", "sessions": 6, "expires": "2026-06-30"},
                request_only=True,
            )
        ],
        tag="patients",
    )
    def post(self, request: Request, patient: UUID) -> Response:
        """Series that wait for it, requested or lapsed, become active, as far as it covers their sessions."""
        found, body = patient_of(patient), self.body(ClearanceBody)
        try:
            protocol = protocol_of(body["protocol"])
        except NotFound:
            raise invalid("protocol", "There is no such protocol.") from None
        clearance = grant_clearance(
            found,
            protocol=protocol,
            sessions=body["sessions"],
            expires=body["expires"],
            actor=self.actor,
            now=self.now,
        )
        return Response(clearance_answer(clearance, found), 201)


def clearance_answer(clearance: Clearance, patient: Patient) -> dict[str, Any]:
    """A clearance; its time in the patient's own zone."""
    return {
        "id": clearance.id,
        "patient": clearance.patient_id,
        "protocol": clearance.protocol_id,
        "sessions": clearance.sessions,
        "expires": clearance.expires,
        "granted_by": clearance.granted_by_id,
        "granted_at": local(clearance.granted_at, ZoneInfo(patient.time_zone)),
        "series": [series.id for series in clearance.series.all()],
    }


urlpatterns = [
    path("patients/<uuid:patient>/clearances/", Clearances.as_view(), name="clearances"),
]
