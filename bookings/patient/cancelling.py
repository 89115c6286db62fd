"""Cancel a visit: until when, and what it does to the others, is said before the button."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings.commands.cancel import cancel_session
from bookings.errors import Busy, Refused
from bookings.lapsing import foreseen
from bookings.models import SessionStatus
from bookings.patient.consequences import of_cancelling
from bookings.patient.refusals import why
from bookings.patient.visited import Visited, status_of, version_of
from bookings.patient.wording import when_words
from bookings.queries.mine import starts_of_course


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, at: Visited) -> HttpResponse:
    """GET says what it would mean, POST does it. Pressed twice it is said once more."""
    if request.method != "POST":
        return _page(request, at)
    try:
        cancel_session(at.session, if_version=version_of(request), actor=at.actor, now=at.now)
    except Refused as refusal:
        at = at.again()
        if at.session.status != SessionStatus.CANCELLED or isinstance(refusal, Busy):
            return _page(request, at, refused=_why(at, refusal), status=status_of(refusal))
    when = when_words(at.session.start, at.session.clinic.zone)
    said = gettext("Your visit on %(when)s is cancelled.") % {"when": when}
    messages.success(request, said, extra_tags="good")
    return redirect(at.base)


def _why(at: Visited, refusal: Refused) -> list[str]:
    """Past the cut-off the page itself says what is possible instead."""
    return [] if at.told()["late"] else why(refusal)


def _page(
    request: HttpRequest, at: Visited, *, refused: list[str] | None = None, status: int = 200
) -> HttpResponse:
    consequences: list[str] = []
    if at.told()["may_cancel"]:
        ends, gap = foreseen(at.session)
        consequences = of_cancelling(
            at.session.number,
            starts_of_course(at.session),
            zone=at.session.clinic.zone,
            ends=ends,
            lapse=(gap.days, gap.allowed) if gap else None,
        )
    return at.show(request, "visit_cancel", refused=refused, status=status, consequences=consequences)
