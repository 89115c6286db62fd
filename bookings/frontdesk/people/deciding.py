"""What a prescriber decides about a course where its treatment asks for it: the buttons of a task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bookings.commands.deciding import assess_series, decide_on_missed
from bookings.errors import NotFound, Refused
from bookings.frontdesk.access import Desk, desk, seen_version
from bookings.frontdesk.sentences import said
from bookings.models import Role, Task, TaskKind, Verdict
from bookings.queries.series import series_seen_by

#: What may be decided, by the kind of the task, in the order of the buttons.
VERDICTS: dict[str, tuple[tuple[str, Any], ...]] = {
    TaskKind.ASSESS: (
        (Verdict.GO_ON, gettext_lazy("The course goes on")),
        (Verdict.STOP, gettext_lazy("Stop, and cancel the rest")),
    ),
    TaskKind.DECIDE: (
        (Verdict.APPEND, gettext_lazy("Make it up at the end")),
        (Verdict.RESTART, gettext_lazy("Begin the phase anew")),
        (Verdict.MAINTENANCE, gettext_lazy("One more visit, then the next phase")),
        (Verdict.STOP, gettext_lazy("Stop, and cancel the rest")),
    ),
}


def verdicts_for(desk: Desk, task: Task) -> tuple[tuple[str, Any], ...]:
    """The decisions that this member of staff may make about the task."""
    return VERDICTS.get(task.kind, ()) if desk.actor.role == Role.PRESCRIBER else ()


@require_POST
@desk(Role.PRESCRIBER)
def decide(request: HttpRequest, series: UUID, desk: Desk) -> HttpResponse:
    """The course goes on as the pressed button says."""
    found = series_seen_by(desk.actor).filter(clinic=desk.clinic, id=series).first()
    if found is None:
        raise NotFound(_("There is no such series at this clinic."))
    about, verdict = request.POST.get("about", ""), request.POST.get("verdict", "")
    if verdict not in dict(VERDICTS.get(about, ())):
        raise NotFound(_("There is no such step."))
    reason = request.POST.get("reason", "").strip()[:1000]
    told: dict[str, Any] = {
        "reason": reason,
        "if_version": seen_version(request),
        "actor": desk.actor,
        "now": desk.now,
    }
    try:
        if about == TaskKind.ASSESS:
            assess_series(found, go_on=verdict == Verdict.GO_ON, **told)
        else:
            decide_on_missed(found, verdict=Verdict(verdict), **told)
    except Refused as refusal:
        messages.error(request, said(refusal.detail), extra_tags="bad")
    else:
        messages.success(request, _("The decision is written down."), extra_tags="good")
    return redirect("desk-tasks", clinic=desk.clinic.slug)
