"""One visit at the desk: everything about it, and the steps that can be taken now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.commands import attend
from bookings.commands.cancel import cancel_session
from bookings.commands.escort import name_escort
from bookings.errors import NotFound, Refused
from bookings.frontdesk.access import Desk, desk, seen_version
from bookings.frontdesk.day import shown
from bookings.frontdesk.day.words import VERB
from bookings.models import Session
from bookings.queries.board import flags_of
from bookings.queries.series import series_seen_by, sessions_of
from bookings.queries.sessions import sessions_seen_by

#: What a step needs besides its reason: see the form of the page.
COMMANDS: dict[str, Callable[..., Session]] = {
    "confirm": attend.confirm_session,
    "cancel": cancel_session,
    "check-in": attend.check_in_session,
    "start": attend.start_session,
    "recover": attend.recover_session,
    "complete": attend.complete_session,
    "no-show": attend.miss_session,
    "undo": attend.undo_session,
}


@require_safe
@desk()
def visit(request: HttpRequest, session: UUID, desk: Desk) -> HttpResponse:
    """Everything the desk may know about a visit: as a page, or as a panel beside the day."""
    return _show(request, find(session, desk), desk)


@require_POST
@desk()
def take_step(request: HttpRequest, session: UUID, verb: str, desk: Desk) -> HttpResponse:
    """Take one step of the visit's life. A refusal is shown beside the visit, as it is now."""
    found = find(session, desk)
    command = COMMANDS.get(verb)
    if command is None:
        raise NotFound(_("There is no such step."))
    try:
        command(
            found, **_told(request, verb), if_version=seen_version(request), actor=desk.actor, now=desk.now
        )
    except Refused as refusal:
        return _show(request, find(session, desk), desk, refusal=refusal)
    said = _("%(patient)s: %(step)s.") % {"patient": found.patient, "step": VERB[verb]}
    return done(request, found, desk, said)


@require_POST
@desk()
def escort(request: HttpRequest, session: UUID, desk: Desk) -> HttpResponse:
    """Write down who takes the patient home; an empty name takes it back."""
    found = find(session, desk)
    name, phone = request.POST.get("name", "").strip()[:100], request.POST.get("phone", "").strip()[:32]
    try:
        name_escort(
            found, name=name, phone=phone, if_version=seen_version(request), actor=desk.actor, now=desk.now
        )
    except Refused as refusal:
        return _show(request, find(session, desk), desk, refusal=refusal)
    said = _("%(patient)s: the driver is written down.") % {"patient": found.patient}
    return done(request, found, desk, said)


def find(session: UUID, desk: Desk) -> Session:
    """The visit, at the clinic of the address; refuses with NotFound for any other."""
    seen = sessions_seen_by(desk.actor).filter(clinic=desk.clinic, id=session)
    found = seen.select_related("patient", "series__patient", "clinic", "chair").first()
    if found is None:
        raise NotFound(_("There is no such visit at this clinic."))
    return found


def _show(
    request: HttpRequest, found: Session, desk: Desk, *, refusal: Refused | None = None, said: str = ""
) -> HttpResponse:
    is_panel = "HX-Request" in request.headers
    series = series_seen_by(desk.actor).get(id=found.series_id)
    others = sessions_of(series)
    for one in others:
        one.patient = found.patient
    context = {
        "desk": desk,
        "visit": shown.rows([found], flags_of([found]), desk=desk)[0],
        "series": series,
        "others": [shown.row(one, [], desk=desk) for one in others],
        "verbs": VERB,
        "refusal": refusal,
        "said": said,
    }
    # htmx shows what comes with 200 alone; a page says by its status what a program would like to know.
    status = refusal.status if refusal and not is_panel else 200
    template = "parts/visit" if is_panel else "visit"
    return render(request, f"frontdesk/day/{template}.html", context, status=status)


def done(request: HttpRequest, found: Session, desk: Desk, said: str) -> HttpResponse:
    """The visit as it is now, in the panel that asked, or its line in the day; and what was done."""
    if "HX-Request" in request.headers:
        answer = _show(request, find(found.id, desk), desk, said=said)
        answer.headers["HX-Trigger-After-Swap"] = "diary-changed"
        return answer
    messages.success(request, said, extra_tags="good")
    return redirect(line_of(found, desk))


def line_of(found: Session, desk: Desk) -> str:
    """The address of the visit's line in its day."""
    day = found.start.astimezone(desk.clinic.zone).date()
    return f"{reverse('desk-day', args=[desk.clinic.slug])}?date={day.isoformat()}#visit-{found.id}"


def _told(request: HttpRequest, verb: str) -> dict[str, Any]:
    """What the form says besides the step itself."""
    reason = request.POST.get("reason", "").strip()[:1000]
    if verb == "start":
        return {"override_reason": reason or None}
    if verb != "complete":
        return {"reason": reason}
    return {"escort": request.POST.get("escort") == "yes", "override_reason": reason or None}
