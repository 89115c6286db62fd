"""What deciding asks of the database besides the diary: policies, voices, consents, choices, opt-outs and
what a treatment asks of its visits. Seven queries, however many patients there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import F
from django.db.models.fields.json import KT

from bookings.models import Clinic, Consent, ConsentPurpose, Patient, ProtocolVersion, Series
from bookings.preparation import Preparation, preparation_of
from notifications.channels import text
from notifications.content import Voice
from notifications.defaults import DEFAULTS
from notifications.kinds import Basis, Channel
from notifications.models import Choices, ClinicVoice, OptOut, Policy
from notifications.rules import Rule, parse
from notifications.timing import QUIET, QuietHours, wider
from notifications.ways import Person

_Slot = tuple[UUID, UUID | None, str]  # clinic, protocol, phase


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a version of a protocol asks of its visits."""

    protocol: UUID
    preparation: Preparation | None  # None: it says nothing about it
    needs_escort: bool


@dataclass(frozen=True)
class Known:
    """What was known when it was read."""

    agreed: Collection[UUID]  # patients who agreed to texts
    stopped: Collection[tuple[str, str]]  # channel and address
    choices: Mapping[UUID, Choices]
    voices: Mapping[UUID, ClinicVoice]
    policies: Mapping[_Slot, tuple[Rule, ...]]
    treatments: Mapping[UUID, Treatment]

    def rules(self, series: Series) -> tuple[Rule, ...]:
        """The most particular policy of the clinic for the series."""
        clinic, protocol = series.clinic_id, self.treatments[series.protocol_version_id].protocol
        slots: tuple[_Slot, ...] = (
            (clinic, protocol, series.phase),
            (clinic, protocol, ""),
            (clinic, None, ""),
        )
        return next((self.policies[slot] for slot in slots if slot in self.policies), DEFAULTS)

    def treatment(self, series: Series) -> Treatment:
        return self.treatments[series.protocol_version_id]

    def person(self, patient: Patient, clinic: UUID) -> Person:
        """The patient as the clinic may reach them."""
        addresses = {Channel.EMAIL: patient.email, Channel.TEXT: patient.phone}
        choices = self.choices.get(patient.id)
        return Person(
            email=patient.email,
            phone=patient.phone,
            texts_agreed=patient.id in self.agreed,
            stopped=frozenset(
                channel for channel, address in addresses.items() if (channel, address) in self.stopped
            ),
            choices=choices.channels if choices else {},
            basis=self.basis(clinic),
            texts_set_up=text.is_set_up(),
        )

    def basis(self, clinic: UUID) -> Basis:
        """On which ground the clinic sends texts."""
        voice = self.voices.get(clinic)
        return Basis(voice.basis) if voice else Basis.CONSENT

    def quiet(self, patient: Patient | None, clinic: UUID) -> QuietHours:
        """The clinic's quiet hours, made longer where the patient wants that."""
        voice = self.voices.get(clinic)
        quiet = QuietHours(_clock(voice.quiet_begins), _clock(voice.quiet_ends)) if voice else QUIET
        choices = self.choices.get(patient.id) if patient else None
        return wider(quiet, begins=choices.quiet_begins, ends=choices.quiet_ends) if choices else quiet

    def voice(self, clinic: Clinic) -> Voice:
        """The clinic as it speaks."""
        voice = self.voices.get(clinic.id)
        name = voice.sender_name if voice and voice.sender_name else clinic.name
        return Voice(name=name, zone=clinic.zone, phone=clinic.phone, address=clinic.address)


def known_of(patients: Iterable[Patient], series: Iterable[Series]) -> Known:
    """What counts for messages to these patients about these series. Six queries."""
    everybody = {patient.id: patient for patient in patients}
    all_series = list(series)
    clinics = {one.clinic_id for one in all_series}
    addresses = {one.email for one in everybody.values()} | {one.phone for one in everybody.values()}
    opt_outs = OptOut.objects.filter(address__in=addresses - {""}, lifted_at__isnull=True)
    consents = Consent.objects.filter(
        patient__in=everybody, purpose=ConsentPurpose.TEXTS, withdrawn_at__isnull=True
    )
    return Known(
        agreed=frozenset(consents.values_list("patient_id", flat=True)),
        stopped=frozenset(opt_outs.values_list("channel", "address")),
        choices=Choices.objects.in_bulk(everybody),
        voices=ClinicVoice.objects.in_bulk(clinics),
        policies={
            (policy.clinic_id, policy.protocol_id, policy.phase): parse(policy.rules)
            for policy in Policy.objects.filter(clinic__in=clinics)
        },
        treatments=_treatments({one.protocol_version_id for one in all_series}),
    )


def zone_of(patient: Patient | None, *, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone on whose wall the patient lives; `otherwise`, the clinic's, where theirs is not known."""
    try:
        return ZoneInfo(patient.time_zone) if patient and patient.time_zone else otherwise
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise


def _treatments(versions: Collection[UUID]) -> dict[UUID, Treatment]:
    # Of rules that are long, only these two are read.
    rows = ProtocolVersion.objects.filter(id__in=versions).annotate(
        preparation=F("rules__preparation"), escort=KT("rules__needs_escort")
    )
    return {
        version: Treatment(
            protocol,
            preparation_of({"preparation": preparation}) if preparation else None,
            escort == "true",
        )
        for version, protocol, preparation, escort in rows.values_list(
            "id", "protocol_id", "preparation", "escort"
        )
    }


def _clock(value: Any) -> time:
    return value if isinstance(value, time) else time.fromisoformat(value)
