"""Move a visit: only to where the series stays whole, with what that does to the others told before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings.commands.move import move_session
from bookings.commands.rearrange import rearrange_series
from bookings.errors import Refused
from bookings.patient.consequences import of_moving
from bookings.patient.reasons import reasons_of
from bookings.patient.refusals import why
from bookings.patient.shown import code_of, starts_in
from bookings.patient.visited import Visited, status_of, version_of
from bookings.patient.wording import clock_words, day_words, when_words
from bookings.queries.mine import starts_of_course
from bookings.rearranging import Rearranging, rearranging
from bookings.snapshot import protocol_of
from scheduler.openings import Opening
from scheduler.spans import instant, minute

_WAYS = 3


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, at: Visited) -> HttpResponse:
    """GET: the dates, and the hours of one; with `to`, what it would mean. POST puts it there."""
    if not at.told()["may_move"]:
        return at.show(request, "visit_move", status=200 if request.method != "POST" else 409)
    if request.method == "POST":
        return _post(request, at)
    try:
        looked = rearranging(at.session, actor=at.actor, now=at.now)
    except Refused as refusal:
        return at.show(request, "visit_move", refused=why(refusal), status=refusal.status)
    chosen = starts_in(request.GET.get("to", ""))
    if chosen:
        return _check(request, at, looked, chosen[0])
    return _choose(request, at, looked)


def _choose(
    request: HttpRequest,
    at: Visited,
    looked: Rearranging,
    *,
    refused: list[str] | None = None,
    status: int = 200,
    near: datetime | None = None,
) -> HttpResponse:
    """The dates on which it fits, the hours of one of them, and where later visits would give way."""
    zone, found = at.session.clinic.zone, {day: ones for day, ones in looked.openings().items() if ones}
    wanted = (near or at.session.start).astimezone(zone).date()
    day = _date(request.GET.get("day")) or wanted
    if day not in found and found:
        day = min(found, key=lambda one: (abs(one - day), one))
    return at.show(
        request,
        "visit_move",
        refused=refused,
        status=status,
        days=sorted(found),
        day=day,
        day_words=day_words(day),
        hours=_hours(at, found.get(day, ())),
        ways=[] if at.by_link else _ways(at, looked, request),
        ask_ways="others" in request.GET,
    )


def _hours(at: Visited, openings: Iterable[Opening]) -> list[dict[str, str]]:
    starts = [instant(one.start) for one in openings]
    return [{"to": code_of([one]), "words": clock_words(one, at.session.clinic.zone)} for one in starts]


def _ways(at: Visited, looked: Rearranging, request: HttpRequest) -> list[dict[str, Any]]:
    """Further dates, where the reader has asked for them: each costs the engine some milliseconds."""
    if "others" not in request.GET:
        return []
    zone, ways = at.session.clinic.zone, looked.with_the_later(limit=_WAYS)
    return [
        {
            "to": code_of([instant(moves[0].after)]),
            "words": when_words(instant(moves[0].after), zone),
            "others": len(moves) - 1,
        }
        for moves in sorted(ways, key=lambda moves: moves[0].after)
    ]


def _check(request: HttpRequest, at: Visited, looked: Rearranging, start: datetime) -> HttpResponse:
    """What it would mean. A start that is not offered is answered with why, and the dates that are."""
    starts = _starts(at, looked, start)
    if starts is None:
        violations = looked.refusals(minute(start))
        return _choose(request, at, looked, refused=reasons_of(violations), status=409, near=start)
    before, zone = starts_of_course(at.session), at.session.clinic.zone
    protocol = protocol_of(at.session.series.protocol_version)
    consequences = of_moving(
        at.session.number,
        before,
        {**before, **starts},
        zone=zone,
        usual=protocol.phase(at.session.series.phase).spacing.soft_max_gap_days,
    )
    return at.show(
        request,
        "visit_move_check",
        moves=written(starts),
        form_version=at.session.version if len(starts) == 1 else at.session.series.version,
        rows=_rows(before, starts, at),
        consequences=consequences,
        ends=clock_words(start + timedelta(minutes=protocol.visit_minutes), zone),
        will=when_words(start, zone),
    )


def _starts(at: Visited, looked: Rearranging, start: datetime) -> dict[int, datetime] | None:
    """What moves where: the visit alone if that can be, else later ones with it; None where neither can."""
    if start == at.session.start:
        return None
    if looked.keeps_the_others(minute(start)):
        return {at.session.number: start}
    moves = None if at.by_link else looked.around(minute(start))
    return {move.number: instant(move.after) for move in moves} if moves else None


def _rows(
    before: Mapping[int, datetime], starts: Mapping[int, datetime], at: Visited
) -> list[dict[str, Any]]:
    zone = at.session.clinic.zone
    return [
        {
            "number": number,
            "was": when_words(before[number], zone),
            "will": when_words(start, zone),
            "itself": number == at.session.number,
        }
        for number, start in sorted(starts.items())
    ]


def _post(request: HttpRequest, at: Visited) -> HttpResponse:
    """Exactly what the page showed: the form names each visit that moves, and the version it came from."""
    starts = read_starts(request.POST.getlist("moves"))
    start = starts.get(at.session.number)
    if start is None or (at.by_link and len(starts) > 1):
        return redirect(f"{at.base}move/")
    version = version_of(request)
    try:
        if len(starts) == 1:
            move_session(at.session, start=start, if_version=version, actor=at.actor, now=at.now)
        else:
            series = at.session.series
            rearrange_series(series, starts=starts, if_version=version, actor=at.actor, now=at.now)
    except Refused as refusal:
        at = at.again()
        if at.session.start != start:
            return _refused(request, at, refusal, start)
    when = when_words(start, at.session.clinic.zone)
    messages.success(
        request, gettext("%(when)s is the new time of your visit.") % {"when": when}, extra_tags="good"
    )
    return redirect(at.base)


def written(starts: Mapping[int, datetime]) -> list[str]:
    """Visits and their starts as a form carries them."""
    return [f"{number}-{code_of([start])}" for number, start in sorted(starts.items())]


def read_starts(said: Iterable[str]) -> dict[int, datetime]:
    """The visits and starts of a form, by number; nothing where one of them is mangled."""
    starts = {}
    for one in said:
        number, _, code = one.partition("-")
        found = starts_in(code)
        if not (number.isascii() and number.isdigit() and len(number) < 5 and len(found) == 1):
            return {}
        starts[int(number)] = found[0]
    return starts


def _refused(request: HttpRequest, at: Visited, refusal: Refused, start: datetime) -> HttpResponse:
    """Why, and what is possible instead: the nearest dates, with nothing to be typed again."""
    said, status = why(refusal), status_of(refusal)
    try:
        looked = rearranging(at.session, actor=at.actor, now=at.now)
    except Refused:
        return at.show(request, "visit_move", refused=said, status=status)
    return _choose(request, at, looked, refused=said, status=status, near=start)


def _date(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said or "")
    except ValueError:
        return None
