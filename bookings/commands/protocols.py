"""Protocols: every change is a next version, and a version takes effect when a prescriber signs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.consistency import contradictions
from bookings.errors import Invalid, NotAllowed, Stale, WrongState
from bookings.given_once import given_once
from bookings.models import Clinic, Protocol, ProtocolVersion, Role

_SLUG_ONCE = "bookings_protocol_slug_key"


def add_protocol(
    slug: str, *, rules: Mapping[str, Any], clinics: Collection[Clinic], actor: Actor, now: datetime
) -> ProtocolVersion:
    """Version 1 of a new protocol, offered at those clinics once it is signed.

    A prescriber's own is signed at once. `rules` has the keys of the contract's protocol; `slug` may be left
    out. Refuses with `Invalid` when they contradict one another, so that no series could keep them all.
    """
    _refuse_contradictions(rules)
    with transaction.atomic(durable=True):
        with given_once(slug=_SLUG_ONCE):
            protocol = Protocol.objects.create(slug=slug)
        protocol.clinics.set(clinics)
        journal.record(
            "protocol_added", actor=actor, now=now, after={"protocol": str(protocol.id), "slug": slug}
        )
        return _add(protocol, number=1, rules=rules, actor=actor, now=now)


def add_protocol_version(
    protocol: Protocol,
    *,
    rules: Mapping[str, Any],
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> ProtocolVersion:
    """The next version. Series that are booked keep theirs; a version still unsigned can no longer be signed.

    The spacing group stays: sessions of two groups do not look at one another, so a new name would let a
    patient have two treatments on one day. Refuses with `Stale` when `if_version` is no longer the latest.
    """
    _refuse_contradictions(rules)
    with transaction.atomic(durable=True):
        Protocol.objects.select_for_update().get(id=protocol.id)  # two makers: two numbers
        latest = protocol.versions.order_by("-version")[0]
        if if_version is not None and if_version != latest.version:
            raise Stale(version=latest.version)
        group = latest.rules["spacing_group"]
        if rules["spacing_group"] != group:
            raise Invalid(
                "spacing_group", f"Every version of a protocol keeps its spacing group, here {group}."
            )
        return _add(protocol, number=latest.version + 1, rules=rules, actor=actor, now=now)


def sign_protocol(
    protocol: Protocol, *, version: int | None = None, actor: Actor, now: datetime
) -> ProtocolVersion:
    """The latest version takes effect for what is booked from now on. Only a prescriber signs.

    With `version`, only that one: who has read version 2 does not sign a version 3 that came in between, but
    is refused with `Stale`.
    """
    if not _is_prescriber(actor):
        raise NotAllowed("Only a prescriber signs a protocol.")
    with transaction.atomic(durable=True):
        Protocol.objects.select_for_update().get(id=protocol.id)
        latest = protocol.versions.order_by("-version")[0]
        if version is not None and version != latest.version:
            raise Stale(version=latest.version)
        if latest.signed_at is not None:
            raise WrongState(f"Version {latest.version} is signed already.", now="signed", allowed=())
        _sign(latest, actor=actor, now=now)
    return latest


def offer_protocol(
    protocol: Protocol, *, clinics: Collection[Clinic], actor: Actor, now: datetime
) -> Protocol:
    """Of the clinics where the actor works, exactly these offer the protocol; others are left as they are."""
    with transaction.atomic(durable=True):
        Protocol.objects.select_for_update().get(id=protocol.id)
        before = set(protocol.clinics.all())
        after = {clinic for clinic in before if clinic.id not in actor.clinics} | set(clinics)
        if after != before:
            protocol.clinics.set(after)
            journal.record(
                "protocol_offered",
                actor=actor,
                now=now,
                before={"protocol": str(protocol.id), "clinics": sorted(clinic.slug for clinic in before)},
                after={"protocol": str(protocol.id), "clinics": sorted(clinic.slug for clinic in after)},
            )
    return protocol


def _add(
    protocol: Protocol, *, number: int, rules: Mapping[str, Any], actor: Actor, now: datetime
) -> ProtocolVersion:
    version = ProtocolVersion.objects.create(
        protocol=protocol,
        version=number,
        rules={**rules, "slug": protocol.slug},
        created_at=now,
        created_by_id=actor.id if actor.is_staff else None,
    )
    facts = {"protocol": str(protocol.id), "version": number}
    journal.record("protocol_version_added", actor=actor, now=now, after=facts)
    if _is_prescriber(actor):
        _sign(version, actor=actor, now=now)
    return version


def _sign(version: ProtocolVersion, *, actor: Actor, now: datetime) -> None:
    version.signed_at, version.signed_by_id = now, actor.id
    version.save(update_fields=["signed_at", "signed_by"])
    facts = {"protocol": str(version.protocol_id), "version": version.version}
    journal.record("protocol_signed", actor=actor, now=now, after=facts)


def _is_prescriber(actor: Actor) -> bool:
    return actor.is_staff and actor.role == Role.PRESCRIBER


def _refuse_contradictions(rules: Mapping[str, Any]) -> None:
    if found := contradictions(rules):
        refusal = Invalid(*found[0])
        refusal.facts["errors"] = [{"field": field, "detail": detail} for field, detail in found]
        raise refusal
