"""Plan visits in place of those that were missed or cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings.actors import patient_actor
from bookings.commands.rearrange import rearrange_series
from bookings.commands.replan import propose_replan
from bookings.errors import NotFound, Refused
from bookings.models import Patient, Series
from bookings.patient.moving import read_starts, written
from bookings.patient.refusals import why
from bookings.patient.signed_in import for_patient
from bookings.patient.visited import status_of, version_of
from bookings.patient.wording import when_words
from bookings.queries.series import series_seen_by
from scheduler.plans import Replan
from scheduler.spans import instant


@for_patient
@require_http_methods(["GET", "HEAD", "POST"])
def make_up(request: HttpRequest, *, patient: Patient, series: UUID) -> HttpResponse:
    """GET: up to three ways to have the missing visits. POST books the one that was chosen."""
    actor, now = patient_actor(patient), timezone.now()
    found = series_seen_by(actor).filter(id=series).first()
    if found is None:
        raise NotFound("There is no such series.")
    refused: list[str] = []
    status = 200
    starts = read_starts(request.POST.getlist("moves")[:1] and request.POST["moves"].split(" "))
    if request.method == "POST" and starts:
        try:
            rearrange_series(found, starts=starts, if_version=version_of(request), actor=actor, now=now)
        except Refused as refusal:
            refused, status = why(refusal), status_of(refusal)
            found = series_seen_by(actor).get(id=series)
        else:
            said = ngettext("Your visit is booked.", "Your visits are booked.", len(starts))
            messages.success(request, said, extra_tags="good")
            return redirect("my-visits")
    ways: list[dict[str, Any]] = []
    try:
        ways = [_way(one, found) for one in propose_replan(found, actor=actor, now=now).found]
    except Refused as refusal:
        refused = refused or why(refusal)
    context = {
        "series": found,
        "ways": [way for way in ways if way["moves"]],
        "refused": refused,
        "visit": {"clinic": found.clinic},
    }
    return render(request, "patient/make_up.html", context, status=status)


def _way(way: Replan, series: Series) -> dict[str, Any]:
    zone = series.clinic.zone
    starts = {move.number: instant(move.after) for move in way.moves}
    return {
        "moves": " ".join(written(starts)),
        "rows": [
            {
                "number": move.number,
                "was": when_words(instant(move.before), zone) if move.before is not None else "",
                "will": when_words(instant(move.after), zone),
            }
            for move in way.moves
        ],
    }
