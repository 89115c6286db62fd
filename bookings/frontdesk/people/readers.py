"""Who has looked at a patient, for managers."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.people.finding import patient_of
from bookings.models import Purpose, Role
from bookings.queries.journal import names_of_actors
from bookings.queries.readings import readings_of

_AT_A_TIME = 100
_WORDS = {
    Purpose.PAGE: gettext_lazy("A page about them"),
    Purpose.LIST: gettext_lazy("A list with others"),
    Purpose.SEARCH: gettext_lazy("A search"),
    Purpose.EXPORT: gettext_lazy("A file about many"),
    Purpose.DOWNLOAD: gettext_lazy("Their own record"),
}
_KINDS = {"anonymous": gettext_lazy("Somebody with a link"), "patient": gettext_lazy("A patient")}


@require_safe
@desk(Role.MANAGER)
def show(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """The newest hundred; `before` goes on from there. This page is a reading, too."""
    found = patient_of(patient)
    rows = readings_of(found.id)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(id__lt=int(before))
    shown = list(rows[: _AT_A_TIME + 1])
    names = names_of_actors(shown[:_AT_A_TIME])
    context = {
        "desk": desk,
        "patient": found,
        "readings": [
            {
                "at": one.at,
                "who": names.get(one.actor_id) if one.actor_id else None,
                "kind": _KINDS.get(one.actor_kind, ""),
                "what": _WORDS[Purpose(one.purpose)],
                "reason": one.reason,
            }
            for one in shown[:_AT_A_TIME]
        ],
        "older": shown[_AT_A_TIME - 1].id if len(shown) > _AT_A_TIME else None,
    }
    return render(request, "frontdesk/people/readers.html", context)
