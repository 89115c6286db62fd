"""What is done with a session: one address for each verb of its life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version
from bookings.api.finding import the
from bookings.api.permissions import SIGNED_IN, STAFF
from bookings.api.schema import describe
from bookings.api.series import OverrideBody
from bookings.api.session_answers import SessionAnswer
from bookings.api.sessions import answer_with_tag
from bookings.bodies.fields import Body, Ident, Phone, Text, YesNo
from bookings.bodies.times import Start
from bookings.commands import attend
from bookings.commands.cancel import cancel_session
from bookings.commands.escort import name_escort
from bookings.commands.move import move_session
from bookings.errors import WrongState
from bookings.models import Role, Session
from bookings.queries.sessions import allowed_verbs, sessions_seen_by

_PLACE_REFUSALS = ("taken", "spacing", "not-offered", "busy")


class ReasonBody(Body):
    """Why, for the journal."""

    reason = Text(required=False, max_length=1000, allow_blank=True)


class CompleteBody(ReasonBody):
    """That somebody takes the patient home, where the treatment asks for it."""

    escort = YesNo(default=False)
    override = OverrideBody(required=False)


class StartBody(ReasonBody):
    """Why a prescriber starts it though an assessment is due, where one is."""

    override = OverrideBody(required=False)


class MoveBody(Body):
    """Where the session is to be."""

    start = Start()
    chair = Ident(required=False, help_text="This chair; otherwise the one that suits best.")
    override = OverrideBody(required=False)


class EscortBody(Body):
    """Who takes the patient home."""

    name = Text(max_length=100, allow_blank=True, help_text="Empty: nobody as yet.")
    phone = Phone(required=False, allow_blank=True, max_length=40)


class _Verb(Endpoint):
    """A verb on one session that the caller may see."""

    roles = {}

    def session(self, key: UUID) -> Session:
        """The session; from here on refusals name times in its clinic's zone."""
        session = the(sessions_seen_by(self.actor).filter(id=key), "session")
        self.zone = session.clinic.zone
        return session

    def handle_exception(self, exc: Exception) -> Response:
        """As everywhere, but the verbs that a refusal names are those that this caller has now."""
        if isinstance(exc, WrongState):
            session = self.session(self.kwargs["session"])
            exc.facts["allowed"] = allowed_verbs(session, actor=self.actor, now=self.now)
        return super().handle_exception(exc)

    def told(self, session: Session) -> dict[str, Any]:
        """What every command on a session is told of the request."""
        version = expected_version(self.request, session.version)
        return {"if_version": version, "actor": self.actor, "now": self.now}


