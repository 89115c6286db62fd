"""What patients want to hear by which way, and how a clinic speaks."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.etags import expected_version, tagged
from bookings.api.of_clinic import MANAGERS, OfClinic
from bookings.api.patients import patient_of
from bookings.api.permissions import STAFF
from bookings.api.schema import describe
from bookings.bodies.fields import Body, OneOf, Text
from bookings.bodies.times import ClockTime
from bookings.models import Patient, Role
from notifications.commands.choose import LONGEST_NAME, change_voice, choose, voice_facts
from notifications.kinds import Basis, Channel
from notifications.models import Choices, ClinicVoice
from notifications.rules import SETTABLE

_ME = frozenset({Role.PATIENT})


class ChoicesBody(Body):
    """By which way of each kind of message; what is left out follows the clinic's policy."""

    channels = serializers.DictField(
        child=serializers.ListField(child=OneOf(choices=[each.value for each in Channel]), max_length=2),
        required=False,
        help_text=f"Kind → ways; an empty list silences it. Kinds: {', '.join(SETTABLE)}.",
    )
    quiet_begins = ClockTime(required=False, allow_null=True, help_text="From 12:00 to 21:00.")
    quiet_ends = ClockTime(required=False, allow_null=True, help_text="From 08:00 to 12:00.")


class ChoicesAnswer(serializers.Serializer[Any]):
    """By which way a patient hears of each kind of message; a kind that is missing follows the policy."""

    patient = serializers.UUIDField()
    channels = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    quiet_begins = ClockTime(allow_null=True, help_text="On the patient's own wall; null: as the clinic's.")
    quiet_ends = ClockTime(allow_null=True)


_EXAMPLE = OpenApiExample(
    "Reminders by text, no follow-ups, silence from seven",
    value={"channels": {"reminder": ["text"], "follow_up": []}, "quiet_begins": "19:00"},
    request_only=True,
)


class _Choices(Endpoint):
    """The choices of one patient."""

    roles = {}

    def shown(self, patient: Patient) -> Response:
        row = Choices.objects.filter(patient=patient).first() or Choices(patient=patient)
        return tagged(self.request, _choices_answer(row), version=row.version)

    def chosen(self, patient: Patient) -> Response:
        body = self.body(ChoicesBody)
        row = Choices.objects.filter(patient=patient).first() or Choices(patient=patient)
        row = choose(
            patient,
            channels=body.get("channels"),
            quiet_begins=body.get("quiet_begins"),
            quiet_ends=body.get("quiet_ends"),
            if_version=expected_version(self.request, row.version),
            actor=self.actor,
            now=self.now,
        )
        return tagged(self.request, _choices_answer(row), version=row.version)


class MyChoices(_Choices):
    """One's own choices."""

    roles = {"GET": _ME, "PUT": _ME}

    @describe("Show my message choices", answers={200: ChoicesAnswer}, tagged=True, tag="about me")
    def get(self, request: Request) -> Response:
        """A kind that is missing follows the clinic's policy."""
        return self.shown(request.user.patient)

    @describe(
        "Choose how I hear of things",
        body=ChoicesBody,
        answers={200: ChoicesAnswer},
        tagged=True,
        examples=[_EXAMPLE],
        tag="about me",
    )
    def put(self, request: Request) -> Response:
        """Everything is replaced. Messages that wait are brought in line."""
        return self.chosen(request.user.patient)


class PatientsChoices(_Choices):
    """A patient's choices, for staff."""

    roles = {"GET": STAFF, "PUT": STAFF}

    @describe(
        "Show a patient's message choices",
        answers={200: ChoicesAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="patients",
    )
    def get(self, request: Request, patient: UUID) -> Response:
        """A kind that is missing follows the clinic's policy."""
        return self.shown(patient_of(patient))

    @describe(
        "Choose for a patient how they hear of things",
        body=ChoicesBody,
        answers={200: ChoicesAnswer},
        refusals=["not-found"],
        tagged=True,
        examples=[_EXAMPLE],
        tag="patients",
    )
    def put(self, request: Request, patient: UUID) -> Response:
        """Everything is replaced, as they asked for. Messages that wait are brought in line."""
        return self.chosen(patient_of(patient))


class VoiceBody(Body):
    """How a clinic speaks; what is left out stays."""

    sender_name = Text(
        required=False,
        max_length=LONGEST_NAME,
        allow_blank=True,
        help_text="In place of the clinic's name, where that says too much. Empty: the clinic's name.",
    )
    basis = OneOf(choices=[each.value for each in Basis], required=False)
    quiet_begins = ClockTime(required=False, help_text="From 12:00 to 21:00.")
    quiet_ends = ClockTime(required=False, help_text="From 08:00 to 12:00.")


class VoiceAnswer(serializers.Serializer[Any]):
    """How a clinic speaks."""

    sender_name = serializers.CharField()
    basis = serializers.ChoiceField(
        choices=[each.value for each in Basis],
        help_text="On which ground texts are sent: the patient's consent, or the health-care exemption.",
    )
    quiet_begins = ClockTime(help_text="On the patient's wall.")
    quiet_ends = ClockTime()


class OneVoice(OfClinic):
    """How a clinic speaks."""

    roles: ClassVar[Any] = {"GET": STAFF, "PATCH": MANAGERS}

    @describe(
        "Show how a clinic speaks",
        answers={200: VoiceAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="messages",
    )
    def get(self, request: Request, clinic: str) -> Response:
        """Its name in messages, the ground on which it sends texts, and when it is silent."""
        own = self.clinic(clinic)
        row = ClinicVoice.objects.filter(clinic=own).first() or ClinicVoice(clinic=own)
        return tagged(request, voice_facts(row), version=row.version)

    @describe(
        "Change how a clinic speaks",
        body=VoiceBody,
        answers={200: VoiceAnswer},
        refusals=["not-found"],
        tagged=True,
        tag="messages",
    )
    def patch(self, request: Request, clinic: str) -> Response:
        """What is left out stays. Messages that wait are brought in line."""
        own = self.clinic(clinic)
        row = ClinicVoice.objects.filter(clinic=own).first() or ClinicVoice(clinic=own)
        row = change_voice(
            own,
            changes=self.body(VoiceBody),
            if_version=expected_version(request, row.version),
            actor=self.actor,
            now=self.now,
        )
        return tagged(request, voice_facts(row), version=row.version)


def _choices_answer(row: Choices) -> dict[str, Any]:
    def clock(at: Any) -> Any:
        return at.isoformat(timespec="minutes") if at else None

    return {
        "patient": row.patient_id,
        "channels": row.channels,
        "quiet_begins": clock(row.quiet_begins),
        "quiet_ends": clock(row.quiet_ends),
    }


urlpatterns = [
    path("me/message-choices/", MyChoices.as_view(), name="my-message-choices"),
    path(
        "patients/<uuid:patient>/message-choices/", PatientsChoices.as_view(), name="patients-message-choices"
    ),
    path("clinics/<str:clinic>/voice/", OneVoice.as_view(), name="voice"),
]
