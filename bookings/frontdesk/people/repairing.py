"""One plan for all that a closure, an absence or a broken chair has displaced: asked for, read and
carried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings.commands.carry_out_repair import carry_out_repair
from bookings.commands.repairs import PATIENCE, draw_up_repair
from bookings.errors import Invalid, NotFound, NotTogether, Refused
from bookings.frontdesk.access import Desk, desk, seen_version
from bookings.frontdesk.day.words import k_of_n
from bookings.models import Repair, RepairStatus
from bookings.queries.repairs import Moving, Row, repairs_seen_by, rows_of
from bookings.repaired import status_at
from bookings.stricken import out_of_place

MOVE, OFFER, LEAVE = "move", "offer", "leave"
_SHOWN = 20
#: A plan that no worker has taken up for so long waits for a worker that is not there.
_SOON = timedelta(seconds=30)


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def repairs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET: what is out of place now, and the plans of before. POST: one plan is asked for, for all of it."""
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            plan = draw_up_repair(desk.clinic, actor=desk.actor, now=desk.now)
        except Refused as error:
            refusal = error
        else:
            return redirect("desk-repair", clinic=desk.clinic.slug, repair=plan.id)
    plans = repairs_seen_by(desk.actor, desk.clinic).order_by("-id")[:_SHOWN]
    context = {
        "desk": desk,
        "refusal": refusal,
        "out_of_place": out_of_place(desk.clinic, now=desk.now),
        "plans": [{"plan": plan, "status": _status_words(plan, desk)} for plan in plans],
    }
    status = refusal.status if refusal else 200
    return render(request, "frontdesk/people/repairs.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def repair(request: HttpRequest, repair: UUID, desk: Desk) -> HttpResponse:
    """GET: the plan as a difference, by the diary of now. POST: what is ticked of it is carried out, all or
    nothing; where that cannot be, the page says of whom, and why.
    """
    plan = repairs_seen_by(desk.actor, desk.clinic).filter(id=repair).first()
    if plan is None:
        raise NotFound(_("There is no such plan at this clinic."))
    refusal: Refused | None = None
    if request.method == "POST":
        move, offer = _ticked(request.POST, MOVE), _ticked(request.POST, OFFER)
        try:
            if not move and not offer:
                raise Invalid("series", _("Tick at least one patient."))
            carry_out_repair(
                plan,
                move=move,
                offer=offer,
                reason=request.POST.get("reason", "").strip()[:1000],
                if_version=seen_version(request),
                actor=desk.actor,
                now=desk.now,
            )
        except Refused as error:
            refusal = error
        else:
            messages.success(request, _done(len(move), len(offer)), extra_tags="good")
            return redirect("desk-repair", clinic=desk.clinic.slug, repair=plan.id)
    return _show(request, desk, plan, refusal)


def _show(request: HttpRequest, desk: Desk, plan: Repair, refusal: Refused | None) -> HttpResponse:
    status, rows = status_at(plan, desk.now), rows_of(plan, actor=desk.actor, now=desk.now)
    typed = request.POST if request.method == "POST" else request.GET
    context = {
        "desk": desk,
        "plan": plan,
        "status": status,
        "status_words": _status_words(plan, desk),
        "is_drawing_up": status == RepairStatus.DRAWING_UP,
        "is_ready": status == RepairStatus.READY,
        "nobody_there": _nobody_there(plan, now=desk.now),
        "rows": [_shown(row, ticked=_choice(typed, row)) for row in rows],
        "totals": _totals(rows),
        "refusal": refusal,
        "without": _without(refusal, rows, typed),
        "reason": typed.get("reason", ""),
    }
    code = refusal.status if refusal else 200
    return render(request, "frontdesk/people/repair.html", context, status=code)


def _ticked(typed: QueryDict, how: str) -> list[UUID]:
    """The series that are ticked so; of anything else that is sent, nothing."""
    found = []
    for name, value in typed.items():
        if name.startswith("series-") and value == how:
            try:
                found.append(UUID(name.removeprefix("series-")))
            except ValueError:
                continue
    return found


def _choice(typed: QueryDict, row: Row) -> str:
    """What is ticked for a row: what was sent, or what all are to be ticked as, or nothing."""
    chosen = typed.get(f"series-{row.series.id}", typed.get("tick", LEAVE))
    return chosen if chosen in (MOVE, OFFER) else LEAVE


def _done(moved: int, offered: int) -> str:
    said = []
    if moved:
        words = ngettext(
            "The visits of %(count)d patient are at their new times, and the patient is told.",
            "The visits of %(count)d patients are at their new times, and the patients are told.",
            moved,
        )
        said.append(words % {"count": moved})
    if offered:
        words = ngettext(
            "%(count)d patient is asked; the new places are held.",
            "%(count)d patients are asked; the new places are held.",
            offered,
        )
        said.append(words % {"count": offered})
    return " ".join(said)


def _status_words(plan: Repair, desk: Desk) -> str:
    return {
        RepairStatus.DRAWING_UP: _("is being drawn up"),
        RepairStatus.READY: _("ready to be read"),
        RepairStatus.DONE: _("done"),
        RepairStatus.FAILED: _("was not made"),
        RepairStatus.OUTDATED: _("outdated"),
    }[status_at(plan, desk.now)]


def _nobody_there(plan: Repair, *, now: datetime) -> bool:
    """Whether no worker is at it, though one should be by now."""
    if plan.taken_up_at is None:
        return now - plan.created_at > _SOON
    return now - plan.taken_up_at > PATIENCE


def _totals(rows: Sequence[Row]) -> dict[str, Any]:
    moving = [one for row in rows for one in row.moving]
    minutes = sum(one.minutes for one in moving)
    return {
        "moved": len(moving),
        "series": sum(bool(row.moving) for row in rows),
        "hours": round(minutes / 60),
        "stranded": sum(len(row.stranded) for row in rows),
        "open": sum(row.state == "open" and bool(row.moving) for row in rows),
    }


def _shown(row: Row, *, ticked: str) -> dict[str, Any]:
    return {
        "row": row,
        "patient": row.series.patient,
        "can_be": row.state == "open" and bool(row.moving),
        "ticked": ticked,
        "moving": [
            {"one": one, "k_of_n": k_of_n(one.number, row.planned), "by": _by(one)} for one in row.moving
        ],
        "stranded": [{"one": one, "k_of_n": k_of_n(one.number, row.planned)} for one in row.stranded],
        "gaps": [" · ".join(map(str, gaps)) for gaps in row.gaps],
        "gaps_differ": row.gaps[0] != row.gaps[1],
    }


def _by(one: Moving) -> str:
    """By how much a visit is moved, in days; on the same date in hours and minutes."""
    later = one.after > one.before
    if one.days:
        count = abs(one.days)
        words = (
            ngettext("%(count)d day later", "%(count)d days later", count)
            if later
            else ngettext("%(count)d day earlier", "%(count)d days earlier", count)
        )
        return words % {"count": count}
    if not one.minutes:
        return _("at the same time, in another chair")
    length = f"{one.minutes // 60}:{one.minutes % 60:02}"
    said = _("%(length)s h later") if later else _("%(length)s h earlier")
    return said % {"length": length}


def _without(refusal: Refused | None, rows: Iterable[Row], typed: QueryDict) -> dict[str, Any] | None:
    """Of a refusal: who cannot be, and why; and what could be carried out without them."""
    if not isinstance(refusal, NotTogether):
        return None
    names = {row.series.id: row.series.patient for row in rows}
    return {
        "named": [
            {
                "patient": names.get(one["series"]),
                "detail": one["detail"],
                "depends_on": [names[other] for other in one["depends_on"] if other in names],
            }
            for one in refusal.facts["series"]
        ],
        "possible": [
            (f"series-{series}", typed.get(f"series-{series}")) for series in refusal.facts["possible"]
        ],
    }
