"""Figures about a period of a clinic, for those who run it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.finding import own_clinic_of
from bookings.api.of_clinic import RUNNERS
from bookings.api.schema import describe
from bookings.bodies.fields import Key, Query
from bookings.bodies.times import Day
from bookings.queries.reports.gaps import PhaseGaps, gaps
from bookings.queries.reports.levelling import levelling
from bookings.queries.reports.no_shows import Lead, no_shows
from bookings.queries.reports.period import Period
from bookings.queries.reports.starts import starts
from bookings.queries.reports.utilisation import Used, utilisation


class ReportQuery(Query):
    """Which clinic, and which dates of its calendar."""

    clinic = Key(help_text="The id or slug.")

    def get_fields(self) -> dict[str, Any]:
        return {  # `from` is no name for a class attribute
            **super().get_fields(),
            "from": Day(help_text="The first date."),
            "to": Day(help_text="The last date, included; 366 days at most."),
        }


class UsedAnswer(serializers.Serializer[Any]):
    """Minutes. Who was cancelled or did not come takes none."""

    chairs_open = serializers.IntegerField(help_text="Of all chairs, in the weekly hours without closures.")
    chairs_used = serializers.IntegerField(help_text="Of those, from a start until the chair is free again.")
    chairs_beyond = serializers.IntegerField(help_text="Used while the chair was not open.")
    chairs_share = serializers.FloatField(allow_null=True, help_text="Used of what was open, 0 to 1.")
    nurses_on_duty = serializers.IntegerField(help_text="Of all nurses.")
    nurses_needed = serializers.IntegerField(help_text="In the clinic's way of counting.")
    nurses_share = serializers.FloatField(allow_null=True, help_text="Needed of those on duty.")
    short = serializers.IntegerField(help_text="During which fewer were on duty than were needed.")


class UsedDayAnswer(UsedAnswer):
    """One clinic-local date."""

    date = serializers.DateField()


class UtilisationAnswer(serializers.Serializer[Any]):
    """Chairs and nurses against what was open and who was on duty."""

    total = UsedAnswer()
    days = UsedDayAnswer(many=True)


class QuarterAnswer(serializers.Serializer[Any]):
    """A quarter of an hour of the clinic's wall-clock."""

    begins = serializers.CharField(help_text="HH:MM")
    visits = serializers.IntegerField(help_text="Of all dates together.")
    most = serializers.IntegerField(help_text="On one date.")


class StartsAnswer(serializers.Serializer[Any]):
    """When visits begin."""

    days = serializers.IntegerField(help_text="Dates with a visit.")
    visits = serializers.IntegerField()
    quarters = QuarterAnswer(many=True, help_text="From the first with a visit to the last.")


class LeadAnswer(serializers.Serializer[Any]):
    """Visits whose time was settled so many dates before."""

    from_days = serializers.IntegerField()
    to_days = serializers.IntegerField(allow_null=True, help_text="Included; null: without end.")
    came = serializers.IntegerField()
    missed = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="The missed part, 0 to 1.")


class NoShowsAnswer(serializers.Serializer[Any]):
    """Who did not come, by lead time: from when the time was booked, or last moved, to the visit."""

    total = LeadAnswer()
    leads = LeadAnswer(many=True)


class DaysAnswer(serializers.Serializer[Any]):
    """Gaps of one length."""

    days = serializers.IntegerField(help_text="Calendar days from date to date.")
    count = serializers.IntegerField()


class PhaseGapsAnswer(serializers.Serializer[Any]):
    """The gaps within series of one phase of one protocol."""

    protocol = serializers.CharField(help_text="The slug.")
    phase = serializers.CharField()
    target_gap_days = serializers.IntegerField(allow_null=True)
    soft_max_gap_days = serializers.IntegerField(allow_null=True)
    max_gap_days = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()
    on_target = serializers.IntegerField()
    past_soft = serializers.IntegerField(help_text="By the bound of each series' own version.")
    past_hard = serializers.IntegerField(help_text="Likewise.")
    mean = serializers.FloatField()
    median = serializers.IntegerField()
    by_days = DaysAnswer(many=True)


class GapsAnswer(serializers.Serializer[Any]):
    """How series run."""

    phases = PhaseGapsAnswer(many=True)


class LevelDayAnswer(serializers.Serializer[Any]):
    """A date with visits."""

    date = serializers.DateField()
    visits = serializers.IntegerField()
    set_ups = serializers.IntegerField(help_text="The most at one time that need a nurse to themselves.")
    chairs = serializers.IntegerField(help_text="The most chairs taken at one time.")


class LevelQuarterAnswer(serializers.Serializer[Any]):
    """A quarter of an hour of the clinic's wall-clock, all dates with visits together."""

    begins = serializers.CharField(help_text="HH:MM")
    visits = serializers.IntegerField(help_text="That begin in it.")
    opened = serializers.IntegerField(
        allow_null=True, help_text="Starts that the template opens on these dates; null: none is in force."
    )
    beyond = serializers.IntegerField(
        allow_null=True, help_text="Visits beyond what it opens for their length on their date."
    )
    chairs = serializers.FloatField(help_text="In use, on average.")


