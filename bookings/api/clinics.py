"""Clinics: open to everyone to see, a manager's to make and change."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version, tagged
from bookings.api.finding import clinic_of, own_clinic_of
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import EVERYONE
from bookings.api.schema import describe
from bookings.bodies.clinics import ClinicBody, ClinicPatch, Stagger, details_of
from bookings.commands.clinics import add_clinic, change_clinic
from bookings.models import Clinic, NursingMode, Role

MANAGERS = frozenset({Role.MANAGER})
_PUBLIC = ("id", "slug", "name", "time_zone", "phone", "address")
_SETTINGS = (
    "grid_minutes",
    "nursing_mode",
    "patients_per_nurse",
    "hold_minutes",
    "no_show_after_minutes",
    "levelling",
)


class PublicClinic(serializers.Serializer[Any]):
    """A clinic as everyone sees it. Staff see its settings as well."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    phone = serializers.CharField()
    address = serializers.CharField()
    grid_minutes = serializers.IntegerField(required=False)
    nursing_mode = serializers.ChoiceField(choices=NursingMode.choices, required=False)
    patients_per_nurse = serializers.IntegerField(required=False)
    start_stagger = Stagger(required=False, allow_null=True)
    hold_minutes = serializers.IntegerField(required=False)
    no_show_after_minutes = serializers.IntegerField(required=False)
    levelling = serializers.BooleanField(required=False)


def clinic_answer(clinic: Clinic, *, for_staff: bool) -> dict[str, Any]:
    """A clinic as the caller may see it."""
    names = (*_PUBLIC, *_SETTINGS) if for_staff else _PUBLIC
    answer = {name: getattr(clinic, name) for name in names}
    if for_staff:
        starts, minutes = clinic.stagger_starts, clinic.stagger_minutes
        answer["start_stagger"] = {"starts": starts, "minutes": minutes} if starts else None
    return answer


_EXAMPLE = OpenApiExample(
    "A clinic in Baltimore",
    value={
        "slug": "baltimore",
        "name": "Harbor Infusion",
        "time_zone": "America/New_York",
        "phone": "+12025550142",
        "address": "1 Harbor Way, Baltimore",
        "nursing_mode": "strict",
        "patients_per_nurse": 3,
        "start_stagger": {"starts": 2, "minutes": 15},
    },
    request_only=True,
)


class Clinics(Endpoint):
    """Every clinic of this installation."""

    roles = {"GET": EVERYONE, "POST": MANAGERS}

    @describe(
        "List the clinics",
        answers={200: page_of(PublicClinic, "ClinicPage")},
        query=PageQuery,
        public=True,
        tag="clinics",
    )
    def get(self, request: Request) -> Response:
        """By name."""
        for_staff = request.user.is_staff
        return paged(
            request,
            Clinic.objects.all(),
            order=("name", "id"),
            represent=lambda rows: [clinic_answer(row, for_staff=for_staff) for row in rows],
        )

    @describe(
        "Add a clinic",
        body=ClinicBody,
        answers={201: PublicClinic},
        tagged=True,
        examples=[_EXAMPLE],
        tag="clinics",
    )
    def post(self, request: Request) -> Response:
        """It is closed until it has hours, and offers nothing until it has chairs, shifts and protocols.

        The manager who adds it works there from now on.
        """
        clinic = add_clinic(details=details_of(self.body(ClinicBody)), actor=self.actor, now=self.now)
        data = clinic_answer(clinic, for_staff=True)
        return tagged(request, data, version=clinic.roster_version, status=201)


class OneClinic(Endpoint):
    """One clinic, by its id or slug."""

    roles = {"GET": EVERYONE, "PATCH": MANAGERS}

    @describe(
        "Show a clinic",
        answers={200: PublicClinic},
        refusals=["not-found"],
        public=True,
        tagged=True,
        tag="clinics",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """Staff see its settings as well."""
        found = clinic_of(clinic)
        data = clinic_answer(found, for_staff=request.user.is_staff)
        return tagged(request, data, version=found.roster_version)

    @describe(
        "Change a clinic",
        body=ClinicPatch,
        answers={200: PublicClinic},
        refusals=["not-found"],
        tagged=True,
        tag="clinics",
    )
    def patch(self, request: Request, clinic: str) -> Response:
        """What is booked stays where it is. The time zone cannot change while sessions are booked."""
        found = own_clinic_of(clinic, self.actor)
        found = change_clinic(
            found,
            changes=details_of(self.body(ClinicPatch)),
            if_version=expected_version(request, found.roster_version),
            actor=self.actor,
            now=self.now,
        )
        return tagged(request, clinic_answer(found, for_staff=True), version=found.roster_version)


urlpatterns = [
    path("clinics/", Clinics.as_view(), name="clinics"),
    path("clinics/<str:clinic>/", OneClinic.as_view(), name="clinic"),
]
