"""The desk's report on messages: what became of those that were due, as a plot and as tables."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.figures.page import READERS, Figure, period_of, report_page
from bookings.frontdesk.figures.plots import stacked
from bookings.frontdesk.sentences import said as in_words
from notifications.kind_words import CHANNEL, KIND
from notifications.kinds import Channel, Kind, Status
from notifications.results import Reason, Result, results

#: What a status comes to: kind of bar, word, statuses.
_OUTCOMES = (
    ("b", gettext_lazy("went out"), (Status.SENT, Status.DELIVERED)),
    ("soft", gettext_lazy("still to come"), (Status.PLANNED, Status.SENDING)),
    ("a", gettext_lazy("no longer true"), (Status.WITHDRAWN,)),
    ("warn", gettext_lazy("not wanted, or too late"), (Status.SUPPRESSED, Status.LAPSED)),
    ("bad", gettext_lazy("failed"), (Status.FAILED,)),
)


@require_safe
@desk(*READERS)
def messages_report(request: HttpRequest, desk: Desk) -> HttpResponse:
    """By kind and way, and why messages did not go out."""
    period, wrong = period_of(request, desk)
    found = results(period)
    figures = [_outcomes(found.results), _reasons(found.reasons)] if found.results else []
    return report_page(request, desk, name="messages", period=period, wrong=wrong, figures=figures)


def _outcomes(found: tuple[Result, ...]) -> Figure:
    labels = [f"{KIND[Kind(one.kind)]} ({CHANNEL[Channel(one.channel)]})" for one in found]
    parts = [
        (kind, str(word), [float(sum(one.by_status.get(each, 0) for each in statuses)) for one in found])
        for kind, word, statuses in _OUTCOMES
    ]
    said = _("%(out)d of %(count)d messages went out, %(failed)d failed.")
    return Figure(
        heading=_("Messages by what became of them"),
        says=said
        % {
            "out": sum(one.went_out for one in found),
            "count": sum(one.count for one in found),
            "failed": sum(one.by_status.get(Status.FAILED, 0) for one in found),
        },
        plot=stacked([str(place) for place in range(1, len(found) + 1)], parts),
        head=("", _("Message"), *(str(word) for _kind, word, _statuses in _OUTCOMES)),
        rows=[
            (place + 1, label, *(int(values[place]) for _kind, _word, values in parts))
            for place, label in enumerate(labels)
        ],
    )


def _reasons(found: tuple[Reason, ...]) -> Figure:
    return Figure(
        heading=_("Why messages did not go out"),
        says=_("The commonest reasons.") if found else _("All that were due went out or still will."),
        plot=None,
        head=(_("Reason"), _("By"), _("Messages")),
        rows=[(in_words(one.reason), CHANNEL[Channel(one.channel)], one.count) for one in found],
    )
