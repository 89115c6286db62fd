"""Protocols: everyone sees those in effect, managers and prescribers write them, prescribers sign."""

from __future__ import annotations

from typing import Any

from django.urls import path
from orjson import loads
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version, tagged
from bookings.api.finding import clinic_of, own_clinics_of, protocol_of
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import EVERYONE
from bookings.api.problems import invalid
from bookings.api.rendering import dumps
from bookings.api.schema import describe
from bookings.bodies.fields import Key, Query
from bookings.bodies.protocols import (
    EXAMPLE,
    NamesBody,
    OfferBody,
    PhaseBody,
    PreparationBody,
    PriceBody,
    ProtocolBody,
    SignatureBody,
    SpacingBody,
    StepBody,
    VersionBody,
    WashoutBody,
    rules_of,
)
from bookings.commands import protocols as commands
from bookings.models import Protocol, ProtocolVersion, Role
from bookings.queries import protocols as queries

WRITERS = frozenset({Role.MANAGER, Role.PRESCRIBER})
_ALWAYS = ("name", "spacing_group", "phases", "steps")
_DEFAULTS: dict[str, Any] = {
    "washouts": [],
    "lead_time_hours": 0,
    "horizon_days": 365,
    "cancel_cutoff_hours": 0,
    "needs_clearance": False,
    "needs_escort": False,
    "chair_features": [],
}
_OPTIONAL = ("names", "patient_name", "reminders", "price", "preparation")


class ProtocolQuery(Query):
    """Which protocols."""

    clinic = Key(required=False, help_text="The id or slug of a clinic that offers them.")


class Rules(serializers.Serializer[Any]):
    """What a version says."""

    version = serializers.IntegerField()
    signed_at = serializers.DateTimeField(allow_null=True)
    name = serializers.CharField()
    spacing_group = serializers.CharField()
    phases = PhaseBody(many=True)
    spacing = SpacingBody(help_text="That of the first phase; each phase has its own.")
    washouts = WashoutBody(many=True)
    steps = StepBody(many=True)
    lead_time_hours = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    cancel_cutoff_hours = serializers.IntegerField()
    needs_clearance = serializers.BooleanField()
    needs_escort = serializers.BooleanField()
    chair_features = serializers.ListField(child=serializers.CharField())
    names = NamesBody(required=False)
    patient_name = NamesBody(required=False)
    reminders = serializers.ListField(child=serializers.IntegerField(), required=False)
    price = PriceBody(required=False)
    preparation = PreparationBody(required=False)


class ProtocolAnswer(Rules):
    """A protocol with the version in effect. Staff also see the version that waits for a signature.

    One that was never signed is shown to staff alone, with `signed_at` null.
    """

    id = serializers.UUIDField()
    slug = serializers.CharField()
    clinics = serializers.ListField(child=serializers.UUIDField())
    pending = Rules(required=False, allow_null=True)


class Protocols(Endpoint):
    """The treatments on offer."""

    roles = {"GET": EVERYONE, "POST": WRITERS}

    @describe(
        "List the protocols",
        answers={200: page_of(ProtocolAnswer, "ProtocolPage")},
        query=[ProtocolQuery, PageQuery],
        refusals=["not-found"],
        public=True,
        tag="protocols",
    )
    def get(self, request: Request) -> Response:
        """By slug: with `clinic` those that it offers."""
        key = self.query(ProtocolQuery).get("clinic")
        for_staff = request.user.is_staff
        rows = queries.protocols(clinic=clinic_of(key) if key else None, signed_only=not for_staff)
        return paged(
            request,
            rows,
            order=("slug",),
            represent=lambda found: [protocol_answer(row, for_staff=for_staff) for row in found],
        )

    @describe(
        "Add a protocol",
        body=ProtocolBody,
        answers={201: ProtocolAnswer},
        refusals=["not-found"],
        tagged=True,
        examples=[EXAMPLE],
        tag="protocols",
    )
    def post(self, request: Request) -> Response:
        """Makes version 1. A prescriber's own takes effect at once, a manager's when it is signed."""
        body = self.body(ProtocolBody)
        version = commands.add_protocol(
            body["slug"],
            rules=rules_of(body),
            clinics=own_clinics_of(body.get("clinics"), self.actor),
            actor=self.actor,
            now=self.now,
        )
        return _made(request, version, status=201)


