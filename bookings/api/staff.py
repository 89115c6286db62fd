"""Members of staff: seen by those who work with them, a manager's to add and change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version, tagged
from bookings.api.finding import own_clinic_of, own_clinics_of, the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Key, Query
from bookings.bodies.staff import StaffBody, StaffPatch
from bookings.commands.signing_in import reset_second_factor
from bookings.commands.staff import add_staff, change_staff
from bookings.models import Role, StaffMember
from bookings.models.people import STAFF_ROLES
from bookings.queries.staff import colleagues

MANAGERS = frozenset({Role.MANAGER})


class StaffQuery(Query):
    """Which members of staff."""

    role = serializers.ChoiceField(choices=STAFF_ROLES, required=False)
    clinic = Key(required=False, help_text="The id or slug of a clinic at which you work too.")


class StaffAnswer(serializers.Serializer[Any]):
    """A member of staff."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    role = serializers.ChoiceField(choices=STAFF_ROLES)
    clinics = serializers.ListField(child=serializers.UUIDField())
    is_active = serializers.BooleanField()


class Staff(Endpoint):
    """Those who work where the caller works."""

    roles = {"GET": STAFF, "POST": MANAGERS}

    @describe(
        "List the members of staff",
        answers={200: page_of(StaffAnswer, "StaffPage")},
        query=[StaffQuery, PageQuery],
        refusals=["not-found"],
        tag="staff",
    )
    def get(self, request: Request) -> Response:
        """By name. Managers also see those who work nowhere yet."""
        query = self.query(StaffQuery)
        rows = colleagues(self.actor)
        if "role" in query:
            rows = rows.filter(role=query["role"])
        if "clinic" in query:
            rows = rows.filter(clinics=own_clinic_of(query["clinic"], self.actor))
        return paged(
            request,
            rows,
            order=("last_name", "first_name", "id"),
            represent=lambda found: [staff_answer(row) for row in found],
        )

    @describe(
        "Add a member of staff",
        body=StaffBody,
        answers={201: StaffAnswer},
        tagged=True,
        examples=[
            OpenApiExample(
                "A nurse",
                value={
                    "email": "nurse@harbor.example",
                    "first_name": "Nadia",
                    "last_name": "Okafor",
                    "role": "nurse",
                    "clinics": ["baltimore"],
                    "password": "a long and private sentence",
                },
                request_only=True,
            )
        ],
        tag="staff",
    )
    def post(self, request: Request) -> Response:
        """They can sign in once they have a password."""
        body = self.body(StaffBody)
        password = body.pop("password", None)
        clinics = own_clinics_of(body.pop("clinics", None), self.actor)
        member = add_staff(details=body, clinics=clinics, password=password, actor=self.actor, now=self.now)
        return tagged(request, staff_answer(member), version=member.version, status=201)


class OneMember(Endpoint):
    """One member of staff."""

    roles = {"GET": STAFF, "PATCH": MANAGERS}

    @describe(
        "Show a member of staff",
        answers={200: StaffAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="staff",
    )
    def get(self, request: Request, member: UUID) -> Response:
        """Somebody who works where the caller works."""
        found = the(colleagues(self.actor).filter(id=member), "member of staff")
        return tagged(request, staff_answer(found), version=found.version)

    @describe(
        "Change a member of staff",
        body=StaffPatch,
        answers={200: StaffAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="staff",
    )
    def patch(self, request: Request, member: UUID) -> Response:
        """A new password, or `is_active` false, signs them out everywhere at once."""
        found = the(colleagues(self.actor).filter(id=member), "member of staff")
        if_version = expected_version(request, found.version)
        body = self.body(StaffPatch)
        password = body.pop("password", None)
        clinics = own_clinics_of(body.pop("clinics"), self.actor) if "clinics" in body else None
        found = change_staff(
            found,
            changes=body,
            clinics=clinics,
            password=password,
            if_version=if_version,
            actor=self.actor,
            now=self.now,
        )
        return tagged(request, staff_answer(found), version=found.version)


class ResetSecondFactor(Endpoint):
    """A manager lets somebody in again whose authenticator is lost."""

    roles = {"POST": MANAGERS}

    @describe(
        "Reset the second factor of a member of staff",
        answers={200: StaffAnswer},
        refusals=["not-found", "wrong-state"],
        tag="staff",
    )
    def post(self, request: Request, member: UUID) -> Response:
        """They are signed out everywhere at once, and must set up another before they may do anything else.
        Nobody's own.
        """
        found = the(colleagues(self.actor).filter(id=member), "member of staff")
        reset_second_factor(found, actor=self.actor, now=self.now)
        return Response(staff_answer(found))


def staff_answer(member: StaffMember) -> dict[str, Any]:
    """A member of staff; no query where the clinics are prefetched."""
    names = ("id", "email", "first_name", "last_name", "role", "is_active")
    clinics = [clinic.id for clinic in member.clinics.all()]
    return {**{name: getattr(member, name) for name in names}, "clinics": clinics}


urlpatterns = [
    path("staff/", Staff.as_view(), name="staff"),
    path("staff/<uuid:member>/", OneMember.as_view(), name="staff-member"),
    path(
        "staff/<uuid:member>/second-factor/reset/",
        ResetSecondFactor.as_view(),
        name="staff-second-factor-reset",
    ),
]
