"""How series and sessions are said."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bookings.bodies.times import ClinicTime, Instant, local, localised
from bookings.clinical import overrides_for
from bookings.models import Series, SeriesStatus, Session, SessionStatus
from bookings.queries.series import sessions_of
from bookings.queries.sessions import allowed_verbs, sessions_of_course, steps_of


class StepAnswer(serializers.Serializer[Any]):
    """One part of a visit."""

    name = serializers.CharField()
    start = Instant()
    end = Instant()


class ChairAnswer(serializers.Serializer[Any]):
    """Where the patient sits."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class OverrideAnswer(serializers.Serializer[Any]):
    """A rule that was broken on purpose."""

    rule = serializers.CharField()
    reason = serializers.CharField(help_text="Empty for the front desk, where the rule is a clinical one.")
    by = serializers.CharField(allow_null=True)
    at = Instant()


class EscortAnswer(serializers.Serializer[Any]):
    """Who takes the patient home."""

    name = serializers.CharField()
    phone = serializers.CharField(help_text="Empty where it is not known.")


class SessionAnswer(serializers.Serializer[Session]):
    """One visit of a series. Needs `context` with `actor` and `now`."""

    id = serializers.UUIDField()
    series = serializers.UUIDField(source="series_id")
    number = serializers.IntegerField()
    of = serializers.SerializerMethodField(help_text="How many sessions the phase has.")
    patient = serializers.UUIDField(source="patient_id")
    clinic = serializers.UUIDField(source="clinic_id")
    chair = ChairAnswer()
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    start = ClinicTime()
    end = ClinicTime(help_text="The patient leaves.")
    chair_until = ClinicTime(help_text="The chair is free again.")
    steps = serializers.SerializerMethodField()
    allowed = serializers.SerializerMethodField(help_text="Verbs that you may use now.")
    overrides = serializers.SerializerMethodField()
    escort = serializers.SerializerMethodField()

    def get_of(self, session: Session) -> int:
        return sessions_of_course(session)

    @extend_schema_field(StepAnswer(many=True))
    def get_steps(self, session: Session) -> Any:
        return localised(steps_of(session), session.clinic.zone)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_allowed(self, session: Session) -> list[str]:
        return allowed_verbs(session, actor=self.context["actor"], now=self.context["now"])

    @extend_schema_field(OverrideAnswer(many=True))
    def get_overrides(self, session: Session) -> Any:
        zone = session.clinic.zone
        read = Instant().to_internal_value
        known = overrides_for(self.context["actor"], session.overrides)
        return [{**override, "at": local(read(override["at"]), zone)} for override in known]

    @extend_schema_field(EscortAnswer(allow_null=True))
    def get_escort(self, session: Session) -> dict[str, str] | None:
        if not session.escort_name:
            return None
        return {"name": session.escort_name, "phone": session.escort_phone}


class SeriesAnswer(serializers.Serializer[Series]):
    """One patient's course under one phase of a protocol. Needs `context` with `actor` and `now`."""

    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    clinic = serializers.UUIDField(source="clinic_id")
    protocol = serializers.UUIDField(source="protocol_version.protocol_id")
    protocol_version = serializers.IntegerField(source="protocol_version.version")
    phase = serializers.CharField()
    status = serializers.ChoiceField(choices=SeriesStatus.choices)
    sessions = serializers.SerializerMethodField()

    @extend_schema_field(SessionAnswer(many=True))
    def get_sessions(self, series: Series) -> Any:
        return SessionAnswer(sessions_of(series), many=True, context=self.context).data
