"""What became of the messages of a period, for those who run the clinic."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.of_clinic import RUNNERS
from bookings.api.reports import Report, ReportQuery
from bookings.api.schema import describe
from notifications.api.choices import CHANNELS, KINDS
from notifications.kinds import Status
from notifications.results import results


class ResultAnswer(serializers.Serializer[Any]):
    """The messages of one kind by one way."""

    kind = serializers.ChoiceField(choices=KINDS)
    channel = serializers.ChoiceField(choices=CHANNELS)
    count = serializers.IntegerField()
    went_out = serializers.IntegerField(help_text="Sent or delivered.")
    by_status = serializers.DictField(
        child=serializers.IntegerField(),
        help_text=f"Any of {', '.join(f'`{status}`' for status in Status)}.",
    )


class UnsentAnswer(serializers.Serializer[Any]):
    """Why so many did not go out."""

    channel = serializers.ChoiceField(choices=CHANNELS)
    status = serializers.CharField()
    reason = serializers.CharField()
    count = serializers.IntegerField()


class ResultsAnswer(serializers.Serializer[Any]):
    """What became of messages."""

    results = ResultAnswer(many=True)
    reasons = UnsentAnswer(many=True, help_text="The commonest ones.")


class MessagesReport(Report):
    """What became of the messages that were due."""

    roles = {"GET": RUNNERS}

    @describe(
        "Report message results",
        answers={200: ResultsAnswer},
        query=ReportQuery,
        refusals=["not-found"],
        tag="reports",
    )
    def get(self, request: Request) -> Response:
        """By kind and way, with the commonest reasons of what did not go out. Sign-in codes are left out."""
        found = results(self.period())
        rows = [
            {
                "kind": one.kind,
                "channel": one.channel,
                "count": one.count,
                "went_out": one.went_out,
                "by_status": one.by_status,
            }
            for one in found.results
        ]
        return Response({"results": rows, "reasons": [asdict(one) for one in found.reasons]})


urlpatterns = [path("reports/messages/", MessagesReport.as_view(), name="report-messages")]