class Move(_Verb):
    """Put a session elsewhere."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Move a session",
        body=MoveBody,
        answers={200: SessionAnswer},
        refusals=["not-found", "wrong-state", *_PLACE_REFUSALS],
        tagged=True,
        tag="sessions",
    )
    def post(self, request: Request, session: UUID) -> Response:
        """Another time, another chair, or both. The other sessions of the series stay where they are."""
        body, found = self.body(MoveBody), self.session(session)
        chair = the(found.clinic.chairs.filter(id=body["chair"]), "chair") if "chair" in body else None
        move_session(
            found,
            start=body["start"],
            chair=chair,
            override_reason=body["override"]["reason"] if "override" in body else None,
            **self.told(found),
        )
        return answer_with_tag(self, session)


class Complete(_Verb):
    """The visit is over."""

    roles = {"POST": STAFF}

    @describe(
        "Complete a session",
        body=CompleteBody,
        answers={200: SessionAnswer},
        refusals=["not-found", "wrong-state", "not-offered", "busy"],
        tagged=True,
        tag="sessions",
    )
    def post(self, request: Request, session: UUID) -> Response:
        """The patient leaves; with an escort, or an override that says why not, where the treatment asks for
        it.
        """
        body, found = self.body(CompleteBody), self.session(session)
        attend.complete_session(
            found,
            escort=body["escort"],
            reason=body.get("reason", ""),
            override_reason=body["override"]["reason"] if "override" in body else None,
            **self.told(found),
        )
        return answer_with_tag(self, session)


class StartSession(_Verb):
    """The infusion begins."""

    roles = {"POST": STAFF}

    @describe(
        "Start a session",
        body=StartBody,
        answers={200: SessionAnswer},
        refusals=["not-found", "wrong-state", "assessment-needed", "busy"],
        tagged=True,
        tag="sessions",
    )
    def post(self, request: Request, session: UUID) -> Response:
        """The infusion runs. Where a prescriber is to look at the patient first, only after that, or with a
        prescriber's override.
        """
        body, found = self.body(StartBody), self.session(session)
        attend.start_session(
            found,
            reason=body.get("reason", ""),
            override_reason=body["override"]["reason"] if "override" in body else None,
            **self.told(found),
        )
        return answer_with_tag(self, session)


class Escort(_Verb):
    """Who takes the patient home."""

    roles = {"POST": SIGNED_IN}

    @describe(
        "Name an escort",
        body=EscortBody,
        answers={200: SessionAnswer},
        refusals=["not-found", "wrong-state", "busy"],
        tagged=True,
        tag="sessions",
    )
    def post(self, request: Request, session: UUID) -> Response:
        """Until the visit has ended, whatever the cut-off. An empty name takes back who was named before."""
        body, found = self.body(EscortBody), self.session(session)
        name_escort(found, name=body["name"], phone=body.get("phone", ""), **self.told(found))
        return answer_with_tag(self, session)


def _verb(
    word: str,
    command: Callable[..., Session],
    summary: str,
    promise: str,
    *,
    roles: frozenset[Role] = STAFF,
    refusals: tuple[str, ...] = ("busy",),
) -> Any:
    """The path of a verb that asks for nothing but a reason."""

    def post(self: _Verb, request: Request, session: UUID) -> Response:
        body, found = self.body(ReasonBody), self.session(session)
        command(found, reason=body.get("reason", ""), **self.told(found))
        return answer_with_tag(self, session)

    post.__doc__ = promise
    described = describe(
        summary,
        body=ReasonBody,
        answers={200: SessionAnswer},
        refusals=["not-found", "wrong-state", *refusals],
        tagged=True,
        tag="sessions",
    )(post)
    name = "".join(part.capitalize() for part in word.split("-"))
    view: Any = type(name, (_Verb,), {"roles": {"POST": roles}, "post": described, "__doc__": promise})
    return path(f"sessions/<uuid:session>/{word}/", view.as_view(), name=f"{word}-session")


urlpatterns = [
    path("sessions/<uuid:session>/move/", Move.as_view(), name="move-session"),
    path("sessions/<uuid:session>/escort/", Escort.as_view(), name="escort"),
    path("sessions/<uuid:session>/start/", StartSession.as_view(), name="start-session"),
    path("sessions/<uuid:session>/complete/", Complete.as_view(), name="complete-session"),
    _verb(
        "confirm",
        attend.confirm_session,
        "Confirm a session",
        "The patient says that they will come.",
        roles=SIGNED_IN,
    ),
    _verb(
        "cancel",
        cancel_session,
        "Cancel a session",
        "Its place is free at once. Patients cancel until the treatment's cut-off.",
        roles=SIGNED_IN,
        refusals=("not-offered", "busy"),
    ),
    _verb("check-in", attend.check_in_session, "Check a patient in", "The patient is here."),
    _verb("recover", attend.recover_session, "Let a patient recover", "The infusion is over."),
    _verb(
        "no-show",
        attend.miss_session,
        "Mark a session as missed",
        "The patient did not come; possible from some minutes after the start.",
    ),
    _verb(
        "undo",
        attend.undo_session,
        "Undo the last step",
        "Back to the state before. A cancelled or missed one comes back if its place keeps every rule.",
        refusals=_PLACE_REFUSALS,
    ),
]
