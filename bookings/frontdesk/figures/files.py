"""Data out of a clinic and into it, as CSV."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.commands.exporting import record_export
from bookings.errors import Invalid
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.figures import cells
from bookings.frontdesk.figures.page import READERS, period_of
from bookings.import_files import COLUMNS, MOST_LINES
from bookings.models import Role
from bookings.noticed import notice_all
from bookings.queries import exports
from bookings.queries.reports.period import Period

_KINDS = {
    "sessions": (exports.SESSIONS, exports.sessions),
    "patients": (exports.PATIENTS, exports.patients),
}


@require_safe
@desk(*READERS)
def files(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Where files come from and go to."""
    return files_page(request, desk)


@require_POST
@desk(Role.MANAGER)
def export(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The visits or the patients of a period, row by row. The journal says who took them."""
    what = request.POST.get("what", "")
    try:
        first, last = (date.fromisoformat(request.POST.get(name, "")) for name in ("from", "to"))
        period = Period(desk.clinic, first, last)
        head, rows = _KINDS[what]
    except (ValueError, KeyError, Invalid):
        return files_page(
            request, desk, wrong=_("Say what, and for which dates: a year at most."), status=400
        )
    record_export(period, what=what, actor=desk.actor, now=desk.now)
    notice_all(exports.whose(period))
    answer = StreamingHttpResponse(cells.lines(head, rows(period)), content_type="text/csv; charset=utf-8")
    name = f"{desk.clinic.slug}-{what}-{first.isoformat()}-{last.isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def files_page(
    request: HttpRequest, desk: Desk, *, wrong: str = "", status: int = 200, **about: object
) -> HttpResponse:
    """The page of files, with what came of the last one."""
    period, _wrong = period_of(request, desk)
    context = {
        "desk": desk,
        "name": "files",
        "period": period,
        "may_export": desk.actor.role == Role.MANAGER,
        "columns": COLUMNS,
        "most": MOST_LINES,
        "wrong": wrong,
        **about,
    }
    return render(request, "frontdesk/figures/files.html", context, status=status)
