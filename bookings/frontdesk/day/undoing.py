"""Undo: each person's own last step with a visit, as long as nothing else has happened to it since."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings.commands.attend import undo_session
from bookings.commands.move import move_session
from bookings.errors import WrongState
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.day.visit import line_of
from bookings.models import JournalEntry, Session

#: Longer ago, it is not a slip of the hand any more.
_RECENT = timedelta(hours=12)
_STEPS = (
    "session_confirmed",
    "session_moved",
    "session_cancelled",
    "session_arrived",
    "session_infusing",
    "session_recovering",
    "session_completed",
    "session_no_show",
)


@require_POST
@desk()
def undo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take back what this person did last to a visit of this clinic.

    A moved visit goes back to its place, if it is still free. Refuses where somebody has gone on with it.
    """
    step = last_step(desk)
    if step is None or step.session is None:
        raise WrongState(_("There is nothing of yours to undo."), now="", allowed=[])
    session = step.session
    if session.version != step.after.get("version"):
        raise WrongState(_("Somebody has gone on with this visit since."), now=session.status, allowed=[])
    if step.verb == "session_moved":
        session = _put_back(session, step, desk)
    else:
        session = undo_session(session, if_version=session.version, actor=desk.actor, now=desk.now)
    messages.success(request, _("%(patient)s: taken back.") % {"patient": session.patient}, extra_tags="good")
    return redirect(line_of(session, desk))


def last_step(desk: Desk) -> JournalEntry | None:
    """What this person did last to a visit of this clinic. One query, by an index."""
    recent = JournalEntry.objects.filter(at__gte=desk.now - _RECENT, clinic=desk.clinic, verb__in=_STEPS)
    mine = recent.filter(actor_id=desk.actor.id).select_related("session__patient", "session__clinic")
    return mine.order_by("-id").first()


def _put_back(session: Session, step: JournalEntry, desk: Desk) -> Session:
    chair = session.clinic.chairs.filter(id=step.before["chair"]).first()
    start = datetime.fromisoformat(step.before["start"])
    return move_session(
        session, start=start, chair=chair, if_version=session.version, actor=desk.actor, now=desk.now
    )
