"""Places that came free, offered to those who wait, and their answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import clinic_of, own_clinic_of, the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import SIGNED_IN, STAFF
from bookings.api.plan_bodies import PlacedAnswer, places_field
from bookings.api.schema import describe
from bookings.api.series import answer_with_tag as series_with_tag
from bookings.api.session_answers import SeriesAnswer
from bookings.bodies.fields import Body, Ident, Key, Query, Text
from bookings.bodies.times import Instant, local
from bookings.commands.offer_answers import accept_offer, decline_offer, withdraw_offer
from bookings.first_places import visit_minutes
from bookings.models import Offer, OfferStatus
from bookings.offered import status_at
from bookings.queries.offers import in_status, offers_seen_by


class OfferDeclineBody(Body):
    """Why not."""

    reason = Text(required=False, max_length=1000, allow_blank=True)


class OfferAcceptBody(Body):
    """Of a course that would begin, the plan that the patient saw."""

    sessions = places_field(required=False)


class OfferQuery(Query):
    """Which offers."""

    clinic = Key(required=False, help_text="Id or slug.")
    patient = Ident(required=False)
    status = serializers.ChoiceField(choices=OfferStatus.choices, required=False)


class OfferAnswer(serializers.Serializer[Any]):
    """An earlier time for a visit, or the first place of a course that is not booked; kept until `expires_at`
    for this patient and a few others: the first to accept has it. `rank` and `why` are for staff.

    Of a course, `session` and `present` are null, and `sessions` are all of its visits as they were planned:
    only the first is kept. `series` is null until it is booked.
    """

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=OfferStatus.choices)
    waiting = serializers.UUIDField(help_text="The place on the waiting list.")
    patient = serializers.UUIDField()
    clinic = serializers.UUIDField()
    series = serializers.UUIDField(allow_null=True)
    session = serializers.UUIDField(allow_null=True)
    start = Instant(help_text="Where the visit would be, or the first of the course.")
    present = Instant(
        allow_null=True, help_text="Where it was when this was offered, and stays if it is not accepted."
    )
    sessions = PlacedAnswer(many=True, help_text="The whole course that would begin; empty of a visit.")
    rank = serializers.IntegerField(allow_null=True)
    why = serializers.ListField(child=serializers.CharField(), allow_null=True)
    created_at = Instant()
    expires_at = Instant()
    decided_at = Instant(allow_null=True)


class Offers(Endpoint):
    """What was offered."""

    roles = {"GET": SIGNED_IN}

    @describe(
        "List offers",
        answers={200: page_of(OfferAnswer, "OfferPage")},
        query=[OfferQuery, PageQuery],
        refusals=["not-found"],
        tag="waiting list",
    )
    def get(self, request: Request) -> Response:
        """Newest first: to oneself, or for staff those of the clinics where they work."""
        query, rows = self.query(OfferQuery), offers_seen_by(self.actor)
        if "clinic" in query:
            find = own_clinic_of if self.actor.is_staff else lambda key, _: clinic_of(key)
            rows = rows.filter(entry__clinic=find(query["clinic"], self.actor))
        if "patient" in query:
            rows = rows.filter(entry__patient_id=query["patient"])
        if "status" in query:
            rows = in_status(rows, query["status"], now=self.now)
        return paged(
            request,
            rows,
            order=("-id",),
            represent=lambda found: [offer_answer(self, one) for one in found],
        )


class AcceptOffer(Endpoint):
    """Take the earlier time."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Accept an offer",
        body=OfferAcceptBody,
        answers={200: SeriesAnswer},
        refusals=["not-found", "wrong-state", "taken", "spacing", "not-offered", "busy"],
        tag="waiting list",
    )
    def post(self, request: Request, offer: UUID) -> Response:
        """The first to accept has the place, in one step and whatever the treatment's cut-off.

        `wrong-state` when somebody else was first (`lost`), it was answered before, has expired, or the visit
        has changed since; then the visit stays where it was.

        Of a course all of it is booked, at the starts in `sessions` and at no others; they may be left out
        as long as they are those of the offer. Where one of them can no longer be had, the answer is `taken`,
        `spacing` or `not-offered`, nothing is booked, the offer stays open, and `alternatives` has the course
        as it could be, to be accepted by its `sessions`.
        """
        found = _found(self, offer)
        starts = [one["start"] for one in self.body(OfferAcceptBody).get("sessions", ())]
        self.zone = found.entry.clinic.zone
        session = accept_offer(found, starts=starts or None, actor=self.actor, now=self.now)
        return series_with_tag(self, session.series_id)


class DeclineOffer(Endpoint):
    """Keep the time that is booked."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Decline an offer",
        body=OfferDeclineBody,
        answers={200: OfferAnswer},
        refusals=["not-found", "wrong-state", "busy"],
        tag="waiting list",
    )
    def post(self, request: Request, offer: UUID) -> Response:
        """What is booked stays, and so does the place on the waiting list."""
        found = _found(self, offer)
        body = self.body(OfferDeclineBody)
        decline_offer(found, reason=body.get("reason", ""), actor=self.actor, now=self.now)
        return Response(offer_answer(self, _found(self, offer)))


class WithdrawOffer(Endpoint):
    """Take an offer back."""

    roles = {"POST": STAFF}

    @describe(
        "Withdraw an offer",
        body=OfferDeclineBody,
        answers={200: OfferAnswer},
        refusals=["not-found", "wrong-state", "busy"],
        tag="waiting list",
    )
    def post(self, request: Request, offer: UUID) -> Response:
        """What is booked stays, and so does the place on the waiting list. The time stays kept for the others
        it was offered to; where there are none, those next in turn are asked.
        """
        found = _found(self, offer)
        body = self.body(OfferDeclineBody)
        withdraw_offer(found, reason=body.get("reason", ""), actor=self.actor, now=self.now)
        return Response(offer_answer(self, _found(self, offer)))


def offer_answer(view: Endpoint, offer: Offer) -> dict[str, Any]:
    """An offer, in the wall-clock of its clinic."""
    entry, zone = offer.entry, offer.entry.clinic.zone
    for_staff = view.actor.is_staff
    length = timedelta(minutes=visit_minutes(offer) if offer.is_first else 0)
    return {
        "id": offer.id,
        "status": status_at(offer, view.now),
        "waiting": entry.id,
        "patient": entry.patient_id,
        "clinic": entry.clinic_id,
        "series": entry.series_id,
        "session": entry.session_id,
        "start": local(offer.start, zone),
        "present": local(offer.present, zone) if offer.present else None,
        "sessions": [
            {"number": number, "start": local(start, zone), "end": local(start + length, zone)}
            for number, start in enumerate(offer.starts, start=1)
        ],
        "rank": offer.rank if for_staff else None,
        "why": offer.why if for_staff else None,
        "created_at": local(offer.created_at, zone),
        "expires_at": local(offer.expires_at, zone),
        "decided_at": local(offer.decided_at, zone) if offer.decided_at else None,
    }


def _found(view: Endpoint, offer: UUID) -> Offer:
    return the(offers_seen_by(view.actor).filter(id=offer), "offer")


urlpatterns = [
    path("offers/", Offers.as_view(), name="offers"),
    path("offers/<uuid:offer>/accept/", AcceptOffer.as_view(), name="accept-offer"),
    path("offers/<uuid:offer>/decline/", DeclineOffer.as_view(), name="decline-offer"),
    path("offers/<uuid:offer>/withdraw/", WithdrawOffer.as_view(), name="withdraw-offer"),
]
