"""What came free, for somebody who waits: an earlier time, or the first place of a course; taken, or let
pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.errors import Refused
from bookings.first_places import visit_minutes
from bookings.models import LinkPurpose, Offer, OfferStatus
from bookings.offered import status_at
from bookings.patient.answering import Answer, Door, Put
from bookings.patient.refusals import why
from bookings.patient.shown import shown, starts_in
from bookings.patient.visited import status_of
from bookings.patient.wording import when_words, zone_words
from bookings.queries.offers import offers_seen_by


def _show(request: HttpRequest, at: Put[Offer], refusal: Refused | None) -> HttpResponse:
    offer, clinic = at.question, at.question.entry.clinic
    state = status_at(offer, at.now)
    is_open = state == OfferStatus.OPEN
    context = {
        "state": state,
        "is_open": is_open,
        "clinic": clinic,
        "visit": {"clinic": clinic},
        "until": when_words(offer.expires_at, clinic.zone),
        "zone": clinic.time_zone,
        "zone_words": zone_words(clinic.zone, offer.start),
        "by_link": at.by_link,
        "base": at.base,
        "refused": why(refusal) if refusal and is_open else None,
        **(_course(request, offer, refusal) if offer.is_first else {"rows": _rows(offer)}),
    }
    page = "patient/first_offer.html" if offer.is_first else "patient/offer.html"
    return render(request, page, context, status=status_of(refusal) if refusal else 200)


def _rows(offer: Offer) -> list[dict[str, Any]]:
    assert offer.present is not None, "of a visit it is known where it was"
    zone = offer.entry.clinic.zone
    was, will = when_words(offer.present, zone), when_words(offer.start, zone)
    return [{"number": offer.session.number, "was": was, "will": will}]


def _course(request: HttpRequest, offer: Offer, refusal: Refused | None) -> dict[str, Any]:
    """The whole course as it was planned; after a refusal as it could be, beside what the patient saw."""
    seen = starts_in(request.POST.get("starts", "")) or offer.starts
    others = refusal.facts.get("alternatives") if refusal else None
    starts = [one["start"] for one in others[0]["sessions"]] if others else seen
    before = dict(enumerate(seen, start=1)) if others else None
    minutes, zone = visit_minutes(offer), offer.entry.clinic.zone
    return {
        "plan": shown(starts, minutes=minutes, zone=zone, before=before),
        "changed": bool(others),
        "impossible": others == [],
    }


def _seen(request: HttpRequest) -> Mapping[str, Any]:
    """The course that the patient saw."""
    return {"starts": starts_in(request.POST.get("starts", "")) or None}


_DOOR = Door(
    name="offer",
    purpose=LinkPurpose.OFFER,
    seen_by=offers_seen_by,
    show=_show,
    answers={
        "accept": Answer(
            accept_offer,
            OfferStatus.ACCEPTED,
            lambda: gettext("Thank you. It is booked."),
            _seen,
        ),
        "decline": Answer(decline_offer, OfferStatus.DECLINED, lambda: ""),
    },
)
my_offer = _DOOR.by_id("my-offer")
offer_link = _DOOR.by_link("offer-link")