class OneProtocol(Endpoint):
    """One protocol, by its id or slug."""

    roles = {"GET": EVERYONE, "PUT": WRITERS, "PATCH": WRITERS}

    @describe(
        "Show a protocol",
        answers={200: ProtocolAnswer},
        refusals=["not-found"],
        public=True,
        tagged=True,
        tag="protocols",
    )
    def get(self, request: Request, protocol: str) -> Response:
        """The version in effect; staff also see the one that waits for a signature."""
        for_staff = request.user.is_staff
        found = protocol_of(protocol, queries.protocols(signed_only=not for_staff))
        return _shown(request, found, for_staff=for_staff)

    @describe(
        "Make the next version",
        body=VersionBody,
        answers={200: ProtocolAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="protocols",
    )
    def put(self, request: Request, protocol: str) -> Response:
        """Answers with the version just made. What is booked keeps the version it was booked under.

        What GET shows beside the rules (`id`, `version`, `clinics` …) may be sent along as it is.
        """
        found = protocol_of(protocol, queries.protocols(signed_only=False))
        if_version = expected_version(request, found.versions.order_by("-version")[0].version)
        body = self.body(VersionBody, without=_beside_the_rules(found))
        if body.get("slug", found.slug) != found.slug:
            raise invalid("slug", f"The slug of this protocol is {found.slug}, and stays.")
        version = commands.add_protocol_version(
            found, rules=rules_of(body), if_version=if_version, actor=self.actor, now=self.now
        )
        return _made(request, version, status=200)

    @describe(
        "Offer it at other clinics",
        body=OfferBody,
        answers={200: ProtocolAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="protocols",
    )
    def patch(self, request: Request, protocol: str) -> Response:
        """Of the clinics where the caller works, exactly these offer it; others are left as they are."""
        found = protocol_of(protocol)
        expected_version(request, found.versions.order_by("-version")[0].version)
        clinics = own_clinics_of(self.body(OfferBody)["clinics"], self.actor)
        commands.offer_protocol(found, clinics=clinics, actor=self.actor, now=self.now)
        again = protocol_of(str(found.id), queries.protocols(signed_only=False))
        return _shown(request, again, for_staff=True)


class Signature(Endpoint):
    """The signature by which a version takes effect."""

    roles = {"POST": frozenset({Role.PRESCRIBER})}

    @describe(
        "Sign the latest version",
        body=SignatureBody,
        answers={200: ProtocolAnswer},
        refusals=["not-found", "wrong-state", "stale"],
        tag="protocols",
    )
    def post(self, request: Request, protocol: str) -> Response:
        """From now on it is what is planned and booked. `wrong-state` when it is signed already."""
        found = protocol_of(protocol)
        version = self.body(SignatureBody).get("version")
        commands.sign_protocol(found, version=version, actor=self.actor, now=self.now)
        again = protocol_of(str(found.id), queries.protocols(signed_only=False))
        return _shown(request, again, for_staff=True)


def protocol_answer(protocol: Protocol, *, for_staff: bool) -> dict[str, Any]:
    """A protocol as the caller may see it: the version in effect, else the one that is not signed yet."""
    pending = queries.waiting(protocol)
    shown = queries.in_effect(protocol) or pending
    assert shown is not None, "a protocol is made with its first version"
    answer = _identified(protocol, shown)
    if for_staff:
        answer["pending"] = _rules_answer(pending) if pending else None
    return answer


def _identified(protocol: Protocol, version: ProtocolVersion) -> dict[str, Any]:
    clinics = [clinic.id for clinic in protocol.clinics.all()]
    return {"id": protocol.id, "slug": protocol.slug, **_rules_answer(version), "clinics": clinics}


def _rules_answer(version: ProtocolVersion) -> dict[str, Any]:
    rules = version.rules
    return {
        "version": version.version,
        "signed_at": version.signed_at and f"{version.signed_at.isoformat(timespec='seconds')}",
        **{name: rules[name] for name in _ALWAYS},
        "spacing": rules["phases"][0].get("spacing", {}),
        **{name: rules.get(name, default) for name, default in _DEFAULTS.items()},
        **{name: rules[name] for name in _OPTIONAL if name in rules},
    }


def _beside_the_rules(protocol: Protocol) -> dict[str, Any]:
    """What the answer to GET says that a body has no field for, as clients read it."""
    shown: dict[str, Any] = loads(dumps(protocol_answer(protocol, for_staff=True)))
    return {name: value for name, value in shown.items() if name not in VersionBody().fields}


def _shown(request: Request, protocol: Protocol, *, for_staff: bool) -> Response:
    data = protocol_answer(protocol, for_staff=for_staff)
    latest = data["pending"] or data if for_staff else data
    return tagged(request, data, version=latest["version"])


def _made(request: Request, version: ProtocolVersion, *, status: int) -> Response:
    """The version just made, in effect or not."""
    protocol = protocol_of(str(version.protocol_id), queries.protocols(signed_only=False))
    pending = queries.waiting(protocol)
    data = {
        **_identified(protocol, version),
        "pending": _rules_answer(pending) if pending else None,
    }
    return tagged(request, data, version=version.version, status=status)


urlpatterns = [
    path("protocols/", Protocols.as_view(), name="protocols"),
    path("protocols/<str:protocol>/", OneProtocol.as_view(), name="protocol"),
    path("protocols/<str:protocol>/sign/", Signature.as_view(), name="protocol-sign"),
]
