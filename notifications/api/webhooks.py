"""The door for managers who let other systems listen, and ask what those were told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version, tagged
from bookings.api.finding import own_clinic_of, the
from bookings.api.of_clinic import MANAGERS
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.schema import describe
from notifications.api.webhook_bodies import (
    DeliveryAnswer,
    DeliveryQuery,
    Nothing,
    RotationBody,
    WebhookAnswer,
    WebhookBody,
    WebhookPatch,
    WebhookWithSecret,
)
from notifications.models import WebhookEndpoint
from notifications.outgoing import deliveries, endpoints, queries


class Webhooks(Endpoint):
    """Who listens."""

    roles = {"GET": MANAGERS, "POST": MANAGERS}

    @describe(
        "List the webhooks",
        answers={200: page_of(WebhookAnswer, "WebhookPage")},
        query=PageQuery,
        tag="webhooks",
    )
    def get(self, request: Request) -> Response:
        """Of the clinics where you work, newest first."""
        return paged(
            request,
            queries.endpoints(self.actor),
            order=("-id",),
            represent=lambda rows: WebhookAnswer(rows, many=True).data,
        )

    @describe(
        "Add a webhook",
        body=WebhookBody,
        answers={201: WebhookWithSecret},
        refusals=["not-found"],
        tagged=True,
        examples=[
            OpenApiExample(
                "Moves and cancellations",
                value={
                    "clinic": "baltimore",
                    "url": "https://ehr.example/hooks/cadence",
                    "events": ["session.moved", "session.cancelled"],
                },
                request_only=True,
            )
        ],
        tag="webhooks",
    )
    def post(self, request: Request) -> Response:
        """From now on it hears of changes at this clinic. Keep the secret: it is shown this once."""
        body = self.body(WebhookBody)
        clinic = own_clinic_of(body.pop("clinic"), self.actor)
        row = endpoints.add_endpoint(clinic, **body, actor=self.actor, now=self.now)
        return tagged(request, WebhookWithSecret(row).data, version=row.version, status=201)


class _OfWebhook(Endpoint):
    roles = {}

    def webhook(self, id: UUID) -> WebhookEndpoint:  # noqa: A002
        """The one of the address; from here on refusals name times in its clinic's zone."""
        row = the(queries.endpoints(self.actor).filter(id=id), "webhook")
        self.zone = row.clinic.zone
        return row


class OneWebhook(_OfWebhook):
    """One of those who listen."""

    roles = {"GET": MANAGERS, "PATCH": MANAGERS, "DELETE": MANAGERS}

    @describe(
        "Show a webhook", answers={200: WebhookAnswer}, refusals=["not-found"], tagged=True, tag="webhooks"
    )
    def get(self, request: Request, webhook: UUID) -> Response:
        """With what it heard last, but not its secret."""
        row = self.webhook(webhook)
        return tagged(request, WebhookAnswer(row).data, version=row.version)

    @describe(
        "Change a webhook",
        body=WebhookPatch,
        answers={200: WebhookAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="webhooks",
    )
    def patch(self, request: Request, webhook: UUID) -> Response:
        """Another address, other events, off or on again. A new address is tried at once."""
        row = self.webhook(webhook)
        row = endpoints.change_endpoint(
            row,
            **self.body(WebhookPatch),
            if_version=expected_version(request, row.version),
            actor=self.actor,
            now=self.now,
        )
        return tagged(request, WebhookAnswer(row).data, version=row.version)

    @describe("Remove a webhook", answers={204: None}, refusals=["not-found"], tagged=True, tag="webhooks")
    def delete(self, request: Request, webhook: UUID) -> Response:
        """It hears nothing more, and what waits for it is withdrawn."""
        row = self.webhook(webhook)
        version = expected_version(request, row.version)
        endpoints.remove_endpoint(row, if_version=version, actor=self.actor, now=self.now)
        return Response(status=204)


class Rotation(_OfWebhook):
    """Another secret."""

    roles = {"POST": MANAGERS}

    @describe(
        "Rotate the secret of a webhook",
        body=RotationBody,
        answers={200: WebhookWithSecret},
        refusals=["not-found"],
        tagged=True,
        tag="webhooks",
    )
    def post(self, request: Request, webhook: UUID) -> Response:
        """A fresh secret, shown this once. The one before signs as well for `overlap_hours`, so that the
        receiver can take the new one without losing an event.
        """
        row = self.webhook(webhook)
        row = endpoints.rotate_secret(
            row,
            overlap=timedelta(hours=self.body(RotationBody)["overlap_hours"]),
            if_version=expected_version(request, row.version),
            actor=self.actor,
            now=self.now,
        )
        return tagged(request, WebhookWithSecret(row).data, version=row.version)


class Deliveries(_OfWebhook):
    """What one listener was told."""

    roles = {"GET": MANAGERS}

    @describe(
        "List the deliveries of a webhook",
        answers={200: page_of(DeliveryAnswer, "DeliveryPage")},
        query=DeliveryQuery,
        refusals=["not-found"],
        tag="webhooks",
    )
    def get(self, request: Request, webhook: UUID) -> Response:
        """Newest first, with each try. Kept for 30 days."""
        row = self.webhook(webhook)
        asked = self.query(DeliveryQuery)
        rows = queries.deliveries(row, status=asked.get("status"))
        return paged(
            request, rows, order=("-id",), represent=lambda found: DeliveryAnswer(found, many=True).data
        )


class Replay(_OfWebhook):
    """One delivery once more."""

    roles = {"POST": MANAGERS}

    @describe(
        "Replay a delivery",
        body=Nothing,
        answers={202: DeliveryAnswer},
        refusals=["not-found", "wrong-state"],
        tag="webhooks",
    )
    def post(self, request: Request, webhook: UUID, delivery: UUID) -> Response:
        """The same bytes under the same `webhook-id`, due at once and tried for another day. One that is on
        its way stays as it is.
        """
        self.body(Nothing)
        row = self.webhook(webhook)
        found = the(queries.deliveries(row).filter(id=delivery), "delivery")
        deliveries.replay(found, now=self.now)
        again = the(queries.deliveries(row).filter(id=delivery), "delivery")
        return Response(DeliveryAnswer(again).data, status=202)


urlpatterns = [
    path("webhooks/", Webhooks.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook>/", OneWebhook.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook>/rotate/", Rotation.as_view(), name="rotate-webhook"),
    path("webhooks/<uuid:webhook>/deliveries/", Deliveries.as_view(), name="deliveries"),
    path(
        "webhooks/<uuid:webhook>/deliveries/<uuid:delivery>/replay/", Replay.as_view(), name="replay-delivery"
    ),
]
