"""What a clinic asks of one patient, and the answer: opened by its id by whoever is signed in, or by the link
of a message, and answered the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings.actors import Actor, patient_actor
from bookings.commands.links import look_at_link
from bookings.errors import Busy, NotFound, Refused
from bookings.models import LinkPurpose, Offer, Patient, Proposal
from bookings.patient.page import page
from bookings.patient.signed_in import for_patient
from bookings.patient.visited import gone

Question = TypeVar("Question", Offer, Proposal)


class Answer(NamedTuple):
    """What may be answered: the verb, the status that it leads to, and what is said then."""

    verb: Callable[..., Any]
    status: str
    thanks: Callable[[], str]  # empty where nothing is said
    #: What else the form says, as arguments of the verb.
    read: Callable[[HttpRequest], Mapping[str, Any]] = lambda _: {}


@dataclass(frozen=True)
class Put(Generic[Question]):
    """A question, who answers it, and where its page is."""

    question: Question
    actor: Actor
    now: datetime
    by_link: bool
    base: str


@dataclass(frozen=True)
class Door(Generic[Question]):
    """The pages of one kind of question. `show` gets the refusal that an answer met, or None."""

    name: str  # of the question in an address, and in a link
    purpose: LinkPurpose
    seen_by: Callable[[Actor], QuerySet[Question]]
    show: Callable[[HttpRequest, Put[Question], Refused | None], HttpResponse]
    answers: Mapping[str, Answer]

    def by_id(self, address: str) -> Callable[..., HttpResponseBase]:
        """The page for a patient who is signed in. What was asked of somebody else is not there: 404."""

        def opened(request: HttpRequest, *, patient: Patient, **named: UUID) -> HttpResponseBase:
            actor, key = patient_actor(patient), named[self.name]
            found = self.seen_by(actor).filter(id=key).first()
            if found is None:
                raise NotFound(f"There is no such {self.name}.")
            return self._answer(
                request, Put(found, actor, timezone.now(), False, reverse(address, args=[key]))
            )

        return for_patient(require_http_methods(["GET", "HEAD", "POST"])(opened))

    def by_link(self, address: str) -> Callable[..., HttpResponseBase]:
        """The page for whoever has the link. One that opens nothing is told from no other."""

        def opened(request: HttpRequest, token: str) -> HttpResponseBase:
            now = timezone.now()
            link = look_at_link(token, now=now)
            found = getattr(link, self.name) if link is not None and link.purpose == self.purpose else None
            if link is None or found is None:
                return gone(request)
            actor, base = patient_actor(link.patient), reverse(address, args=[token])
            return self._answer(request, Put(found, actor, now, True, base))

        return page(require_http_methods(["GET", "HEAD", "POST"])(opened))

    def _answer(self, request: HttpRequest, at: Put[Question]) -> HttpResponse:
        """GET shows the question, POST answers it. The same answer twice is said once more; who comes too
        late reads what has become of it.
        """
        answer = self.answers.get(request.POST.get("answer", ""))
        if request.method != "POST" or answer is None:
            return self.show(request, at, None)
        try:
            answer.verb(at.question, **answer.read(request), actor=at.actor, now=at.now)
        except Refused as refusal:
            at = replace(at, question=self.seen_by(at.actor).get(id=at.question.id))
            if at.question.status != answer.status or isinstance(refusal, Busy):
                return self.show(request, at, refusal)
        if said := answer.thanks():
            messages.success(request, said, extra_tags="good")
        return redirect(at.base)
