"""The visit that a page is about, found for a patient who is signed in, or for whoever has its link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from bookings.actors import Actor, patient_actor
from bookings.commands.links import look_at_link
from bookings.errors import NotFound, Refused, Stale
from bookings.models import Link, LinkPurpose, Patient, Session
from bookings.patient.page import page
from bookings.patient.signed_in import for_patient
from bookings.patient.told import told
from bookings.queries.sessions import sessions_seen_by


@dataclass(frozen=True)
class Visited:
    """A visit, who looks at it, and where its pages are. A link opens nothing but its own visit."""

    session: Session
    patient: Patient
    actor: Actor
    now: datetime
    by_link: bool
    base: str  # the address of its page; those of its verbs are below it

    def told(self) -> dict[str, Any]:
        """What a page says of it."""
        return told(self.session, actor=self.actor, now=self.now)

    def again(self) -> Visited:
        """The same as it is now in the database. Two queries."""
        return Visited(
            _session(self.session.id, self.actor),
            self.patient,
            self.actor,
            self.now,
            self.by_link,
            self.base,
        )

    def show(
        self,
        request: HttpRequest,
        template: str,
        *,
        refused: list[str] | None = None,
        status: int = 200,
        **context: Any,
    ) -> HttpResponse:
        """A page about it; `refused` says above it why something could not be done."""
        known = {"visit": self.told(), "by_link": self.by_link, "base": self.base, "refused": refused}
        return render(request, f"patient/{template}.html", {**known, **context}, status=status)


View = Callable[[HttpRequest, Visited], HttpResponseBase]


def by_session(view: View) -> Callable[..., HttpResponseBase]:
    """The page for a patient who is signed in. Somebody else's visit is not there: 404."""

    @wraps(view)
    def opened(request: HttpRequest, *, patient: Patient, session: UUID) -> HttpResponseBase:
        actor, base = patient_actor(patient), reverse("my-visit", args=[session])
        found = Visited(_session(session, actor), patient, actor, timezone.now(), False, base)
        return view(request, found)

    return for_patient(opened)


def by_link(view: View) -> Callable[..., HttpResponseBase]:
    """The page for whoever has the link. One that is wrong, used up or late is told from no other."""

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponseBase:
        now = timezone.now()
        link = look_at_link(token, now=now)
        if link is None or link.purpose != LinkPurpose.VISIT or link.session_id is None:
            return gone(request)
        return view(request, _of_link(link, now=now, base=reverse("visit-link", args=[token])))

    return page(opened)


def by_proposal(view: View) -> Callable[..., HttpResponseBase]:
    """The page for whoever has the link of a proposal: it opens the visits that would move, and no others."""

    @wraps(view)
    def opened(request: HttpRequest, token: str, number: int) -> HttpResponseBase:
        now = timezone.now()
        link = look_at_link(token, now=now)
        if link is None or link.purpose != LinkPurpose.PROPOSAL or link.proposal is None:
            return gone(request)
        moved = {move["number"]: move["session"] for move in link.proposal.moves if move["session"]}
        if number not in moved:
            return gone(request)
        actor, base = patient_actor(link.patient), reverse("my-visit-of-proposal", args=[token, number])
        found = _session(UUID(moved[number]), actor)
        return view(request, Visited(found, link.patient, actor, now, True, base))

    return page(opened)


def gone(request: HttpRequest) -> HttpResponse:
    """The one answer to every link that opens nothing."""
    return render(request, "patient/link_gone.html", status=404)


def version_of(request: HttpRequest) -> int:
    """The version that the form was made from. One that is missing or mangled fits none."""
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def status_of(refusal: Refused) -> int:
    """The status of the page that says so: one that has changed meanwhile is a conflict to a browser."""
    return 409 if isinstance(refusal, Stale) else refusal.status


def _of_link(link: Link, *, now: datetime, base: str) -> Visited:
    actor = patient_actor(link.patient)
    assert link.session_id is not None
    return Visited(_session(link.session_id, actor), link.patient, actor, now, True, base)


def _session(session_id: UUID, actor: Actor) -> Session:
    found = sessions_seen_by(actor).filter(id=session_id).first()
    if found is None:
        raise NotFound("There is no such visit.")
    return found
