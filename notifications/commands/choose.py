"""Say what is to be told how: a patient for themselves, a manager for a clinic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, NotFound, Stale
from bookings.models import Clinic, Patient, Protocol
from notifications.kinds import Basis, Channel, Kind
from notifications.models import Choices, ClinicVoice, Policy
from notifications.rules import MOST_RULES, SETTABLE, faults, parse

#: Where quiet hours may begin and end: never later in the evening, nor earlier in the morning, than 47 CFR
#: 64.1200(c)(1) has them, so that nobody is disturbed more than the law allows.
EARLIEST_BEGIN, LATEST_BEGIN = time(12), time(21)
EARLIEST_END, LATEST_END = time(8), time(12)
LONGEST_NAME = 30


def choose(
    patient: Patient,
    *,
    channels: Mapping[str, Sequence[str]] | None = None,
    quiet_begins: time | None = None,
    quiet_ends: time | None = None,
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Choices:
    """The patient hears of each kind in `channels` by these ways alone: an empty list silences it, and of a
    kind that is missing they hear as the clinic's policy has it.

    Their quiet hours count where they are longer than the clinic's. Everything is replaced. Patients choose
    for themselves only; what answers a question of theirs cannot be silenced.
    """
    if actor.is_patient and actor.id != patient.id:
        raise NotFound("There is no such patient.")
    wanted = _checked({} if channels is None else channels)
    _check_quiet(quiet_begins, quiet_ends)
    with transaction.atomic(durable=True):
        Choices.objects.bulk_create([Choices(patient=patient)], ignore_conflicts=True)
        row = Choices.objects.select_for_update().get(patient=patient)
        if if_version is not None and if_version != row.version:
            raise Stale(version=row.version)
        before = _choice_facts(row)
        row.channels, row.quiet_begins, row.quiet_ends = wanted, quiet_begins, quiet_ends
        after = _choice_facts(row)
        if after != before:
            row.version += 1
            row.save()
            journal.record(
                "choices_changed", actor=actor, now=now, patient=patient, before=before, after=after
            )
    return row


def change_voice(
    clinic: Clinic,
    *,
    changes: Mapping[str, Any],
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> ClinicVoice:
    """Another name to speak under, another legal ground for texts, other quiet hours: what `changes` names of
    `sender_name`, `basis`, `quiet_begins`, `quiet_ends`. What waits is brought in line.
    """
    with transaction.atomic(durable=True):
        ClinicVoice.objects.bulk_create([ClinicVoice(clinic=clinic)], ignore_conflicts=True)
        row = ClinicVoice.objects.select_for_update().get(clinic=clinic)
        if if_version is not None and if_version != row.version:
            raise Stale(version=row.version)
        before = voice_facts(row)
        for name in before.keys() & changes.keys():
            setattr(row, name, changes[name])
        _check_voice(row)
        after = voice_facts(row)
        if after != before:
            row.version += 1
            row.save()
            journal.record("voice_changed", actor=actor, now=now, clinic=clinic, before=before, after=after)
    return row


def set_policy(
    clinic: Clinic,
    *,
    protocol: Protocol | None = None,
    phase: str = "",
    rules: Sequence[Mapping[str, Any]] | None,
    actor: Actor,
    now: datetime,
) -> Policy | None:
    """These rules, and no others, count for the clinic, or for one protocol there, or one phase of it.

    None takes them away again: then the next more general policy counts, at last the one that ships. What is
    planned already is brought in line. Refuses with Invalid rules that make no sense.
    """
    if phase and protocol is None:
        raise Invalid("phase", "A phase is one of a protocol: name that as well.")
    _check_rules(rules)
    with transaction.atomic(durable=True):
        Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
        row = Policy.objects.filter(clinic=clinic, protocol=protocol, phase=phase).first()
        before = row.rules if row else None
        if rules == before:
            return row
        if rules is None:
            if row is not None:
                row.delete()
            row = None
        else:
            row = row or Policy(clinic=clinic, protocol=protocol, phase=phase, version=0)
            row.rules, row.version = list(rules), row.version + 1
            row.changed_at, row.changed_by_id = now, actor.id if actor.is_staff else None
            row.save()
        slot = {"protocol": str(protocol.id) if protocol else None, "phase": phase}
        journal.record(
            "policy_changed",
            actor=actor,
            now=now,
            clinic=clinic,
            before={**slot, "rules": before},
            after={**slot, "rules": None if rules is None else list(rules)},
        )
    return row


def voice_facts(voice: ClinicVoice) -> dict[str, Any]:
    """How a clinic speaks, times as `HH:MM`."""
    return {
        "sender_name": voice.sender_name,
        "basis": str(voice.basis),
        "quiet_begins": _clock(voice.quiet_begins),
        "quiet_ends": _clock(voice.quiet_ends),
    }


def _choice_facts(choices: Choices) -> dict[str, Any]:
    return {
        "channels": choices.channels,
        "quiet_begins": _clock(choices.quiet_begins),
        "quiet_ends": _clock(choices.quiet_ends),
    }


def _clock(at: time | str | None) -> str | None:
    if at is None:
        return None
    return (time.fromisoformat(at) if isinstance(at, str) else at).isoformat(timespec="minutes")


def _checked(channels: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    found = {}
    for kind, wanted in channels.items():
        if kind not in {str(each) for each in SETTABLE}:
            raise Invalid("channels", f"Nobody chooses the way of a message called {str(kind)[:40]!r}.")
        if not set(wanted) <= {str(each) for each in Channel}:
            raise Invalid("channels", "The ways are email and text.")
        found[str(Kind(kind))] = [str(each) for each in Channel if each in wanted]
    return found


def _check_voice(row: ClinicVoice) -> None:
    if len(row.sender_name) > LONGEST_NAME:
        raise Invalid("sender_name", f"A name of up to {LONGEST_NAME} characters.")
    if row.basis not in {str(each) for each in Basis}:
        raise Invalid("basis", "The ground is consent or exemption.")
    facts = voice_facts(row)
    _check_quiet(time.fromisoformat(facts["quiet_begins"]), time.fromisoformat(facts["quiet_ends"]))


def _check_quiet(begins: time | None, ends: time | None) -> None:
    if begins is not None and not EARLIEST_BEGIN <= begins <= LATEST_BEGIN:
        raise Invalid("quiet_begins", "Quiet hours begin from 12:00 to 21:00.")
    if ends is not None and not EARLIEST_END <= ends <= LATEST_END:
        raise Invalid("quiet_ends", "Quiet hours end from 08:00 to 12:00.")


def _check_rules(rules: Sequence[Mapping[str, Any]] | None) -> None:
    if rules is None:
        return
    if len(rules) > MOST_RULES:
        raise Invalid("rules", f"Up to {MOST_RULES} rules.")
    for number, field, detail in faults(parse(rules)):
        raise Invalid(f"rules.{number}.{field}", detail)