class LevellingAnswer(serializers.Serializer[Any]):
    """How level the days are."""

    template = serializers.UUIDField(allow_null=True, help_text="The one in force.")
    mean_set_ups = serializers.FloatField(allow_null=True, help_text="The mean of the days' `set_ups`.")
    days = LevelDayAnswer(many=True)
    quarters = LevelQuarterAnswer(many=True)


class Report(Endpoint):
    """A report about a period of a clinic."""

    roles = {}

    def period(self) -> Period:
        """The dates of the query, at a clinic where the caller works."""
        query = self.query(ReportQuery)
        clinic = own_clinic_of(query["clinic"], self.actor)
        self.zone = clinic.zone
        return Period(clinic, query["from"], query["to"])


class UtilisationReport(Report):
    """How far chairs and nurses were used."""

    roles = {"GET": RUNNERS}

    @describe(
        "Report utilisation",
        answers={200: UtilisationAnswer},
        query=ReportQuery,
        refusals=["not-found"],
        tag="reports",
    )
    def get(self, request: Request) -> Response:
        """Minutes of chairs and nurses by date. Weekly hours are those that a date had."""
        found = utilisation(self.period())
        days = [{"date": day, **_used(used)} for day, used in found.days]
        return Response({"total": _used(found.total), "days": days})


class StartsReport(Report):
    """When visits begin."""

    roles = {"GET": RUNNERS}

    @describe(
        "Report starts", answers={200: StartsAnswer}, query=ReportQuery, refusals=["not-found"], tag="reports"
    )
    def get(self, request: Request) -> Response:
        """Visits by the quarter of an hour in which they begin; neither cancelled nor missed ones."""
        found = starts(self.period())
        quarters = [
            {"begins": f"{one.begins:%H:%M}", "visits": one.visits, "most": one.most}
            for one in found.quarters
        ]
        return Response({"days": found.days, "visits": found.visits, "quarters": quarters})


class NoShowsReport(Report):
    """Who did not come."""

    roles = {"GET": RUNNERS}

    @describe(
        "Report no-shows",
        answers={200: NoShowsAnswer},
        query=ReportQuery,
        refusals=["not-found"],
        tag="reports",
    )
    def get(self, request: Request) -> Response:
        """Visits to which somebody came or did not, by how long before their time was settled."""
        found = no_shows(self.period())
        return Response({"total": _lead(found.total), "leads": [_lead(one) for one in found.leads]})


class GapsReport(Report):
    """How series run."""

    roles = {"GET": RUNNERS}

    @describe(
        "Report gaps", answers={200: GapsAnswer}, query=ReportQuery, refusals=["not-found"], tag="reports"
    )
    def get(self, request: Request) -> Response:
        """Days between the visits of a series, by phase, against target, soft and hard bound."""
        return Response({"phases": [_phase(one) for one in gaps(self.period())]})


class LevellingReport(Report):
    """How level the days are."""

    roles = {"GET": RUNNERS}

    @describe(
        "Report levelling",
        answers={200: LevellingAnswer},
        query=ReportQuery,
        refusals=["not-found"],
        tag="reports",
    )
    def get(self, request: Request) -> Response:
        """Set-ups at one time by date; starts against the template and chairs in use by quarter."""
        found = levelling(self.period())
        quarters = [{**asdict(one), "begins": f"{one.begins:%H:%M}"} for one in found.quarters]
        return Response(
            {
                "template": found.template,
                "mean_set_ups": found.mean_set_ups,
                "days": [asdict(one) for one in found.days],
                "quarters": quarters,
            }
        )


def _used(used: Used) -> dict[str, Any]:
    shares = {"chairs_share": used.chairs_share, "nurses_share": used.nurses_share}
    return {**asdict(used), **shares}


def _lead(lead: Lead) -> dict[str, Any]:
    return {name: getattr(lead, name) for name in ("from_days", "to_days", "came", "missed", "share")}


def _phase(one: PhaseGaps) -> dict[str, Any]:
    return {
        "protocol": one.protocol,
        "phase": one.phase,
        "target_gap_days": one.target,
        "soft_max_gap_days": one.soft,
        "max_gap_days": one.hard,
        "count": one.count,
        "on_target": one.on_target,
        "past_soft": one.past_soft,
        "past_hard": one.past_hard,
        "mean": one.mean,
        "median": one.percentile(0.5),
        "by_days": [{"days": days, "count": count} for days, count in one.by_days],
    }


urlpatterns = [
    path("reports/utilisation/", UtilisationReport.as_view(), name="report-utilisation"),
    path("reports/starts/", StartsReport.as_view(), name="report-starts"),
    path("reports/no-shows/", NoShowsReport.as_view(), name="report-no-shows"),
    path("reports/gaps/", GapsReport.as_view(), name="report-gaps"),
    path("reports/levelling/", LevellingReport.as_view(), name="report-levelling"),
]
