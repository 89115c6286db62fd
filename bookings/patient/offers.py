"""An earlier time that came free, for somebody who waits: taken, or let pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings.actors import Actor, patient_actor
from bookings.commands.links import look_at_link
from bookings.commands.offer_answers import accept_offer, decline_offer
from bookings.errors import NotFound, Refused
from bookings.models import LinkPurpose, Offer, OfferStatus, Patient
from bookings.offered import status_at
from bookings.patient.page import page
from bookings.patient.refusals import why
from bookings.patient.signed_in import for_patient
from bookings.patient.visited import gone, status_of
from bookings.patient.wording import when_words, zone_words
from bookings.queries.offers import offers_seen_by


@dataclass(frozen=True)
class _Offered:
    """An offer, who answers it, and where its page is."""

    offer: Offer
    actor: Actor
    now: datetime
    by_link: bool
    base: str

    def again(self) -> _Offered:
        return replace(self, offer=offers_seen_by(self.actor).get(id=self.offer.id))


View = Callable[[HttpRequest, _Offered], HttpResponseBase]


def _by_id(view: View) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def opened(request: HttpRequest, *, patient: Patient, offer: UUID) -> HttpResponseBase:
        actor = patient_actor(patient)
        found = offers_seen_by(actor).filter(id=offer).first()
        if found is None:
            raise NotFound("There is no such offer.")
        return view(request, _Offered(found, actor, timezone.now(), False, reverse("my-offer", args=[offer])))

    return for_patient(opened)


def _by_link(view: View) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponseBase:
        now = timezone.now()
        link = look_at_link(token, now=now)
        if link is None or link.purpose != LinkPurpose.OFFER or link.offer is None:
            return gone(request)
        actor, base = patient_actor(link.patient), reverse("offer-link", args=[token])
        return view(request, _Offered(link.offer, actor, now, True, base))

    return page(opened)


@require_http_methods(["GET", "HEAD", "POST"])
def _answer(request: HttpRequest, at: _Offered) -> HttpResponse:
    """GET shows the time, POST answers. The same answer twice is said once more; who comes too late reads
    what has become of it.
    """
    answer = request.POST.get("answer")
    if request.method != "POST" or answer not in _VERBS:
        return _show(request, at)
    verb, wanted = _VERBS[answer]
    try:
        verb(at.offer, actor=at.actor, now=at.now)
    except Refused as refusal:
        at = at.again()
        if at.offer.status != wanted:
            is_open = status_at(at.offer, at.now) == OfferStatus.OPEN
            return _show(request, at, refused=why(refusal) if is_open else None, status=status_of(refusal))
    if wanted == OfferStatus.ACCEPTED:
        messages.success(request, gettext("Thank you. Your visit is at the earlier time."), extra_tags="good")
    return redirect(at.base)


_VERBS: dict[str, tuple[Callable[..., Any], str]] = {
    "accept": (accept_offer, OfferStatus.ACCEPTED),
    "decline": (decline_offer, OfferStatus.DECLINED),
}

my_offer = _by_id(_answer)
offer_link = _by_link(_answer)


def _show(
    request: HttpRequest, at: _Offered, *, refused: list[str] | None = None, status: int = 200
) -> HttpResponse:
    offer, clinic = at.offer, at.offer.entry.clinic
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
        ],
        "until": when_words(offer.expires_at, clinic.zone),
        "zone": clinic.time_zone,
        "zone_words": zone_words(clinic.zone, offer.start),
        "by_link": at.by_link,
        "base": at.base,
        "refused": refused,
    }
    return render(request, "patient/offer.html", context, status=status)
