"""Other times that the clinic proposes: old and new side by side, taken or declined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from bookings.commands.proposals import accept_proposal, decline_proposal
from bookings.errors import Busy, NotFound, Refused
from bookings.models import LinkPurpose, Patient, Proposal, ProposalStatus, Session
from bookings.patient.page import page
from bookings.patient.refusals import why
from bookings.patient.signed_in import for_patient
from bookings.patient.visited import gone, status_of
from bookings.patient.wording import when_words, zone_words
from bookings.proposed import is_outdated, status_at
from bookings.queries.proposals import proposals_seen_by


@dataclass(frozen=True)
class _Proposed:
    """A proposal, who answers it, and where its page is."""

    proposal: Proposal
    actor: Actor
    now: datetime
    by_link: bool
    base: str

    def again(self) -> _Proposed:
        return _Proposed(
            proposals_seen_by(self.actor).get(id=self.proposal.id),
            self.actor,
            self.now,
            self.by_link,
            self.base,
        )


View = Callable[[HttpRequest, _Proposed], HttpResponseBase]


def _by_id(view: View) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def opened(request: HttpRequest, *, patient: Patient, proposal: UUID) -> HttpResponseBase:
        actor = patient_actor(patient)
        found = proposals_seen_by(actor).filter(id=proposal).first()
        if found is None:
            raise NotFound("There is no such proposal.")
        base = reverse("my-proposal", args=[proposal])
        return view(request, _Proposed(found, actor, timezone.now(), False, base))

    return for_patient(opened)


def _by_link(view: View) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponseBase:
        now = timezone.now()
        link = look_at_link(token, now=now)
        if link is None or link.purpose != LinkPurpose.PROPOSAL or link.proposal is None:
            return gone(request)
        actor, base = patient_actor(link.patient), reverse("proposal-link", args=[token])
        return view(request, _Proposed(link.proposal, actor, now, True, base))

    return page(opened)


@require_http_methods(["GET", "HEAD", "POST"])
def _answer(request: HttpRequest, at: _Proposed) -> HttpResponse:
    """GET shows old and new, POST answers. The same answer twice is said once more."""
    answer = request.POST.get("answer")
    if request.method != "POST" or answer not in _VERBS:
        return _show(request, at)
    verb, wanted = _VERBS[answer]
    try:
        verb(at.proposal, actor=at.actor, now=at.now)
    except Refused as refusal:
        at = at.again()
        if at.proposal.status != wanted or isinstance(refusal, Busy):
            return _show(request, at, refused=why(refusal), status=status_of(refusal))
    said = (
        gettext("Thank you. Your visits are at the new times.")
        if wanted == ProposalStatus.ACCEPTED
        else gettext("Your visits stay as they are. The clinic knows.")
    )
    messages.success(request, said, extra_tags="good")
    return redirect(at.base)


_VERBS: dict[str, tuple[Callable[..., Any], str]] = {
    "accept": (accept_proposal, ProposalStatus.ACCEPTED),
    "decline": (decline_proposal, ProposalStatus.DECLINED),
}

my_proposal = _by_id(_answer)
proposal_link = _by_link(_answer)


def _show(
    request: HttpRequest, at: _Proposed, *, refused: list[str] | None = None, status: int = 200
) -> HttpResponse:
    proposal, clinic = at.proposal, at.proposal.series.clinic
    state = _state(proposal, now=at.now)
    context = {
        "proposal": proposal,
        "state": state,
        "is_open": state == ProposalStatus.OPEN,
        "clinic": clinic,
        "visit": {"clinic": clinic},
        "rows": [_row(move, at) for move in proposal.moves],
        "until": when_words(proposal.expires_at, clinic.zone),
        "zone": clinic.time_zone,
        "zone_words": zone_words(clinic.zone, proposal.expires_at),
        "by_link": at.by_link,
        "base": at.base,
        "refused": refused,
    }
    return render(request, "patient/proposal.html", context, status=status)


def _state(proposal: Proposal, *, now: datetime) -> str:
    """What can be said of it now: the patient, or the clinic, may have moved a visit of it meanwhile."""
    state = status_at(proposal, now)
    if state != ProposalStatus.OPEN:
        return state
    sessions = Session.objects.filter(series=proposal.series)
    return ProposalStatus.SUPERSEDED if is_outdated(proposal, sessions, now=now) else state


def _row(move: dict[str, Any], at: _Proposed) -> dict[str, Any]:
    zone = at.proposal.series.clinic.zone
    return {
        "other": _other(move, at) if move["session"] else "",
        "number": move["number"],
        "was": when_words(datetime.fromisoformat(move["from"]), zone) if move["from"] else "",
        "will": when_words(datetime.fromisoformat(move["to"]), zone),
    }


def _other(move: dict[str, Any], at: _Proposed) -> str:
    """Where that visit is moved elsewhere, which the link to the proposal allows as well."""
    if at.by_link:
        return f"{at.base}{move['number']}/move/"
    return reverse("move-my-visit", args=[move["session"]])
