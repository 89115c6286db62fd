"""Other times that a clinic proposes, and the patient's answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import clinic_of, own_clinic_of, the
from bookings.api.kept_times import with_local_times
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import SIGNED_IN, STAFF
from bookings.api.schema import describe
from bookings.api.series import answer_with_tag as series_with_tag
from bookings.api.session_answers import SeriesAnswer
from bookings.bodies.fields import Body, Ident, Key, Query, Text, Whole
from bookings.bodies.times import Instant, Start, local
from bookings.commands.proposals import accept_proposal, decline_proposal, propose_moves
from bookings.models import MANNERS, Proposal, ProposalStatus
from bookings.placing import MOST_PLACES
from bookings.proposed import status_at
from bookings.queries.proposals import in_status, proposals_seen_by
from bookings.queries.series import series_seen_by


class MoveWanted(Body):
    """Where one session would be."""

    number = Whole(min_value=1, max_value=10_000, help_text="Of the session in its series.")
    start = Start()


class ProposalBody(Body):
    """What is proposed; without `moves` the best way to place what is left."""

    moves = MoveWanted(many=True, required=False, allow_empty=False, max_length=MOST_PLACES)
    reason = Text(required=False, max_length=1000, allow_blank=True, help_text="For the patient to read.")
    expires_at = Instant(required=False, help_text="Until when the places are held; 72 hours unless set.")

    def validate_moves(self, moves: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({move["number"] for move in moves}) < len(moves):
            raise serializers.ValidationError("A session is named twice.")
        return moves


class DeclineBody(Body):
    """Why not."""

    reason = Text(required=False, max_length=1000, allow_blank=True)


class ProposalQuery(Query):
    """Which proposals."""

    clinic = Key(required=False, help_text="Id or slug.")
    series = Ident(required=False)
    status = serializers.ChoiceField(choices=ProposalStatus.choices, required=False)


class ProposedMove(serializers.Serializer[Any]):
    """One session: where it is, and where it would be. A session to be made up for has no id as yet."""

    number = serializers.IntegerField()
    session = serializers.UUIDField(allow_null=True)
    to = Instant()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant(allow_null=True)}  # no name for an attribute


class ProposedEnd(serializers.Serializer[Any]):
    """One session that would be cancelled."""

    number = serializers.IntegerField()
    session = serializers.UUIDField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant()}


class ProposalAnswer(serializers.Serializer[Any]):
    """Other times for sessions of a series, held until `expires_at`."""

    id = serializers.UUIDField()
    series = serializers.UUIDField()
    patient = serializers.UUIDField()
    clinic = serializers.UUIDField()
    status = serializers.ChoiceField(choices=ProposalStatus.choices)
    moves = ProposedMove(many=True)
    cancels = ProposedEnd(many=True, help_text="What is given up with it, after a missed session.")
    manner = serializers.ChoiceField(
        choices=MANNERS,
        help_text="`restart`: the moves are the sessions of a new series, with which the phase begins anew. "
        "`next_phase`: of the phase that follows this one, which is over.",
    )
    reason = serializers.CharField()
    created_at = Instant()
    expires_at = Instant()
    decided_at = Instant(allow_null=True)


class Proposals(Endpoint):
    """What was proposed."""

    roles = {"GET": SIGNED_IN}

    @describe(
        "List proposals",
        answers={200: page_of(ProposalAnswer, "ProposalPage")},
        query=[ProposalQuery, PageQuery],
        refusals=["not-found"],
        tag="proposals",
    )
    def get(self, request: Request) -> Response:
        """Newest first: to oneself, or for staff those of the clinics where they work."""
        query, rows = self.query(ProposalQuery), proposals_seen_by(self.actor)
        if "clinic" in query:
            find = own_clinic_of if self.actor.is_staff else lambda key, _: clinic_of(key)
            rows = rows.filter(series__clinic=find(query["clinic"], self.actor))
        if "series" in query:
            rows = rows.filter(series_id=query["series"])
        if "status" in query:
            rows = in_status(rows, query["status"], now=self.now)
        return paged(
            request,
            rows,
            order=("-id",),
            represent=lambda found: [proposal_answer(self, one) for one in found],
        )


class OneProposal(Endpoint):
    """One proposal."""

    roles = {"GET": SIGNED_IN}

    @describe("Show a proposal", answers={200: ProposalAnswer}, refusals=["not-found"], tag="proposals")
    def get(self, request: Request, proposal: UUID) -> Response:
        """Open or answered."""
        return Response(proposal_answer(self, _found(self, proposal)))


class SeriesProposals(Endpoint):
    """Propose other times."""

    roles = {"POST": STAFF}

    @describe(
        "Propose other times",
        body=ProposalBody,
        answers={201: ProposalAnswer},
        refusals=[
            "not-found",
            "wrong-state",
            "unplannable",
            "taken",
            "spacing",
            "not-offered",
            "busy",
        ],
        examples=[
            OpenApiExample(
                "One visit, a day later",
                value={
                    "moves": [{"number": 3, "start": "2026-12-02T10:00:00-05:00"}],
                    "reason": "The clinic is closed that day.",
                },
                request_only=True,
            )
        ],
        tag="proposals",
    )
    def post(self, request: Request, series: UUID) -> Response:
        """The new places are held; what is booked stays until the patient accepts, so they must be free
        beside it. An earlier open proposal for the series is superseded.

        Where the phase of the series is over, the phase that follows is proposed, as soon as it may begin.
        """
        found = the(series_seen_by(self.actor).filter(id=series), "series")
        self.zone = found.clinic.zone
        body = self.body(ProposalBody)
        moves = {move["number"]: move["start"] for move in body["moves"]} if "moves" in body else None
        proposal = propose_moves(
            found,
            moves=moves,
            reason=body.get("reason", ""),
            expires_at=body.get("expires_at"),
            actor=self.actor,
            now=self.now,
        )
        return Response(proposal_answer(self, _found(self, proposal.id)), status=201)


class Accept(Endpoint):
    """Take the other times."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Accept a proposal",
        answers={200: SeriesAnswer},
        refusals=["not-found", "wrong-state", "taken", "spacing", "not-offered", "busy"],
        tag="proposals",
    )
    def post(self, request: Request, proposal: UUID) -> Response:
        """All of the moves in one step, whatever the treatment's cut-off: it was the clinic who asked.

        `wrong-state` when it was answered before, has expired, or the visits have changed since.
        """
        found = _found(self, proposal)
        self.zone = found.series.clinic.zone
        goes_on = accept_proposal(found, actor=self.actor, now=self.now)
        return series_with_tag(self, goes_on.id)


