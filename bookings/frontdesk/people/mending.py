"""What a task proposes for one series, carried out with one press: visits moved, or the next phase begun."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings.commands.next_phase import begin_next_phase
from bookings.commands.rearrange import rearrange_series
from bookings.errors import Invalid, NotFound, NotOffered, SpacingBroken, Taken
from bookings.frontdesk.access import Desk, desk, seen_version
from bookings.frontdesk.people.planning import plans_instead
from bookings.models import Series
from bookings.queries.series import series_seen_by

_TO = "to-"


@require_POST
@desk()
def mend(request: HttpRequest, series: UUID, desk: Desk) -> HttpResponse:
    """The visits are where the task showed them, all of them or none, and what it showed as given up for them
    is cancelled; the patient is told as of any move.
    """
    found = _found(series, desk)
    rearrange_series(
        found,
        starts=_starts(request.POST),
        resume="resume" in request.POST,
        if_version=seen_version(request),
        actor=desk.actor,
        now=desk.now,
    )
    messages.success(request, _("The visits are at their new times."), extra_tags="good")
    return redirect("desk-tasks", clinic=desk.clinic.slug)


@require_POST
@desk()
def begin_next(request: HttpRequest, series: UUID, desk: Desk) -> HttpResponse:
    """The phase that follows is booked where the task showed it; where it cannot be, what could be."""
    found = _found(series, desk)
    starts = list(_starts(request.POST).values())
    try:
        begin_next_phase(
            found, starts=starts, if_version=seen_version(request), actor=desk.actor, now=desk.now
        )
    except (Taken, NotOffered, SpacingBroken) as refusal:
        treatment = f"{found.protocol_version.protocol.slug}/{request.POST.get('phase', '')}"
        return plans_instead(
            request, found.patient, desk, treatment=treatment, visits=len(starts), refusal=refusal
        )
    messages.success(request, _("The next phase is booked."), extra_tags="good")
    return redirect("desk-tasks", clinic=desk.clinic.slug)


def _found(series: UUID, desk: Desk) -> Series:
    rows = series_seen_by(desk.actor).select_related("patient", "protocol_version__protocol")
    found = rows.filter(clinic=desk.clinic, id=series).first()
    if found is None:
        raise NotFound(_("There is no such series at this clinic."))
    return found


def _starts(typed: QueryDict) -> dict[int, datetime]:
    """The starts by session number, as the form carries them."""
    wanted = {name.removeprefix(_TO): str(typed[name]) for name in typed if name.startswith(_TO)}
    try:
        return {int(number): datetime.fromisoformat(start) for number, start in wanted.items()}
    except ValueError as error:
        raise Invalid("starts", "A time needs its offset, such as 2026-12-01T09:00:00-05:00.") from error
