"""Other times for what is left of a series: proposed to the patient, and answered on the telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings.commands.proposals import accept_proposal, decline_proposal, propose_moves
from bookings.errors import NotFound, Refused
from bookings.frontdesk.access import Desk, desk
from bookings.models import Proposal, ProposalStatus, Series
from bookings.proposed import status_at
from bookings.queries.proposals import proposals_seen_by
from bookings.queries.series import series_seen_by
from bookings.queries.tasks import tasks_seen_by

_STATUS: dict[str, Callable[[], str]] = {
    ProposalStatus.OPEN: lambda: _("waits for an answer"),
    ProposalStatus.ACCEPTED: lambda: _("accepted"),
    ProposalStatus.DECLINED: lambda: _("declined"),
    ProposalStatus.EXPIRED: lambda: _("its time is over"),
    ProposalStatus.SUPERSEDED: lambda: _("overtaken by a change"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def proposals(request: HttpRequest, series: UUID, desk: Desk) -> HttpResponse:
    """GET: what was proposed, and what could be. POST: the best way is held and proposed to the patient."""
    found = series_seen_by(desk.actor).select_related("patient").filter(clinic=desk.clinic, id=series).first()
    if found is None:
        raise NotFound(_("There is no such series at this clinic."))
    refusal: Refused | None = None
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:1000]
        try:
            propose_moves(found, reason=reason, actor=desk.actor, now=desk.now)
        except Refused as error:
            refusal = error
        else:
            messages.success(request, _("The places are held, and the patient is told."), extra_tags="good")
            return redirect("desk-proposals", clinic=desk.clinic.slug, series=found.id)
    context = {
        "desk": desk,
        "series": found,
        "refusal": refusal,
        "proposals": [
            _shown(one, desk) for one in proposals_seen_by(desk.actor).filter(series=found).order_by("-id")
        ],
        "could_be": _could_be(found, desk),
        "days": starts_on_the_wall(found.sessions.values_list("start", flat=True), desk),
    }
    status = refusal.status if refusal else 200
    return render(request, "frontdesk/people/proposals.html", context, status=status)


@require_POST
@desk()
def accept(request: HttpRequest, proposal: UUID, desk: Desk) -> HttpResponse:
    """The patient says yes, and somebody at the desk presses it for them: all of the moves, in one step."""
    found = _find(proposal, desk)
    accept_proposal(found, actor=desk.actor, now=desk.now)
    messages.success(request, _("The visits are at their new times."), extra_tags="good")
    return redirect("desk-proposals", clinic=desk.clinic.slug, series=found.series_id)


@require_POST
@desk()
def decline(request: HttpRequest, proposal: UUID, desk: Desk) -> HttpResponse:
    """The patient says no: what is booked stays, and the held places are free."""
    found = _find(proposal, desk)
    reason = request.POST.get("reason", "").strip()[:1000]
    decline_proposal(found, reason=reason, actor=desk.actor, now=desk.now)
    messages.success(request, _("The visits stay where they are."), extra_tags="good")
    return redirect("desk-proposals", clinic=desk.clinic.slug, series=found.series_id)


def moves_of(moves: Iterable[Mapping[str, Any]], desk: Desk) -> list[dict[str, Any]]:
    """Moves as they are kept, with their times on the clinic's wall."""
    zone = desk.clinic.zone
    return [
        {
            "number": move["number"],
            "was": datetime.fromisoformat(move["from"]).astimezone(zone) if move.get("from") else None,
            "to": datetime.fromisoformat(move["to"]).astimezone(zone),
        }
        for move in moves
    ]


def starts_on_the_wall(starts: Iterable[datetime], desk: Desk) -> list[datetime]:
    """Instants on the clinic's wall: the days by which the live stream names them."""
    return [start.astimezone(desk.clinic.zone) for start in starts]


def starts_of(cancels: Iterable[Mapping[str, Any]], desk: Desk) -> list[datetime]:
    """When what is given up would have been, on the clinic's wall."""
    return [datetime.fromisoformat(one["from"]).astimezone(desk.clinic.zone) for one in cancels]


def _find(proposal: UUID, desk: Desk) -> Proposal:
    found = proposals_seen_by(desk.actor).filter(series__clinic=desk.clinic, id=proposal).first()
    if found is None:
        raise NotFound(_("There is no such proposal."))
    return found


def _shown(proposal: Proposal, desk: Desk) -> dict[str, Any]:
    status = status_at(proposal, desk.now)
    return {
        "id": proposal.id,
        "moves": moves_of(proposal.moves, desk),
        "cancels": starts_of(proposal.cancels, desk),
        "is_open": status == ProposalStatus.OPEN,
        "status": _STATUS[status](),
        "reason": proposal.reason,
        "expires": proposal.expires_at.astimezone(desk.clinic.zone),
    }


def _could_be(series: Series, desk: Desk) -> list[dict[str, Any]]:
    """What an open task of the series has found as the best way."""
    for task in tasks_seen_by(desk.actor, clinic=desk.clinic, series=series.id).order_by("-id"):
        if task.proposal and task.proposal.get("moves"):
            return moves_of(task.proposal["moves"], desk)
    return []
