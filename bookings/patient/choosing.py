"""Plans to choose from, and the step from a plan to places that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bookings.actors import ANONYMOUS
from bookings.api.throttling import address_of
from bookings.commands.holds import hold_places, release_hold
from bookings.errors import HoldExpired, Invalid, NotOffered, SpacingBroken, Taken
from bookings.models import Hold
from bookings.patient import drafts
from bookings.patient.asked import Asked, asked
from bookings.patient.codes import count_holds, count_plans
from bookings.patient.once import fresh_token, once
from bookings.patient.page import page
from bookings.patient.plan_words import told_apart
from bookings.patient.reasons import obstacles_of
from bookings.patient.shown import Shown, shown, starts_in
from bookings.patient.signed_in import patient_of
from bookings.queries.choosing import mended, starts_of
from scheduler.case import Wish
from scheduler.series import Unplannable
from scheduler.violations import Rule

PLANS = 3
FURTHER = 480_000  # steps of the engine for the second and third plan, some eighty milliseconds


@dataclass(frozen=True)
class Choice:
    """A plan, where it is changed, and the token of the form that takes it."""

    plan: Shown
    adjust: str
    once: str


@page
@require_safe
def plans(request: HttpRequest, clinic: str, treatment: str) -> HttpResponse:
    """Three complete plans by the wishes of the address, or what stands in the way and what is nearest."""
    count_plans(request, patient=patient_of(request))
    question = asked(request, clinic, treatment, now=timezone.now(), data=request.GET)
    if treatment != question.treatment.key:  # an address must not say what somebody is treated for
        return redirect(question.address("plans"))
    lost = starts_in(request.GET.get("lost", ""))
    if question.is_over(lost):
        lost = []
    found = _plan(question, question.form.wish, limit=PLANS)
    context: dict[str, Any] = {
        "asked": question,
        "hold_address": question.address("hold"),
        "waiting_address": f"/my/waiting/?clinic={question.clinic.slug}&treatment={question.treatment.key}",
        "treatment": question.treatment,
        "clinic": question.clinic,
        "lost": bool(lost),
        "parts": _other_parts(question),
        "now": question.offer.now,
    }
    if isinstance(found, Unplannable):
        context |= {"reasons": obstacles_of(found.violations), "nearest": _nearest(question, found)}
    else:
        context["choices"] = _choices(question, [*_mended(question, lost), *found][:PLANS])
    return render(request, "patient/plans.html", context)


@page
@require_POST
@once
def hold(request: HttpRequest, clinic: str, treatment: str) -> HttpResponse:
    """Keep the places of the plan that was chosen, and go on to the form.

    A browser keeps one plan at a time. Where a place is gone, the plans are shown again with the nearest
    first.
    """
    now = timezone.now()
    question = asked(request, clinic, treatment, now=now, data=request.GET)
    patient = patient_of(request)
    count_holds(request, patient=patient)
    starts = starts_in(request.POST.get("plan", ""))
    if question.is_over(starts):
        return over(request, question)
    _give_back(request, now=now)
    try:
        made = hold_places(
            question.clinic,
            protocol=question.version.protocol,
            phase=question.offer.phase.name,
            starts=starts,
            patient=patient,
            source=address_of(request),
            actor=question.offer.actor,
            now=now,
        )
    except (Taken, NotOffered, SpacingBroken, Invalid):
        return redirect(question.address("plans", lost=request.POST.get("plan", "")))
    drafts.keep_hold(
        request,
        made.id,
        again=question.address("plans"),
        keep=question.address("hold"),
        plan=request.POST["plan"],
    )
    return redirect("hold-page", made.id)


def over(request: HttpRequest, question: Asked) -> HttpResponse:
    """The page for a plan whose times have passed: it leads to the plans from today on."""
    context = {
        "treatment": question.treatment,
        "clinic": question.clinic,
        "visit": {"clinic": question.clinic},
        "again": question.address("plans"),
    }
    return render(request, "patient/plan_over.html", context, status=410)


def _give_back(request: HttpRequest, *, now: datetime) -> None:
    """End the holds that this browser has: a new one takes their place."""
    live = Hold.objects.filter(id__in=drafts.held_before(request), expires_at__gt=now)
    for before in live.select_related("clinic", "patient"):
        with suppress(HoldExpired):
            release_hold(before, actor=ANONYMOUS, now=now)


def _plan(question: Asked, wish: Wish, *, limit: int) -> list[list[datetime]] | Unplannable:
    offer = question.offer
    latest = offer.latest_for(question.earliest, question.sessions)
    _case, (found, _proven) = offer.plans(
        sessions=question.sessions,
        earliest=question.earliest,
        latest=latest,
        wish=wish,
        limit=limit,
        further=FURTHER,
    )
    if isinstance(found, Unplannable):
        return found
    return [starts_of(plan.places) for plan in found]


def _mended(question: Asked, lost: Sequence[datetime]) -> list[list[datetime]]:
    """The plan that somebody wanted and did not get, with as little change as can be."""
    if len(lost) != question.sessions:
        return []
    found = mended(question.offer, lost)
    return [] if isinstance(found, Unplannable) else [starts_of(found.plan.places)]


def _other_parts(question: Asked) -> list[dict[str, str]]:
    """The other parts of the treatment, for those who have had this one, with the address of their plans."""
    base = reverse("plans", args=[question.clinic.slug, question.treatment.key])
    return [
        {"name": part.name, "address": f"{base}?part={part.key}"}
        for part in question.treatment.parts
        if part.key != question.part
    ]


def _nearest(question: Asked, found: Unplannable) -> list[Choice]:
    """What is possible without some of the wishes; rules of the treatment are not a patient's to change."""
    near = [starts_of(one.plan.places) for one in found.relaxations if one.rule is Rule.WISH]
    if not near and question.form.wish != Wish():
        free = _plan(question, Wish(), limit=1)
        near = [] if isinstance(free, Unplannable) else free
    return _choices(question, near[:1])


def _choices(question: Asked, found: Sequence[Sequence[datetime]]) -> list[Choice]:
    distinct = list({tuple(plan): plan for plan in found}.values())
    zone = question.clinic.zone
    plans = [
        shown(plan, minutes=question.minutes, zone=zone, tags=tags)
        for plan, tags in zip(distinct, told_apart(distinct, zone), strict=True)
    ]
    return [Choice(plan, question.address("adjust", plan=plan.code), fresh_token()) for plan in plans]
