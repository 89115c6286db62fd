"""Sessions: single visits, listed, shown, and moved through their states."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import tagged
from bookings.api.finding import clinic_of, own_clinic_of, the
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import SIGNED_IN
from bookings.api.problems import invalid
from bookings.api.schema import describe
from bookings.api.session_answers import SessionAnswer
from bookings.bodies.fields import Ident, Key, Query
from bookings.bodies.times import Day
from bookings.models import SessionStatus
from bookings.queries.sessions import filtered, sessions_seen_by


class Statuses(serializers.CharField):
    """One or more states, with commas between them."""

    default_error_messages = {"status": "Not a status. They are: {known}."}

    def to_internal_value(self, data: Any) -> Any:
        names = [name.strip() for name in super().to_internal_value(data).split(",")]
        if not set(names) <= set(SessionStatus.values):
            self.fail("status", known=", ".join(SessionStatus.values))
        return names


class SessionsQuery(Query):
    """Which sessions."""

    clinic = Key(required=False, help_text="Id or slug.")
    patient = Ident(required=False)
    series = Ident(required=False)
    status = Statuses(required=False, max_length=200, help_text="One or more, with commas between them.")

    def get_fields(self) -> dict[str, Any]:
        return {  # `from` is no name for a class attribute
            **super().get_fields(),
            "from": Day(required=False, help_text="First date, in the clinic's wall-clock."),
            "to": Day(required=False, help_text="Last date, in the clinic's wall-clock."),
        }


class Sessions(Endpoint):
    """List sessions."""

    roles = {"GET": SIGNED_IN}

    @describe(
        "List sessions",
        answers={200: page_of(SessionAnswer, "SessionPage")},
        query=[SessionsQuery, PageQuery],
        refusals=["not-found"],
        tag="sessions",
    )
    def get(self, request: Request) -> Response:
        """In order of time: one's own, or for staff those of the clinics where they work."""
        query = self.query(SessionsQuery)
        if "from" in query and "to" in query and query["to"] < query["from"]:
            raise invalid("to", "The last date is before the first.")
        clinic = None
        if "clinic" in query:
            staff = self.actor.is_staff
            clinic = own_clinic_of(query["clinic"], self.actor) if staff else clinic_of(query["clinic"])
        rows = filtered(
            sessions_seen_by(self.actor),
            clinic=clinic,
            first=query.get("from"),
            last=query.get("to"),
            statuses=query.get("status", ()),
            patient=query.get("patient"),
            series=query.get("series"),
        )
        return paged(
            request, rows, order=("start", "id"), represent=lambda found: answer_of(self, found, many=True)
        )


class OneSession(Endpoint):
    """One session."""

    roles = {"GET": SIGNED_IN}

    @describe(
        "Show a session", answers={200: SessionAnswer}, refusals=["not-found"], tagged=True, tag="sessions"
    )
    def get(self, request: Request, session: UUID) -> Response:
        """`allowed` says what you may do with it now."""
        return answer_with_tag(self, session)


def answer_of(view: Endpoint, session: Any, *, many: bool = False) -> Any:
    """The session as the caller may see it."""
    return SessionAnswer(session, many=many, context={"actor": view.actor, "now": view.now}).data


def answer_with_tag(view: Endpoint, session_id: UUID) -> Response:
    """The session as it is now, with its ETag."""
    session = the(sessions_seen_by(view.actor).filter(id=session_id), "session")
    return tagged(view.request, answer_of(view, session), version=session.version)


urlpatterns = [
    path("sessions/", Sessions.as_view(), name="sessions"),
    path("sessions/<uuid:session>/", OneSession.as_view(), name="session"),
]
