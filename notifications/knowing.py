"""What deciding asks of the database besides the diary: policies, voices, consents, choices, opt-outs and
what a treatment asks of its visits. One query, however many patients there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from django.db import connection

from bookings.models import Clinic, Patient, Series
from bookings.preparation import Preparation, preparation_of
from notifications.channels import text
from notifications.content import Voice
from notifications.defaults import DEFAULTS
from notifications.kinds import Basis, Channel
from notifications.models import Choices, ClinicVoice
from notifications.rules import Rule, parse
from notifications.timing import QUIET, QuietHours, wider
from notifications.ways import Person

_Slot = tuple[UUID, UUID | None, str]  # clinic, protocol, phase

# A booking asks all of this, and six round trips would be most of what its messages cost. Of the rules of a
# treatment, which are long, only two are read.
_KNOWN = """
    SELECT 'agreed', jsonb_build_array(patient_id)::text FROM bookings_consent
    WHERE patient_id = ANY (%(patients)s::uuid[]) AND purpose = 'texts' AND withdrawn_at IS NULL
    UNION ALL
    SELECT 'stopped', jsonb_build_array(channel, address)::text FROM notifications_optout
    WHERE channel IN ('email', 'text') AND address = ANY (%(addresses)s::text[]) AND lifted_at IS NULL
    UNION ALL
    SELECT 'choices', jsonb_build_array(patient_id, channels, quiet_begins, quiet_ends)::text
    FROM notifications_choices WHERE patient_id = ANY (%(patients)s::uuid[])
    UNION ALL
    SELECT 'voice', jsonb_build_array(clinic_id, sender_name, basis, quiet_begins, quiet_ends)::text
    FROM notifications_clinicvoice WHERE clinic_id = ANY (%(clinics)s::uuid[])
    UNION ALL
    SELECT 'policy', jsonb_build_array(clinic_id, protocol_id, phase, rules)::text
    FROM notifications_policy WHERE clinic_id = ANY (%(clinics)s::uuid[])
    UNION ALL
    SELECT 'treatment', jsonb_build_array(id, protocol_id, rules->'preparation', rules->'needs_escort')::text
    FROM bookings_protocolversion WHERE id = ANY (%(versions)s::uuid[])
"""


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
    _people: dict[tuple[UUID, UUID], Person] = field(default_factory=dict, compare=False)

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
        slot = patient.id, clinic
        if slot not in self._people:
            self._people[slot] = self._person(patient, clinic)
        return self._people[slot]

    def _person(self, patient: Patient, clinic: UUID) -> Person:
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
        quiet = QuietHours(voice.quiet_begins, voice.quiet_ends) if voice else QUIET
        choices = self.choices.get(patient.id) if patient else None
        return wider(quiet, begins=choices.quiet_begins, ends=choices.quiet_ends) if choices else quiet

    def voice(self, clinic: Clinic) -> Voice:
        """The clinic as it speaks."""
        voice = self.voices.get(clinic.id)
        name = voice.sender_name if voice and voice.sender_name else clinic.name
        return Voice(name=name, zone=clinic.zone, phone=clinic.phone, address=clinic.address)


def known_of(patients: Iterable[Patient], series: Iterable[Series], *, clinics: Iterable[UUID] = ()) -> Known:
    """What counts for messages to these patients about these series, and from these clinics besides. One
    query.
    """
    everybody = {patient.id: patient for patient in patients}
    all_series = list(series)
    addresses = {one.email for one in everybody.values()} | {one.phone for one in everybody.values()}
    asked: dict[str, Any] = {
        "patients": list(everybody),
        "addresses": list(addresses - {""}),
        "clinics": list({one.clinic_id for one in all_series} | set(clinics)),
        "versions": list({one.protocol_version_id for one in all_series}),
    }
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, asked)
        for what, row in cursor.fetchall():
            found.setdefault(what, []).append(orjson.loads(row))
    return Known(
        agreed=frozenset(UUID(patient) for (patient,) in found.get("agreed", ())),
        stopped=frozenset((channel, address) for channel, address in found.get("stopped", ())),
        choices={UUID(row[0]): _choices(*row) for row in found.get("choices", ())},
        voices={UUID(row[0]): _voice(*row) for row in found.get("voice", ())},
        policies={
            (UUID(clinic), UUID(protocol) if protocol else None, phase): parse(rules)
            for clinic, protocol, phase, rules in found.get("policy", ())
        },
        treatments={
            UUID(version): Treatment(
                UUID(protocol),
                preparation_of({"preparation": preparation}) if preparation else None,
                bool(escort),
            )
            for version, protocol, preparation, escort in found.get("treatment", ())
        },
    )


def zone_of(patient: Patient | None, *, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone on whose wall the patient lives; `otherwise`, the clinic's, where theirs is not known."""
    try:
        return ZoneInfo(patient.time_zone) if patient and patient.time_zone else otherwise
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise


def _choices(patient: str, channels: Any, begins: str | None, ends: str | None) -> Choices:
    return Choices(
        patient_id=UUID(patient),
        channels=channels,
        quiet_begins=time.fromisoformat(begins) if begins else None,
        quiet_ends=time.fromisoformat(ends) if ends else None,
    )


def _voice(clinic: str, name: str, basis: str, begins: str, ends: str) -> ClinicVoice:
    return ClinicVoice(
        clinic_id=UUID(clinic),
        sender_name=name,
        basis=basis,
        quiet_begins=time.fromisoformat(begins),
        quiet_ends=time.fromisoformat(ends),
    )