class Decline(Endpoint):
    """Keep the times that are booked."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Decline a proposal",
        body=DeclineBody,
        answers={200: ProposalAnswer},
        refusals=["not-found", "wrong-state", "busy"],
        tag="proposals",
    )
    def post(self, request: Request, proposal: UUID) -> Response:
        """What is booked stays, and the held places are free at once."""
        found = _found(self, proposal)
        body = self.body(DeclineBody)
        decline_proposal(found, reason=body.get("reason", ""), actor=self.actor, now=self.now)
        return Response(proposal_answer(self, _found(self, proposal)))


def proposal_answer(view: Endpoint, proposal: Proposal) -> dict[str, Any]:
    """A proposal, in the wall-clock of its clinic."""
    series, zone = proposal.series, proposal.series.clinic.zone
    shown = ("number", "session", "from", "to")
    moves = [{name: move[name] for name in shown} for move in proposal.moves]
    return {
        "id": proposal.id,
        "series": series.id,
        "patient": series.patient_id,
        "clinic": series.clinic_id,
        "status": status_at(proposal, view.now),
        "moves": with_local_times(moves, zone),
        "cancels": with_local_times(proposal.cancels, zone),
        "manner": proposal.manner,
        "reason": proposal.reason,
        "created_at": local(proposal.created_at, zone),
        "expires_at": local(proposal.expires_at, zone),
        "decided_at": local(proposal.decided_at, zone) if proposal.decided_at else None,
    }


def _found(view: Endpoint, proposal: UUID) -> Proposal:
    return the(proposals_seen_by(view.actor).filter(id=proposal), "proposal")


urlpatterns = [
    path("proposals/", Proposals.as_view(), name="proposals"),
    path("proposals/<uuid:proposal>/", OneProposal.as_view(), name="proposal"),
    path("proposals/<uuid:proposal>/accept/", Accept.as_view(), name="accept-proposal"),
    path("proposals/<uuid:proposal>/decline/", Decline.as_view(), name="decline-proposal"),
    path("series/<uuid:series>/proposals/", SeriesProposals.as_view(), name="propose-moves"),
]
