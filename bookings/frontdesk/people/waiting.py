"""The waiting list at the desk: who waits for what, and when they could come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import lifecycle
from bookings.commands.waiting import LONGEST_NOTICE_HOURS, join_waiting_list, leave_waiting_list
from bookings.errors import NotFound, Refused, Stale
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.named import choices_of, named, phase_words
from bookings.frontdesk.people.finding import patient_of
from bookings.frontdesk.people.offering import offers_at
from bookings.frontdesk.sentences import said
from bookings.models import Patient, Protocol, Session, WaitingEntry
from bookings.patient.plan_words import weekday_names
from bookings.queries.protocols import in_effect, protocols
from bookings.queries.sessions import sessions_seen_by
from bookings.queries.waiting import waiting_seen_by
from scheduler.case import Wish

MOST = 200
_DATE = {"type": "date"}
_TIME = {"type": "time"}


class WaitingForm(forms.Form):
    """What is waited for, and when the patient could come. Hours and dates are the clinic's."""

    what = forms.ChoiceField(label=gettext_lazy("Waits for"))
    on = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    not_before = forms.TimeField(
        label=pgettext_lazy("a time of day", "Not before"),
        required=False,
        widget=forms.TimeInput(attrs=_TIME),
    )
    not_after = forms.TimeField(
        label=gettext_lazy("Begins not after"), required=False, widget=forms.TimeInput(attrs=_TIME)
    )
    earliest = forms.DateField(
        label=gettext_lazy("First date"), required=False, widget=forms.DateInput(attrs=_DATE)
    )
    latest = forms.DateField(
        label=gettext_lazy("Last date"), required=False, widget=forms.DateInput(attrs=_DATE)
    )
    notice_hours = forms.IntegerField(
        label=gettext_lazy("Hours of notice that are needed"),
        initial=24,
        min_value=0,
        max_value=LONGEST_NOTICE_HOURS,
    )
    #: What they waited for already when the page was made: versions by choice.
    seen = forms.JSONField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = choices  # type: ignore[attr-defined]
        self.fields["on"].choices = list(enumerate(weekday_names(), start=1))  # type: ignore[attr-defined]


