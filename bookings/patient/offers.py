"""An earlier time that came free, for somebody who waits: taken, or let pass."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.errors import Refused
from bookings.models import LinkPurpose, Offer, OfferStatus
from bookings.offered import status_at
from bookings.patient.answering import Answer, Door, Put
from bookings.patient.refusals import why
from bookings.patient.visited import status_of
from bookings.patient.wording import when_words, zone_words
from bookings.queries.offers import offers_seen_by


def _show(request: HttpRequest, at: Put[Offer], refusal: Refused | None) -> HttpResponse:
    offer, clinic = at.question, at.question.entry.clinic
    state = status_at(offer, at.now)
    context = {
        "state": state,
        "is_open": state == OfferStatus.OPEN,
        "clinic": clinic,
        "visit": {"clinic": clinic},
        "rows": [
            {
                "number": offer.session.number,
                "was": when_words(offer.present, clinic.zone),
                "will": when_words(offer.start, clinic.zone),
            }
        ]
        if offer.present is not None
        else [],
        "until": when_words(offer.expires_at, clinic.zone),
        "zone": clinic.time_zone,
        "zone_words": zone_words(clinic.zone, offer.start),
        "by_link": at.by_link,
        "base": at.base,
        "refused": why(refusal) if refusal and state == OfferStatus.OPEN else None,
    }
    return render(request, "patient/offer.html", context, status=status_of(refusal) if refusal else 200)


_DOOR = Door(
    name="offer",
    purpose=LinkPurpose.OFFER,
    seen_by=offers_seen_by,
    show=_show,
    answers={
        "accept": Answer(
            accept_offer,
            OfferStatus.ACCEPTED,
            lambda: gettext("Thank you. Your visit is at the earlier time."),
        ),
        "decline": Answer(decline_offer, OfferStatus.DECLINED, lambda: ""),
    },
)
my_offer = _DOOR.by_id("my-offer")
offer_link = _DOOR.by_link("offer-link")
