"""A clinic's chairs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.displaced import DisplacedSession, displaced_answer
from bookings.api.etags import expected_version, tagged
from bookings.api.of_clinic import MANAGERS, OfClinic, chair_of
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.chairs import ChairBody, ChairPatch
from bookings.commands import roster
from bookings.models import Chair


class RosterChair(serializers.Serializer[Any]):
    """A chair of the clinic."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    features = serializers.ListField(child=serializers.CharField())
    retired = serializers.BooleanField()


class ChangedChair(RosterChair):
    """The chair, and the sessions that no longer keep their place. Nobody has been moved."""

    displaced = DisplacedSession(many=True)


class Chairs(OfClinic):
    """The clinic's chairs."""

    roles = {"GET": STAFF, "POST": MANAGERS}

    @describe(
        "List the chairs",
        answers={200: page_of(RosterChair, "ChairPage")},
        query=PageQuery,
        refusals=["not-found"],
        tag="roster",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """By name, retired ones as well."""
        own = self.clinic(clinic)
        return paged(
            request,
            own.chairs.all(),
            order=("name", "id"),
            represent=lambda rows: [chair_answer(row) for row in rows],
        )

    @describe(
        "Add a chair",
        body=ChairBody,
        answers={201: RosterChair},
        refusals=["not-found", "busy"],
        tagged=True,
        tag="roster",
    )
    def post(self, request: Request, clinic: str) -> Response:
        """Its name is the clinic's own and used once."""
        own = self.clinic(clinic)
        chair = roster.add_chair(own, **self.body(ChairBody), actor=self.actor, now=self.now)
        return tagged(request, chair_answer(chair), version=own.roster_version, status=201)


class OneChair(OfClinic):
    """One chair. Its ETag is of the clinic's whole roster."""

    roles = {"GET": STAFF, "PATCH": MANAGERS, "DELETE": MANAGERS}

    @describe("Show a chair", answers={200: RosterChair}, refusals=["not-found"], tagged=True, tag="roster")
    def get(self, request: Request, clinic: str, chair: UUID) -> Response:
        """A retired one as well."""
        own = self.clinic(clinic)
        return tagged(request, chair_answer(chair_of(own, chair)), version=own.roster_version)

    @describe(
        "Change a chair",
        body=ChairPatch,
        answers={200: ChangedChair},
        refusals=["not-found", "busy"],
        tagged=True,
        tag="roster",
    )
    def patch(self, request: Request, clinic: str, chair: UUID) -> Response:
        """Sessions booked in it stay; the answer names those that no longer fit."""
        return self._change(request, clinic, chair, self.body(ChairPatch))

    @describe(
        "Retire a chair",
        answers={200: ChangedChair},
        refusals=["not-found", "busy"],
        tagged=True,
        tag="roster",
    )
    def delete(self, request: Request, clinic: str, chair: UUID) -> Response:
        """It keeps its past and takes nothing new. Sessions booked in it stay; the answer names them."""
        return self._change(request, clinic, chair, {"retired": True})

    def _change(self, request: Request, clinic: str, chair: UUID, changes: dict[str, Any]) -> Response:
        own = self.clinic(clinic)
        found, displaced = roster.change_chair(
            chair_of(own, chair),
            **changes,
            if_version=expected_version(request, own.roster_version),
            actor=self.actor,
            now=self.now,
        )
        data = {**chair_answer(found), "displaced": displaced_answer(displaced)}
        return tagged(request, data, version=found.clinic.roster_version)


def chair_answer(chair: Chair) -> dict[str, Any]:
    """A chair."""
    retired = chair.retired_at is not None
    return {"id": chair.id, "name": chair.name, "features": chair.features, "retired": retired}


urlpatterns = [
    path("clinics/<str:clinic>/chairs/", Chairs.as_view(), name="chairs"),
    path("clinics/<str:clinic>/chairs/<uuid:chair>/", OneChair.as_view(), name="chair"),
]
