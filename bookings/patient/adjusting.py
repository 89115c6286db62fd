"""Another opening for a single visit of a plan, before anything is kept: what it does to the others, and why
an hour is not offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings import snapshot
from bookings.patient.asked import Asked, asked
from bookings.patient.choosing import over
from bookings.patient.codes import count_plans
from bookings.patient.consequences import of_moving
from bookings.patient.once import fresh_token
from bookings.patient.page import page
from bookings.patient.reasons import reasons_of
from bookings.patient.shown import code_of, shown, starts_in
from bookings.patient.signed_in import patient_of
from bookings.patient.wishes import weekdays_of
from bookings.patient.wording import clock_words, day_words, short_day_words
from bookings.queries.choosing import OtherPlaces, broken, mended, other_places, starts_of, with_change
from scheduler.openings import Opening, Refusal
from scheduler.series import Replan, Unplannable
from scheduler.spans import instant

_AROUND = timedelta(days=7)


@dataclass(frozen=True)
class Day:
    """One date to choose. `hours`: how many there are; `moving`: those would move other visits."""

    date: date
    words: str
    hours: int
    moving: int
    address: str
    chosen: bool


@dataclass(frozen=True)
class Hour:
    """One hour to choose."""

    clock: str
    address: str
    chosen: bool


@dataclass(frozen=True)
class NotOffered:
    """Hours one after another that are refused for the same reasons."""

    first: str
    last: str
    reasons: tuple[str, ...]


@page
@require_safe
def adjust(request: HttpRequest, clinic: str, treatment: str) -> HttpResponse:
    """One plan, of which a single visit can be put elsewhere. The address is all that this page remembers."""
    count_plans(request, patient=patient_of(request))
    question = asked(request, clinic, treatment, now=timezone.now(), data=request.GET)
    starts = starts_in(request.GET.get("plan", ""))
    if len(starts) != question.sessions:
        return redirect(question.address("plans"))
    if question.is_over(starts):
        return over(request, question)
    before = starts_in(request.GET.get("was", ""))
    number = _number(request.GET.get("visit"), len(starts))
    obstacles, plan = broken(question.offer, starts), _shown(question, starts, before)
    context: dict[str, Any] = {
        "asked": question,
        "hold_address": question.address("hold"),
        "plans_address": question.address("plans"),
        "treatment": question.treatment,
        "clinic": question.clinic,
        "plan": plan,
        "rows": [
            (visit, question.address("adjust", plan=plan.code, visit=visit.number)) for visit in plan.visits
        ],
        "undo": question.address("adjust", plan=code_of(before)) if before else "",
        "number": number,
        "once": fresh_token(),
        "now": timezone.now(),
        "obstacles": reasons_of(obstacles),
        "mended": _mended(question, starts) if obstacles else "",
        "consequences": _said(question, number, before, starts),
    }
    if number and not before:
        context |= _choice(request, question, starts, number)
    return render(request, "patient/adjust.html", context)


def _choice(request: HttpRequest, question: Asked, starts: Sequence[datetime], number: int) -> dict[str, Any]:
    """The dates and hours to which visit `number` could go; and, where one of them moves others, how."""
    zone, code = question.clinic.zone, code_of(starts)
    present = starts[number - 1].astimezone(zone).date()
    first = max(question.offer.today, present - _AROUND)
    last = max(first, present + _AROUND)
    day = _date(request.GET.get("day"), first, last) or max(first, present)
    places = other_places(question.offer, starts, number=number, first=first, last=last, day=day)
    chosen = starts_in(request.GET.get("to", ""))[:1]
    context: dict[str, Any] = {
        "days": _days(question, places, code=code, number=number, day=day),
        "day_words": day_words(day),
        "keeping": _hours(question, places.fitting[day], starts, number),
        "moving": _hours(question, places.moving[day], starts, number, day=day),
        "close": question.address("adjust", plan=code),
        "refused": _refused(places.refused, zone),
    }
    if chosen:
        context |= _consequences(question, starts, number, chosen[0])
    return context


def _consequences(question: Asked, starts: Sequence[datetime], number: int, to: datetime) -> dict[str, Any]:
    found = with_change(question.offer, starts, number=number, to=to)
    if found is None:
        return {"impossible": []}
    if isinstance(found, Unplannable):
        return {"impossible": reasons_of(found.violations)}
    after = sorted([*starts_of(found.plan.places), to])
    changed = _shown(question, after, starts)
    address = question.address("adjust", plan=changed.code, was=code_of(starts), visit=number)
    return {"proposal": changed, "accept": address, "moves": _said(question, number, starts, after)}


def _said(
    question: Asked, number: int | None, before: Sequence[datetime], after: Sequence[datetime]
) -> list[str]:
    if not number or len(before) != len(after):
        return []
    spacing = question.offer.phase.spacing
    numbered = [dict(enumerate(starts, start=1)) for starts in (before, after)]
    usual = spacing.soft_max_gap_days
    return of_moving(number, *numbered, zone=question.clinic.zone, usual=usual)


def _shown(question: Asked, starts: Sequence[datetime], before: Sequence[datetime]) -> Any:
    known = dict(enumerate(before, start=1)) if len(before) == len(starts) else {}
    return shown(starts, minutes=question.minutes, zone=question.clinic.zone, before=known)


def _mended(question: Asked, starts: Sequence[datetime]) -> str:
    """The address of the same plan with as little change as can be; nothing where there is none."""
    found = mended(question.offer, starts)
    if not isinstance(found, Replan):
        return ""
    return question.address("adjust", plan=code_of(starts_of(found.plan.places)), was=code_of(starts))


def _days(question: Asked, places: OtherPlaces, *, code: str, number: int, day: date) -> list[Day]:
    open_on = set(weekdays_of(snapshot.supply_of(question.clinic).hours))
    return [
        Day(
            date=on,
            words=short_day_words(on),
            hours=len(fitting),
            moving=len(places.moving[on]),
            address=question.address("adjust", plan=code, visit=number, day=on.isoformat()) + "#choose",
            chosen=on == day,
        )
        for on, fitting in places.fitting.items()
        if fitting or places.moving[on] or on.isoweekday() in open_on or on == day
    ]


def _hours(
    question: Asked,
    found: Sequence[Opening],
    starts: Sequence[datetime],
    number: int,
    *,
    day: date | None = None,
) -> list[Hour]:
    """Hours to choose. With `day`, on which they are, each leads to what it would do to the other visits;
    without, to the plan with that hour in it.
    """
    rest = [start for at, start in enumerate(starts, start=1) if at != number]
    present, code, zone = starts[number - 1], code_of(starts), question.clinic.zone
    hours = []
    for start in (instant(one.start) for one in found):
        if day is None:
            address = question.address("adjust", plan=code_of([*rest, start]), was=code, visit=number)
        else:
            more = {"plan": code, "visit": number, "day": day.isoformat(), "to": code_of([start])}
            address = question.address("adjust", **more) + "#consequences"
        hours.append(Hour(clock_words(start, zone), address, start == present))
    return hours


def _refused(refusals: Sequence[Refusal], zone: ZoneInfo) -> list[NotOffered]:
    said = []
    for reasons, group in groupby(refusals, key=lambda one: tuple(reasons_of(one.violations))):
        members = list(group)
        first, last = (clock_words(instant(one.start), zone) for one in (members[0], members[-1]))
        said.append(NotOffered(first, last, reasons))
    return said


def _number(said: str | None, most: int) -> int | None:
    return int(said) if said and said.isdecimal() and 1 <= int(said) <= most else None


def _date(said: str | None, first: date, last: date) -> date | None:
    try:
        day = date.fromisoformat(said or "")
    except ValueError:
        return None
    return day if first <= day <= last else None
