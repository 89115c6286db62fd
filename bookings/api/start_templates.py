"""Templates of starts: asked for, looked at, taken into force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.finding import the
from bookings.api.of_clinic import MANAGERS, OfClinic
from bookings.api.pagination import PageQuery, page_of, paged
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.levelling import TemplateBody
from bookings.bodies.times import local
from bookings.commands.levelling import ask_for_template, take_into_force
from bookings.models import Clinic, StartTemplate
from bookings.usual_week import USUAL_WEEKS


class LengthAnswer(serializers.Serializer[Any]):
    """Visits of one length."""

    minutes = serializers.IntegerField(help_text="For which a visit holds its chair.")
    visits = serializers.IntegerField()


class TemplateDayAnswer(serializers.Serializer[Any]):
    """What a weekday was drawn up for, and what was proven of it."""

    weekday = serializers.IntegerField(help_text="1 is Monday.")
    dates = serializers.IntegerField(help_text="On which the clinic was open.")
    wanted = LengthAnswer(many=True, help_text="Visits of a usual day.")
    unmet = serializers.IntegerField(help_text="Of those, how many have no place in the template.")
    peak = serializers.IntegerField(help_text="The most visits at one time that need a nurse to themselves.")
    peak_bound = serializers.IntegerField(help_text="No template with so many visits has less.")
    peak_before = serializers.FloatField(help_text="The mean of that peak over the dates.")
    proven = serializers.BooleanField(help_text="Whether no better template exists.")


class BookedAnswer(LengthAnswer):
    """What began in one quarter of an hour, all dates together."""

    weekday = serializers.IntegerField()
    begins = serializers.CharField(help_text="HH:MM")


class OpenedAnswer(serializers.Serializer[Any]):
    """What one quarter of an hour opens."""

    weekday = serializers.IntegerField()
    begins = serializers.CharField(help_text="HH:MM")
    minutes = serializers.IntegerField()
    starts = serializers.IntegerField()


class TemplateAnswer(serializers.Serializer[Any]):
    """A template of starts. While it is being drawn up, `drawn_up_at` is null and it opens nothing."""

    id = serializers.UUIDField()
    first = serializers.DateField(help_text="The first date that it was drawn up from.")
    last = serializers.DateField()
    asked_at = serializers.DateTimeField()
    drawn_up_at = serializers.DateTimeField(allow_null=True)
    in_force_since = serializers.DateTimeField(allow_null=True)
    days = TemplateDayAnswer(many=True)
    booked = BookedAnswer(many=True)
    opened = OpenedAnswer(many=True)


class StartTemplates(OfClinic):
    """The templates of a clinic."""

    roles = {"GET": STAFF, "POST": MANAGERS}

    @describe(
        "List the templates of starts",
        answers={200: page_of(TemplateAnswer, "TemplatePage")},
        query=PageQuery,
        refusals=["not-found"],
        tag="levelling",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """The newest first."""
        own = self.clinic(clinic)
        return paged(
            request,
            own.start_templates.all(),
            order=("-asked_at", "-id"),
            represent=lambda rows: [template_answer(row, own) for row in rows],
        )

    @describe(
        "Have a template of starts drawn up",
        body=TemplateBody,
        answers={202: TemplateAnswer},
        refusals=["not-found", "busy"],
        tag="levelling",
    )
    def post(self, request: Request, clinic: str) -> Response:
        """A worker draws it up, within minutes. While one is being drawn up, that one is answered."""
        own = self.clinic(clinic)
        weeks = self.body(TemplateBody).get("weeks", USUAL_WEEKS)
        template = ask_for_template(own, weeks=weeks, actor=self.actor, now=self.now)
        return Response(template_answer(template, own), 202)


class OneStartTemplate(OfClinic):
    """One template."""

    roles = {"GET": STAFF}

    @describe(
        "Show a template of starts",
        answers={200: TemplateAnswer},
        refusals=["not-found"],
        tag="levelling",
    )
    def get(self, request: Request, clinic: str, template: UUID) -> Response:
        """`days` grows while it is being drawn up."""
        own = self.clinic(clinic)
        return Response(template_answer(the(own.start_templates.filter(id=template), "template"), own))


class TakeIntoForce(OfClinic):
    """The step that makes a template count."""

    roles = {"POST": MANAGERS}

    @describe(
        "Take a template of starts into force",
        answers={200: TemplateAnswer},
        refusals=["not-found", "wrong-state", "busy"],
        tag="levelling",
    )
    def post(self, request: Request, clinic: str, template: UUID) -> Response:
        """It takes the place of the one before and switches `levelling` on. What is booked stays."""
        own = self.clinic(clinic)
        found = the(own.start_templates.filter(id=template), "template")
        return Response(template_answer(take_into_force(found, actor=self.actor, now=self.now), own))


def template_answer(template: StartTemplate, clinic: Clinic) -> dict[str, Any]:
    """A template, in the clinic's wall-clock."""
    names = ("id", "first", "last", "days", "booked", "opened")
    times = ("asked_at", "drawn_up_at", "in_force_since")
    return {
        **{name: getattr(template, name) for name in names},
        **{name: (at := getattr(template, name)) and local(at, clinic.zone) for name in times},
    }


_AT = "clinics/<str:clinic>/start-templates/"
urlpatterns = [
    path(_AT, StartTemplates.as_view(), name="start-templates"),
    path(f"{_AT}<uuid:template>/", OneStartTemplate.as_view(), name="start-template"),
    path(f"{_AT}<uuid:template>/take-into-force/", TakeIntoForce.as_view(), name="take-into-force"),
]
