"""Templates of starts: asked for, drawn up, and taken into force."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, WrongState
from bookings.locking import roster_lock
from bookings.models import Clinic, StartTemplate
from bookings.nudging import nudge
from bookings.usual_week import MOST_WEEKS, USUAL_WEEKS, Booked, UsualDay, usual_week
from scheduler.hours import local
from scheduler.spans import minute
from scheduler.start_template import QUARTER
from scheduler.templating import LaidOut, lay_out

#: A worker that has not come back by then is taken to be dead.
PATIENCE = timedelta(minutes=15)


def ask_for_template(
    clinic: Clinic, *, weeks: int = USUAL_WEEKS, actor: Actor, now: datetime
) -> StartTemplate:
    """A template, for a worker to draw up from what was booked for the days before today, so many weeks back.

    While one is being drawn up, that one is answered and no other is begun.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise Invalid("weeks", f"A template is drawn up from 1 to {MOST_WEEKS} weeks.")
    last = local(minute(now), clinic.zone).date() - timedelta(days=1)
    with roster_lock(clinic.id):
        waiting = clinic.start_templates.filter(drawn_up_at__isnull=True).first()
        if waiting is not None:
            return waiting
        template = StartTemplate.objects.create(
            clinic=clinic,
            first=last - timedelta(days=7 * weeks - 1),
            last=last,
            asked_at=now,
            asked_by_id=actor.id if actor.is_staff else None,
        )
        journal.record(
            "template_asked",
            actor=actor,
            now=now,
            clinic=clinic,
            after={
                "template": str(template.id),
                "first": template.first.isoformat(),
                "last": template.last.isoformat(),
            },
        )
        transaction.on_commit(lambda: nudge("bookings.tasks.draw_up_templates"))
    return template


def draw_up_templates(*, now: datetime) -> int:
    """Draw up what was asked for; returns how many. Safe to run twice at once: one of them does each."""
    stale = Q(begun_at__isnull=True) | Q(begun_at__lt=now - PATIENCE)
    count = 0
    for id_ in list(
        StartTemplate.objects.filter(stale, drawn_up_at__isnull=True).values_list("id", flat=True)
    ):
        if StartTemplate.objects.filter(stale, id=id_, drawn_up_at__isnull=True).update(begun_at=now):
            _draw_up(id_, now=now)
            count += 1
    return count


def take_into_force(template: StartTemplate, *, actor: Actor, now: datetime) -> StartTemplate:
    """The clinic levels its starts by this template from now on, and by no other. What is booked stays.

    Refuses with `WrongState` while it is being drawn up. One that is in force already only has the clinic's
    levelling switched on.
    """
    with roster_lock(template.clinic_id):
        clinic = Clinic.objects.get(id=template.clinic_id)
        template = StartTemplate.objects.get(id=template.id)
        if template.drawn_up_at is None:
            raise WrongState("This template is still being drawn up.", now="being-drawn-up", allowed=())
        before = clinic.start_templates.filter(in_force_since__isnull=False).first()
        if before == template and clinic.levelling:
            return template
        if before != template:
            clinic.start_templates.filter(in_force_since__isnull=False).update(in_force_since=None)
            template.in_force_since = now
            template.save(update_fields=["in_force_since"])
        Clinic.objects.filter(id=clinic.id).update(levelling=True, roster_version=F("roster_version") + 1)
        journal.record(
            "template_in_force",
            actor=actor,
            now=now,
            clinic=clinic,
            before={"template": str(before.id) if before else None, "levelling": clinic.levelling},
            after={"template": str(template.id), "levelling": True},
        )
    return template


def _draw_up(id_: UUID, *, now: datetime) -> None:
    template = StartTemplate.objects.select_related("clinic").get(id=id_)
    week = usual_week(template.clinic, template.first, template.last)
    template.booked = [_booked(one) for one in week.booked]
    opened: list[dict[str, Any]] = []
    days: list[dict[str, Any]] = []
    for usual in week.days:
        found = lay_out(usual.supply, usual.day, usual.wanted)
        opened += _opened(usual, found)
        days.append(_day(usual, found))
        StartTemplate.objects.filter(id=id_).update(days=days)  # how far it is, for who waits
    template.opened, template.days, template.drawn_up_at = opened, days, now
    template.save(update_fields=["booked", "opened", "days", "drawn_up_at"])


def _booked(one: Booked) -> dict[str, Any]:
    return {"weekday": one.weekday, "begins": _clock(one.clock), "minutes": one.length, "visits": one.visits}


def _opened(usual: UsualDay, found: LaidOut) -> list[dict[str, Any]]:
    counts: Counter[tuple[int, int]] = Counter()
    for one in found.begun:
        shown = local(one.start, usual.supply.time_zone)
        clock = shown.hour * 60 + shown.minute
        counts[clock - clock % QUARTER, one.kind.chair_minutes] += 1
    return [
        {"weekday": usual.weekday, "begins": _clock(clock), "minutes": length, "starts": starts}
        for (clock, length), starts in sorted(counts.items())
    ]


def _day(usual: UsualDay, found: LaidOut) -> dict[str, Any]:
    wanted: Counter[int] = Counter()
    for kind, visits in usual.wanted.items():
        wanted[kind.chair_minutes] += visits
    return {
        "weekday": usual.weekday,
        "dates": usual.dates,
        "wanted": [{"minutes": length, "visits": visits} for length, visits in sorted(wanted.items())],
        "unmet": found.unmet.reached,
        "peak": found.peak.reached,
        "peak_bound": found.peak.bound,
        "peak_before": round(usual.mean_peak, 1),
        "proven": found.proven,
    }


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
