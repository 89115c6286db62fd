"""Other times that the clinic proposes: old and new side by side, taken or declined."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from bookings.commands.proposals import accept_proposal, decline_proposal
from bookings.errors import Refused
from bookings.models import NEXT_PHASE, LinkPurpose, Proposal, ProposalStatus, Session
from bookings.patient.answering import Answer, Door, Put
from bookings.patient.refusals import why
from bookings.patient.visited import status_of
from bookings.patient.wording import when_words, zone_words
from bookings.proposed import is_outdated, status_at
from bookings.queries.proposals import proposals_seen_by


def _show(request: HttpRequest, at: Put[Proposal], refusal: Refused | None) -> HttpResponse:
    proposal, clinic = at.question, at.question.series.clinic
    state = _state(proposal, now=at.now)
    context = {
        "proposal": proposal,
        "state": state,
        "is_open": state == ProposalStatus.OPEN,
        "begins": proposal.manner == NEXT_PHASE,
        "clinic": clinic,
        "visit": {"clinic": clinic},
        "rows": [_row(move, at) for move in proposal.moves],
        "given_up": [
            when_words(datetime.fromisoformat(one["from"]), clinic.zone) for one in proposal.cancels
        ],
        "until": when_words(proposal.expires_at, clinic.zone),
        "zone": clinic.time_zone,
        "zone_words": zone_words(clinic.zone, proposal.expires_at),
        "by_link": at.by_link,
        "base": at.base,
        "refused": why(refusal) if refusal else None,
    }
    return render(request, "patient/proposal.html", context, status=status_of(refusal) if refusal else 200)


def _state(proposal: Proposal, *, now: datetime) -> str:
    """What can be said of it now: the patient, or the clinic, may have moved a visit of it meanwhile."""
    state = status_at(proposal, now)
    if state != ProposalStatus.OPEN:
        return state
    sessions = Session.objects.filter(series=proposal.series)
    return ProposalStatus.SUPERSEDED if is_outdated(proposal, sessions, now=now) else state


def _row(move: dict[str, Any], at: Put[Proposal]) -> dict[str, Any]:
    zone = at.question.series.clinic.zone
    return {
        "other": _other(move, at) if move["session"] else "",
        "number": move["number"],
        "was": when_words(datetime.fromisoformat(move["from"]), zone) if move["from"] else "",
        "will": when_words(datetime.fromisoformat(move["to"]), zone),
    }


def _other(move: dict[str, Any], at: Put[Proposal]) -> str:
    """Where that visit is moved elsewhere, which the link to the proposal allows as well."""
    if at.by_link:
        return f"{at.base}{move['number']}/move/"
    return reverse("move-my-visit", args=[move["session"]])


_DOOR = Door(
    name="proposal",
    purpose=LinkPurpose.PROPOSAL,
    seen_by=proposals_seen_by,
    show=_show,
    answers={
        "accept": Answer(
            accept_proposal,
            ProposalStatus.ACCEPTED,
            lambda: gettext("Thank you. Your visits are at the new times."),
        ),
        "decline": Answer(
            decline_proposal,
            ProposalStatus.DECLINED,
            lambda: gettext("Your visits stay as they are. The clinic knows."),
        ),
    },
)
my_proposal = _DOOR.by_id("my-proposal")
proposal_link = _DOOR.by_link("proposal-link")
