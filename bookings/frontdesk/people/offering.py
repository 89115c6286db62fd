"""What was offered to those who wait, and taking it back: a part of the page of the waiting list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from bookings.commands.offer_answers import withdraw_offer
from bookings.errors import NotFound, WrongState
from bookings.frontdesk.access import Desk, desk
from bookings.models import OfferStatus
from bookings.offered import status_at
from bookings.queries.offers import offers_of_late, offers_seen_by

#: How far back the page looks.
SINCE = timedelta(days=7)
MOST = 100
STATES = {
    OfferStatus.OPEN: pgettext_lazy("an offer", "Waits for an answer"),
    OfferStatus.ACCEPTED: pgettext_lazy("an offer", "Accepted"),
    OfferStatus.DECLINED: pgettext_lazy("an offer", "Declined"),
    OfferStatus.EXPIRED: pgettext_lazy("an offer", "Not answered in time"),
    OfferStatus.WITHDRAWN: pgettext_lazy("an offer", "Taken back"),
    OfferStatus.LOST: pgettext_lazy("an offer", "Somebody else was first"),
}


def offers_at(desk: Desk) -> list[dict[str, Any]]:
    """The offers of the last week at this clinic, the newest first, as the page shows them. One query."""
    rows = offers_of_late(desk.actor, desk.clinic, since=desk.now - SINCE)[:MOST]
    found = []
    for one in rows:
        status = status_at(one, desk.now)
        found.append({"offer": one, "status": status, "status_words": STATES[OfferStatus(status)]})
    return found


@require_POST
@desk()
def withdraw(request: HttpRequest, offer: UUID, desk: Desk) -> HttpResponse:
    """Take an open offer back. Of one that was answered meanwhile the page says so."""
    found = offers_seen_by(desk.actor).filter(entry__clinic=desk.clinic, id=offer).first()
    if found is None:
        raise NotFound(_("There is no such offer at this clinic."))
    patient = found.entry.patient
    try:
        withdraw_offer(found, actor=desk.actor, now=desk.now)
    except WrongState as refusal:
        said = _("%(patient)s: too late. %(state)s.")
        state = STATES[OfferStatus(refusal.facts["status"])]
        messages.error(request, said % {"patient": patient, "state": state}, extra_tags="bad")
    else:
        done = _("%(patient)s: the offer is taken back. What is booked stays as it is.")
        messages.success(request, done % {"patient": patient}, extra_tags="good")
    return redirect("desk-waiting", clinic=desk.clinic.slug)