@require_safe
@desk()
def waiting(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who waits at this clinic, the longest first, and what was offered. A fixed number of queries."""
    rows = waiting_seen_by(desk.actor).filter(clinic=desk.clinic).select_related("patient", "session")
    rules = {
        protocol.id: version.rules
        for protocol in protocols(clinic=desk.clinic, signed_only=True)
        if (version := in_effect(protocol)) is not None
    }
    entries = [
        _said(entry, rules.get(entry.protocol_id)) for entry in rows.order_by("created_at", "id")[:MOST]
    ]
    context = {"desk": desk, "entries": entries, "most": MOST, "offers": offers_at(desk)}
    return render(request, "frontdesk/people/waiting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def join(request: HttpRequest, patient: UUID, desk: Desk) -> HttpResponse:
    """Put a patient on the list; for something they wait for already, their wishes are replaced."""
    found = patient_of(patient)
    sessions = _sessions(found, desk)
    standing = _standing(found, desk)
    versions = {key: entry.version for key, entry in standing.items()}
    choices = _choices(sessions, desk)
    form = WaitingForm(request.POST or None, choices=choices, initial={"seen": versions})
    if request.method == "POST" and form.is_valid():
        try:
            _join(form.cleaned_data, found, sessions, desk)
        except Stale:
            saved = standing.get(_key(form.cleaned_data["what"]))
            _overtaken(request, form, saved, versions)
        except Refused as refusal:
            form.add_error(None, said(refusal.detail))
        else:
            messages.success(request, _("%(patient)s waits.") % {"patient": found}, extra_tags="good")
            return redirect("desk-waiting", clinic=desk.clinic.slug)
    status = 400 if form.errors else 200
    return render(
        request, "frontdesk/people/wait.html", {"desk": desk, "patient": found, "form": form}, status=status
    )


def _overtaken(
    request: HttpRequest, form: WaitingForm, entry: WaitingEntry | None, versions: dict[str, int]
) -> None:
    """Somebody was faster: what is saved now is said, what was typed stays, the next press replaces it."""
    given = request.POST.copy()
    given["seen"] = json.dumps(versions)
    form.data = given
    if entry is None:
        form.add_error(None, _("Nobody waits for this any more. What you typed is still here."))
        return
    names, days = weekday_names(), entry.wish.get("weekdays") or ()
    said = _(
        "Somebody has changed this meanwhile. Saved now: weekdays %(days)s, from %(first)s to %(last)s, "
        "%(hours)s hours of notice. What you typed is still here: look, then press again to replace it."
    )
    facts = {
        "days": ", ".join(str(names[day - 1]) for day in days) or _("any"),
        "first": entry.earliest or "–",
        "last": entry.latest or "–",
        "hours": entry.notice_hours,
    }
    form.add_error(None, said % facts)


@require_POST
@desk()
def leave(request: HttpRequest, entry: UUID, desk: Desk) -> HttpResponse:
    """Somebody waits no longer. Nothing that is booked changes."""
    found = waiting_seen_by(desk.actor).filter(clinic=desk.clinic, id=entry).first()
    if found is None:
        raise NotFound(_("Nobody waits there any more."))
    leave_waiting_list(found, actor=desk.actor, now=desk.now)
    messages.success(request, _("The place on the list is given up."), extra_tags="good")
    return redirect("desk-waiting", clinic=desk.clinic.slug)


def _standing(found: Patient, desk: Desk) -> dict[str, WaitingEntry]:
    """What the patient waits for at this clinic, by choice."""
    rows = waiting_seen_by(desk.actor).filter(clinic=desk.clinic, patient=found).select_related("protocol")
    return {f"session:{one.session_id}" if one.session_id else one.protocol.slug: one for one in rows}


def _key(what: str) -> str:
    """A choice as `_standing` knows it: one waits for a treatment, whatever the phase."""
    return what.partition("/")[0]


def _sessions(found: Patient, desk: Desk) -> dict[str, Session]:
    rows = sessions_seen_by(desk.actor).filter(
        patient=found, clinic=desk.clinic, status__in=lifecycle.MOVABLE, start__gt=desk.now
    )
    return {f"session:{one.id}": one for one in rows.order_by("start")}


def _choices(sessions: dict[str, Session], desk: Desk) -> list[tuple[str, str]]:
    """An earlier time of a visit that is booked, or a course that is not."""
    said = _("an earlier time than %(when)s, visit %(k)d")
    zone = desk.clinic.zone
    earlier = [
        (key, said % {"when": f"{one.start.astimezone(zone):%Y-%m-%d %H:%M}", "k": one.number})
        for key, one in sessions.items()
    ]
    courses = [
        choice
        for protocol in protocols(clinic=desk.clinic, signed_only=True).order_by("slug")
        if (version := in_effect(protocol)) is not None
        for choice in choices_of(protocol.slug, version.rules)
    ]
    return earlier + courses


def _join(given: dict[str, Any], found: Patient, sessions: dict[str, Session], desk: Desk) -> None:
    session = sessions.get(given["what"])
    slug, _slash, phase = given["what"].partition("/")
    if session is not None:
        protocol, phase = session.series.protocol_version.protocol, ""
    else:
        protocol = Protocol.objects.get(slug=slug)
    join_waiting_list(
        found,
        clinic=desk.clinic,
        protocol=protocol,
        phase=phase or None,
        session=session,
        wish=Wish(
            weekdays=frozenset(given["on"]), not_before=given["not_before"], not_after=given["not_after"]
        ),
        earliest=given["earliest"],
        latest=given["latest"],
        notice_hours=given["notice_hours"],
        if_version=None if given["seen"] is None else given["seen"].get(_key(given["what"]), 0),
        actor=desk.actor,
        now=desk.now,
    )


def _said(entry: WaitingEntry, rules: Mapping[str, Any] | None) -> dict[str, Any]:
    """An entry with its weekdays and its treatment in words; `rules`: those in effect, if any are."""
    names = weekday_names()
    days = [names[day - 1] for day in entry.wish.get("weekdays") or ()]
    what = f"{named(rules)} – {phase_words(rules, entry.phase)}" if rules else entry.protocol.slug
    return {"entry": entry, "days": ", ".join(str(day) for day in days), "wish": entry.wish, "what": what}
