"""What was said to a patient and by them, and why something was not: one page of the desk.

A page of the desk that lives here, because `bookings` does not know that messages exist.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages as told
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.errors import NotFound
from bookings.frontdesk.access import Desk, desk
from bookings.models import Patient, Session
from bookings.queries.sessions import sessions_seen_by
from notifications import queries
from notifications.commands.running_late import announce_delay
from notifications.commands.say import resend
from notifications.kind_words import CHANNEL, KIND, status_words
from notifications.kinds import Channel, Kind
from notifications.queries import Said
from notifications.rules import SETTABLE

_MOST = 100
#: What a visit of a patient may bring; the other kinds are about a whole series.
_OF_A_VISIT = (Kind.REMINDER, Kind.PREPARATION, Kind.CHANGE, Kind.CANCELLATION, Kind.FOLLOW_UP)


@require_safe
@desk()
def thread(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """The thread, newest first; and for one visit (`?visit=`, else the next) what it brings by which way, or
    why not.
    """
    found = Patient.objects.filter(id=patient).first()
    if found is None:
        raise NotFound(_("There is no such patient."))
    said, has_more = queries.thread(desk.actor, found, before=None, limit=_MOST)
    visits = list(_visits(found, desk))
    chosen = _chosen(request, visits, desk)
    context = {
        "desk": desk,
        "patient": found,
        "said": [_line(one) for one in said],
        "has_more": has_more,
        "visits": visits,
        "chosen": chosen,
        "explained": _explained(chosen) if chosen else [],
    }
    return render(request, "notifications/desk/thread.html", context)


@require_POST
@desk()
def say_again(request: HttpRequest, message: UUID, desk: Desk) -> HttpResponse:
    """Say something again that was sent, or was not, if it is still true."""
    row = queries.messages(desk.actor).filter(id=message).select_related("series__clinic", "clinic").first()
    if row is None or row.patient_id is None or row.speaker != desk.clinic:
        raise NotFound(_("There is no such message."))
    resend(row, now=desk.now)
    told.success(request, _("It is on its way once more."), extra_tags="good")
    return redirect("desk-messages", clinic=desk.clinic.slug, patient=row.patient_id)


@require_POST
@desk()
def running_late(request: HttpRequest, session: UUID, desk: Desk) -> HttpResponse:
    """Tell the patient of a visit that the clinic is behind."""
    found = sessions_seen_by(desk.actor).filter(clinic=desk.clinic, id=session).first()
    if found is None:
        raise NotFound(_("There is no such visit at this clinic."))
    minutes = request.POST.get("minutes", "")
    number = int(minutes) if minutes.isdecimal() and len(minutes) < 4 else 0
    announce_delay(found, minutes=number, actor=desk.actor, now=desk.now)
    told.success(request, _("The patient is told."), extra_tags="good")
    address = reverse("desk-messages", args=[desk.clinic.slug, found.patient_id])
    return redirect(f"{address}?visit={found.id}")


def _visits(patient: Patient, desk: Desk) -> Any:
    rows = sessions_seen_by(desk.actor).filter(patient=patient, clinic=desk.clinic)
    return rows.select_related("patient", "series", "clinic").order_by("-start")[:_MOST]


def _chosen(request: HttpRequest, visits: list[Session], desk: Desk) -> Session | None:
    """The visit of the address, else the next one, else the last."""
    named = request.GET.get("visit", "")
    ahead = [visit for visit in visits if visit.start > desk.now]
    default = ahead[-1] if ahead else next(iter(visits), None)
    return next((visit for visit in visits if str(visit.id) == named), default)


def _line(said: Said) -> dict[str, Any]:
    is_ours = said.direction == "out"
    return {
        "said": said,
        "is_ours": is_ours,
        "kind": KIND[Kind(said.what)] if is_ours else "",
        "channel": CHANNEL[Channel(said.channel)],
        "status": status_words(said.status) if is_ours else "",
        "may_repeat": is_ours and Kind(said.what) in SETTABLE,
    }


def _explained(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "kind": KIND[kind],
            "channel": CHANNEL[line.channel],
            "days_before": line.days_before,
            "status": status_words(line.status),
            "at": line.sent_at or line.due_at,
            "reason": line.reason,
        }
        for kind in _OF_A_VISIT
        for line in queries.explanation(session, kind)
    ]
