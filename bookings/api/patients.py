"""Patients, for staff: found, added and changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version, tagged
from bookings.api.finding import the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.problems import invalid
from bookings.api.schema import describe
from bookings.bodies.fields import Body, Email, OneOf, Phone, Query, Text, TimeZone
from bookings.bodies.times import BirthDate
from bookings.commands.patients import DETAILS, add_patient, change_patient
from bookings.models import Clinic, Patient
from bookings.queries.patients import patients


class PatientBody(Body):
    """A person who is treated."""

    first_name = Text(max_length=100)
    last_name = Text(max_length=100)
    birth_date = BirthDate(required=False, allow_null=True)
    email = Email(max_length=254, required=False, allow_blank=True)
    phone = Phone(max_length=32, required=False, allow_blank=True)
    time_zone = TimeZone(
        max_length=64, required=False, help_text="Where they live; the caller's clinic's unless given."
    )
    language = OneOf(choices=settings.LANGUAGES, required=False)


class PatientPatch(PatientBody):
    """What is to be different; everything may be left out."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class PatientQuery(Query):
    """Which patients."""

    q = serializers.CharField(
        required=False,
        max_length=200,
        allow_blank=True,
        help_text="Beginnings of words of the name, of the email address or the telephone, or a birth date.",
    )


class PatientAnswer(serializers.Serializer[Any]):
    """A person who is treated."""

    id = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)
    email = serializers.CharField()
    phone = serializers.CharField()
    time_zone = serializers.CharField()
    language = serializers.ChoiceField(choices=settings.LANGUAGES)


_EXAMPLE = OpenApiExample(
    "A patient",
    value={
        "first_name": "Ada",
        "last_name": "Quill",
        "birth_date": "1980-01-02",
        "email": "ada@mail.example",
        "phone": "+12025550142",
        "time_zone": "America/New_York",
        "language": "en",
    },
    request_only=True,
)


class Patients(Endpoint):
    """The patients of the practice."""

    roles = {"GET": STAFF, "POST": STAFF}

    @describe(
        "Find patients",
        answers={200: page_of(PatientAnswer, "PatientPage")},
        query=[PatientQuery, PageQuery],
        tag="patients",
    )
    def get(self, request: Request) -> Response:
        """By name. Every word of `q` begins a word of theirs: `ada qui`, `ada@`, `0142`, `1980-01-02`."""
        return paged(
            request,
            patients(self.query(PatientQuery).get("q", "")),
            order=("last_name", "first_name", "id"),
            represent=lambda rows: [patient_answer(row) for row in rows],
        )

    @describe(
        "Add a patient",
        body=PatientBody,
        answers={201: PatientAnswer},
        tagged=True,
        examples=[_EXAMPLE],
        tag="patients",
    )
    def post(self, request: Request) -> Response:
        """Families share telephones and mailboxes: nobody is refused for a contact that another has."""
        body = details_of(self, PatientBody)
        if "time_zone" not in body:
            clinic = Clinic.objects.filter(id__in=self.actor.clinics).first()
            body |= {"time_zone": clinic.time_zone} if clinic else {}
        patient = add_patient(details=body, actor=self.actor, now=self.now)
        return tagged(request, patient_answer(patient), version=patient.version, status=201)


class OnePatient(Endpoint):
    """One patient."""

    roles = {"GET": STAFF, "PATCH": STAFF}

    @describe(
        "Show a patient", answers={200: PatientAnswer}, refusals=["not-found"], tagged=True, tag="patients"
    )
    def get(self, request: Request, patient: UUID) -> Response:
        """Their details; what they have booked is in `series` and `sessions`."""
        found = patient_of(patient)
        return tagged(request, patient_answer(found), version=found.version)

    @describe(
        "Change a patient",
        body=PatientPatch,
        answers={200: PatientAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="patients",
    )
    def patch(self, request: Request, patient: UUID) -> Response:
        """What is left out stays."""
        found = patient_of(patient)
        found = change_patient(
            found,
            changes=details_of(self, PatientPatch),
            if_version=expected_version(request, found.version),
            actor=self.actor,
            now=self.now,
        )
        return tagged(request, patient_answer(found), version=found.version)


def patient_of(patient: UUID) -> Patient:
    """The patient with this id."""
    return the(Patient.objects.filter(id=patient), "patient")


def patient_answer(patient: Patient) -> dict[str, Any]:
    """A patient's details."""
    return {"id": patient.id, **{name: getattr(patient, name) for name in DETAILS}}


def details_of(view: Endpoint, kind: type[PatientBody]) -> dict[str, Any]:
    """The details in the body. A birth date lies in the past."""
    body = view.body(kind)
    born = body.get("birth_date")
    if born is not None and born > view.now.date():
        raise invalid("birth_date", "Nobody is born in the future.")
    return body


urlpatterns = [
    path("patients/", Patients.as_view(), name="patients"),
    path("patients/<uuid:patient>/", OnePatient.as_view(), name="patient"),
]
