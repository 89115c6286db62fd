"""What patients agree to."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.patients import patient_of
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body, OneOf, Text
from bookings.bodies.times import Instant, local
from bookings.commands.consents import LONGEST_WORDING, give_consent, withdraw_consent
from bookings.errors import NotFound
from bookings.models import Consent, ConsentPurpose, ConsentSource, Patient, Role
from bookings.queries.consents import consents_of

_ME = frozenset({Role.PATIENT})


class ConsentBody(Body):
    """What is agreed to, in the words that were shown."""

    purpose = OneOf(choices=ConsentPurpose.choices)
    wording = Text(max_length=LONGEST_WORDING, help_text="As it was shown; kept for good.")
    language = OneOf(choices=settings.LANGUAGES, required=False, help_text="The patient's, unless set.")


class ConsentAnswer(serializers.Serializer[Any]):
    """One agreement; in force as long as `withdrawn_at` is null."""

    id = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=ConsentPurpose.choices)
    wording = serializers.CharField()
    language = serializers.CharField()
    given_at = Instant()
    withdrawn_at = Instant(allow_null=True)
    withdrawn_source = serializers.CharField(allow_null=True, help_text="Where; as `source`.")

    def get_fields(self) -> dict[str, Any]:
        source = serializers.ChoiceField(choices=ConsentSource.choices)
        return {**super().get_fields(), "source": source}  # the name is an attribute of fields


_PAGE = page_of(ConsentAnswer, "ConsentPage")
_EXAMPLE = OpenApiExample(
    "Texts",
    value={"purpose": "texts", "wording": "Text me about my visits. Reply STOP to end.", "language": "en"},
    request_only=True,
)


class _Consents(Endpoint):
    """The agreements of one patient."""

    roles = {}
    source: ClassVar[ConsentSource]

    def listed(self, patient: Patient) -> Response:
        return paged(
            self.request,
            consents_of(patient),
            order=("-id",),
            represent=lambda rows: [consent_answer(row, patient) for row in rows],
        )

    def given(self, patient: Patient) -> Response:
        body = self.body(ConsentBody)
        consent = give_consent(
            patient,
            purpose=body["purpose"],
            wording=body["wording"],
            language=body.get("language", patient.language),
            source=self.source,
            actor=self.actor,
            now=self.now,
        )
        return Response(consent_answer(consent, patient), status=201)

    def withdrawn(self, patient: Patient, purpose: str) -> Response:
        if purpose not in ConsentPurpose.values:
            raise NotFound("There is no such consent.")
        if not withdraw_consent(patient, purpose=purpose, source=self.source, actor=self.actor, now=self.now):
            raise NotFound("There is no such consent.")
        return Response(status=204)


class MyConsents(_Consents):
    """One's own agreements."""

    roles = {"GET": _ME, "POST": _ME}
    source = ConsentSource.API

    @describe("List my consents", answers={200: _PAGE}, query=PageQuery, tag="about me")
    def get(self, request: Request) -> Response:
        """Newest first, those that have ended as well."""
        return self.listed(request.user.patient)

    @describe(
        "Give my consent",
        body=ConsentBody,
        answers={201: ConsentAnswer},
        examples=[_EXAMPLE],
        tag="about me",
    )
    def post(self, request: Request) -> Response:
        """In other words than before: those end, and these count. In the same words, nothing changes."""
        return self.given(request.user.patient)


class MyConsent(_Consents):
    """One's own agreement to one thing."""

    roles = {"DELETE": _ME}
    source = ConsentSource.API

    @describe("Withdraw my consent", answers={204: None}, refusals=["not-found"], tag="about me")
    def delete(self, request: Request, purpose: str) -> Response:
        """It ends now, and stays on record. 404 when there is none to end."""
        return self.withdrawn(request.user.patient, purpose)


class PatientsConsents(_Consents):
    """A patient's agreements, for staff."""

    roles = {"GET": STAFF, "POST": STAFF}
    source = ConsentSource.DESK

    @describe(
        "List a patient's consents",
        answers={200: _PAGE},
        query=PageQuery,
        refusals=["not-found"],
        tag="patients",
    )
    def get(self, request: Request, patient: UUID) -> Response:
        """Newest first, those that have ended as well."""
        return self.listed(patient_of(patient))

    @describe(
        "Record a patient's consent",
        body=ConsentBody,
        answers={201: ConsentAnswer},
        refusals=["not-found"],
        examples=[_EXAMPLE],
        tag="patients",
    )
    def post(self, request: Request, patient: UUID) -> Response:
        """Given at the desk, in the words that were read out or signed."""
        return self.given(patient_of(patient))


class PatientsConsent(_Consents):
    """A patient's agreement to one thing, for staff."""

    roles = {"DELETE": STAFF}
    source = ConsentSource.DESK

    @describe("Withdraw a patient's consent", answers={204: None}, refusals=["not-found"], tag="patients")
    def delete(self, request: Request, patient: UUID, purpose: str) -> Response:
        """As the patient asked at the desk. 404 when there is none to end."""
        return self.withdrawn(patient_of(patient), purpose)


def consent_answer(consent: Consent, patient: Patient) -> dict[str, Any]:
    """A consent; its times in the patient's own zone."""
    zone = ZoneInfo(patient.time_zone)
    return {
        "id": consent.id,
        "purpose": consent.purpose,
        "wording": consent.wording,
        "language": consent.language,
        "source": consent.source,
        "given_at": local(consent.given_at, zone),
        "withdrawn_at": local(consent.withdrawn_at, zone) if consent.withdrawn_at else None,
        "withdrawn_source": consent.withdrawn_source or None,
    }


urlpatterns = [
    path("me/consents/", MyConsents.as_view(), name="my-consents"),
    path("me/consents/<str:purpose>/", MyConsent.as_view(), name="my-consent"),
    path("patients/<uuid:patient>/consents/", PatientsConsents.as_view(), name="patients-consents"),
    path(
        "patients/<uuid:patient>/consents/<str:purpose>/",
        PatientsConsent.as_view(),
        name="patients-consent",
    ),
]
