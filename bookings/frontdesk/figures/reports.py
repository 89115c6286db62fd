"""Reports at the desk: the same numbers as `/api/v1/reports/…`, as plots and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.figures.page import READERS, Figure, percent, period_of, report_page
from bookings.frontdesk.figures.plots import stacked
from bookings.frontdesk.named import named, phase_words
from bookings.queries.protocols import protocols
from bookings.queries.reports.gaps import PhaseGaps, gaps
from bookings.queries.reports.no_shows import Lead, no_shows
from bookings.queries.reports.starts import starts
from bookings.queries.reports.utilisation import Utilisation, utilisation


@require_safe
@desk(*READERS)
def used(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How far chairs and nurses were used, date by date."""
    period, wrong = period_of(request, desk)
    found = utilisation(period)
    figures = [_chairs(found), _nurses(found)]
    return report_page(request, desk, name="utilisation", period=period, wrong=wrong, figures=figures)


@require_safe
@desk(*READERS)
def when(request: HttpRequest, desk: Desk) -> HttpResponse:
    """When visits begin, by the quarter of an hour."""
    period, wrong = period_of(request, desk)
    found = starts(period)
    labels = [f"{one.begins:%H:%M}" for one in found.quarters]
    says = ngettext(
        "%(count)d visit began or will begin.", "%(count)d visits began or will begin.", found.visits
    )
    said = says % {"count": found.visits}
    if found.busiest:
        more = _("At most %(most)d on one day, at %(time)s.")
        said += " " + more % {"most": found.busiest.most, "time": f"{found.busiest.begins:%H:%M}"}
    figure = Figure(
        heading=_("Starts by the quarter of an hour"),
        says=said,
        plot=stacked(labels, [("a", _("visits"), [one.visits for one in found.quarters])]),
        head=(_("From"), _("Visits"), _("Most on one day")),
        rows=[(label, one.visits, one.most) for label, one in zip(labels, found.quarters, strict=True)],
    )
    return report_page(request, desk, name="starts", period=period, wrong=wrong, figures=[figure])


@require_safe
@desk(*READERS)
def missed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who did not come, by how long before the time was settled."""
    period, wrong = period_of(request, desk)
    found = no_shows(period)
    labels = [_days(one) for one in found.leads]
    said = _("%(missed)d of %(all)d did not come: %(share)s.")
    total = found.total
    figure = Figure(
        heading=_("No-shows by lead time"),
        says=said % {"missed": total.missed, "all": total.missed + total.came, "share": percent(total.share)},
        plot=stacked(
            labels, [("bad", _("did not come"), [100 * (one.share or 0) for one in found.leads])], unit=" %"
        ),
        head=(_("Days before, when the time was settled"), _("Came"), _("Did not come"), _("Share")),
        rows=[
            (label, one.came, one.missed, percent(one.share))
            for label, one in zip(labels, found.leads, strict=True)
        ],
    )
    return report_page(request, desk, name="no-shows", period=period, wrong=wrong, figures=[figure])


@require_safe
@desk(*READERS)
def between(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How long the gaps of series are, by phase, against what the protocol asks for."""
    period, wrong = period_of(request, desk)
    rules = {protocol.slug: protocol.versions.all()[0].rules for protocol in protocols(signed_only=True)}
    figures = [_gaps(one, rules[one.protocol]) for one in gaps(period)]
    return report_page(request, desk, name="gaps", period=period, wrong=wrong, figures=figures)


def _chairs(found: Utilisation) -> Figure:
    total = found.total
    said = _("%(share)s of %(hours)s open chair hours were used.")
    labels, shares = [], []
    for day, one in found.days:
        labels.append(date_format(day, "j M"))
        shares.append(100 * (one.chairs_share or 0))
    return Figure(
        heading=_("Chairs"),
        says=said % {"share": percent(total.chairs_share), "hours": _hours(total.chairs_open)},
        plot=stacked(labels, [("a", _("used"), shares)], unit=" %"),
        head=(_("Date"), _("Hours open"), _("Hours used"), _("Share"), _("Hours used while closed")),
        rows=[
            (
                date_format(day, "D j M Y"),
                _hours(one.chairs_open),
                _hours(one.chairs_used),
                percent(one.chairs_share),
                _hours(one.chairs_beyond),
            )
            for day, one in found.days
        ],
    )


def _nurses(found: Utilisation) -> Figure:
    total = found.total
    said = _("%(share)s of %(hours)s nurse hours on duty were needed.")
    labels = [date_format(day, "j M") for day, _used in found.days]
    shares = [100 * (one.nurses_share or 0) for _day, one in found.days]
    return Figure(
        heading=_("Nurses"),
        says=said % {"share": percent(total.nurses_share), "hours": _hours(total.nurses_on_duty)},
        plot=stacked(labels, [("b", _("needed"), shares)], unit=" %"),
        head=(_("Date"), _("Hours on duty"), _("Hours needed"), _("Share"), _("Minutes with too few")),
        rows=[
            (
                date_format(day, "D j M Y"),
                _hours(one.nurses_on_duty),
                _hours(one.nurses_needed),
                percent(one.nurses_share),
                one.short,
            )
            for day, one in found.days
        ],
    )


def _gaps(one: PhaseGaps, rules: Mapping[str, Any]) -> Figure:
    counts = dict(one.by_days)
    days = list(range(min(counts), max(counts) + 1))
    parts: list[tuple[str, str, list[float]]] = [
        ("a", _("within the bounds"), []),
        ("warn", _("past the soft bound"), []),
        ("bad", _("past the hard bound"), []),
    ]
    for day in days:
        past_hard = one.hard is not None and day > one.hard
        past_soft = one.soft is not None and day > one.soft
        which = 2 if past_hard else 1 if past_soft else 0
        for place, (_kind, _word, values) in enumerate(parts):
            values.append(counts.get(day, 0) if place == which else 0)
    marks = [(days.index(one.target), "target", _("target"))] if one.target in days else []
    said = _(
        "%(count)d gaps: %(target)d on target, half of them up to %(median)d days, "
        "nine of ten up to %(ninth)d; "
        "%(soft)d past the soft bound, %(hard)d past the hard one."
    )
    return Figure(
        heading=f"{named(rules)}, {phase_words(rules, one.phase)}",
        says=said
        % {
            "count": one.count,
            "target": one.on_target,
            "median": one.percentile(0.5),
            "ninth": one.percentile(0.9),
            "soft": one.past_soft,
            "hard": one.past_hard,
        },
        plot=stacked([str(day) for day in days], parts, marks=marks),
        head=(_("Days"), _("Gaps"), _("Against the protocol")),
        rows=[(day, count, _against(day, one)) for day, count in one.by_days],
    )


def _against(day: int, one: PhaseGaps) -> str:
    if one.hard is not None and day > one.hard:
        return _("past the hard bound of %(days)d") % {"days": one.hard}
    if one.soft is not None and day > one.soft:
        return _("past the soft bound of %(days)d") % {"days": one.soft}
    return _("on target") if day == one.target else ""


def _days(one: Lead) -> str:
    if one.to_days is None:
        return _("%(days)d and more") % {"days": one.from_days}
    return str(one.from_days) if one.from_days == one.to_days else f"{one.from_days}–{one.to_days}"


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}"
