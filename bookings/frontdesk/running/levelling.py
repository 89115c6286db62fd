"""Templates of starts: drawn up from what was booked, shown beside it, taken into force and switched off."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bookings.bodies.fields import Body
from bookings.bodies.levelling import TemplateBody
from bookings.commands.clinics import change_clinic
from bookings.commands.levelling import ask_for_template, take_into_force
from bookings.errors import NotFound
from bookings.frontdesk.access import Desk, desk, seen_version
from bookings.frontdesk.figures.page import Figure
from bookings.frontdesk.figures.plots import stacked
from bookings.frontdesk.running.foreseeing import saved
from bookings.frontdesk.running.hours import weekday_name
from bookings.frontdesk.running.written import Written
from bookings.models import Role, StartTemplate
from bookings.usual_week import USUAL_WEEKS
from scheduler.start_template import QUARTER

_SHOWN = 6  # templates to choose from; older ones stay in the API


class AskForm(Written):
    """From how many weeks a template is to be drawn up."""

    body: ClassVar[type[Body]] = TemplateBody
    weeks = forms.IntegerField(label=gettext_lazy("From so many weeks before today"), initial=USUAL_WEEKS)


@require_safe
@desk()
def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The template in force or the one of the address, and for a manager what may be done about it."""
    return _show(request, desk, AskForm())


@require_POST
@desk(Role.MANAGER)
def ask(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One more template, which a worker draws up."""
    form = AskForm(request.POST)
    if not form.is_valid():
        return _show(request, desk, form)
    ask_for_template(desk.clinic, **form.read, actor=desk.actor, now=desk.now)
    return redirect("desk-levelling", clinic=desk.clinic.slug)


@require_POST
@desk(Role.MANAGER)
def take(request: HttpRequest, template: UUID, desk: Desk) -> HttpResponse:
    """The clinic levels by this one from now on."""
    found = desk.clinic.start_templates.filter(id=template).first()
    if found is None:
        raise NotFound(_("There is no such template."))
    take_into_force(found, actor=desk.actor, now=desk.now)
    saved(request)
    return redirect("desk-levelling", clinic=desk.clinic.slug)


@require_POST
@desk(Role.MANAGER)
def switch(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Levelling off, or on again by the template that is in force."""
    change_clinic(
        desk.clinic,
        changes={"levelling": request.POST.get("levelling") == "on"},
        if_version=seen_version(request),
        actor=desk.actor,
        now=desk.now,
    )
    saved(request)
    return redirect("desk-levelling", clinic=desk.clinic.slug)


def _show(request: HttpRequest, desk: Desk, form: AskForm) -> HttpResponse:
    templates = list(desk.clinic.start_templates.all()[:_SHOWN])
    in_force = desk.clinic.start_templates.filter(in_force_since__isnull=False).first()
    drawn_up = [one for one in templates if one.drawn_up_at is not None]
    wanted = request.GET.get("template", "")
    shown = next((one for one in drawn_up if str(one.id) == wanted), None) or next(iter(drawn_up), in_force)
    context = {
        "desk": desk,
        "form": form,
        "may_change": desk.actor.role == Role.MANAGER,
        "in_force": in_force,
        "waiting": next((one for one in templates if one.drawn_up_at is None), None),
        "others": [one for one in drawn_up if one != shown],
        "shown": shown,
        "days": _days(shown) if shown else [],
        "figures": _figures(shown) if shown else [],
    }
    return render(request, "frontdesk/running/levelling.html", context, status=400 if form.errors else 200)


def _days(template: StartTemplate) -> list[dict[str, Any]]:
    """Each weekday in a row: what it asks for, and what the template makes of it."""
    return [
        {
            **day,
            "name": weekday_name(day["weekday"]),
            "visits": sum(one["visits"] for one in day["wanted"]),
        }
        for day in template.days
    ]


def _figures(template: StartTemplate) -> list[Figure]:
    """Each weekday: the starts that are opened, and beside them what began in each quarter on a mean date."""
    began: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for one in template.booked:
        began[one["weekday"]][one["begins"]] += one["visits"]
    opened: defaultdict[int, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    starts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for one in template.opened:
        words = _("%(starts)d of %(minutes)d min") % {"starts": one["starts"], "minutes": one["minutes"]}
        opened[one["weekday"]][one["begins"]].append(words)
        starts[one["weekday"]][one["begins"]] += one["starts"]
    figures = []
    for day in template.days:
        weekday, dates = day["weekday"], day["dates"]
        labels = _quarters({*began[weekday], *starts[weekday]})
        said = _(
            "%(visits)d visits a day; before, %(before)s were set up at one time on a mean day, now %(peak)d."
        )
        figures.append(
            Figure(
                heading=weekday_name(weekday),
                says=said
                % {
                    "visits": sum(starts[weekday].values()),
                    "before": f"{day['peak_before']:.1f}",
                    "peak": day["peak"],
                },
                plot=stacked(labels, [("a", _("opened"), [starts[weekday][label] for label in labels])]),
                head=(_("From"), _("Began on a mean day"), _("Opened")),
                rows=[
                    (label, f"{began[weekday][label] / dates:.1f}", ", ".join(opened[weekday][label]) or "–")
                    for label in labels
                ],
            )
        )
    return figures


def _quarters(named: set[str]) -> list[str]:
    """Every quarter of an hour from the first to the last of them."""
    clocks = sorted(int(one[:2]) * 60 + int(one[3:]) for one in named)
    return (
        [f"{at // 60:02}:{at % 60:02}" for at in range(clocks[0], clocks[-1] + 1, QUARTER)] if clocks else []
    )
