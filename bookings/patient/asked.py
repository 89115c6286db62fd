"""Which treatment, which part of it and which wishes an address asks about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from bookings import snapshot
from bookings.errors import Invalid
from bookings.models import Clinic, ProtocolVersion
from bookings.patient.describing import Described, described
from bookings.patient.signed_in import current_patient
from bookings.patient.wishes import WishForm, weekdays_of
from bookings.queries.openings import Offer, offered
from bookings.treatments import resolve_phase

#: What an address may carry of wishes, in the order in which it does.
_WISHES = ("on", "time", "begin", "same", "many")


@dataclass(frozen=True)
class Asked:
    """One question to one clinic, by whoever is signed in or nobody."""

    clinic: Clinic
    version: ProtocolVersion
    offer: Offer
    part: int  # counts from 1 in the order of the protocol's phases
    form: WishForm
    treatment: Described

    @property
    def sessions(self) -> int:
        """How many visits are planned."""
        return self.offer.phase.sessions or self.form.count

    @property
    def earliest(self) -> date:
        """The first date that is looked at."""
        return max(self.form.first or self.offer.today, self.offer.today)

    @property
    def minutes(self) -> int:
        """How long a visit takes."""
        return self.offer.protocol.visit_minutes

    def is_over(self, starts: Sequence[datetime]) -> bool:
        """Whether there is a plan of these starts, all of which have passed: an address may be an old one."""
        return bool(starts) and max(starts) <= self.offer.now

    def address(self, name: str, **more: Any) -> str:
        """The address of a page about the same question."""
        query: list[tuple[str, Any]] = [("part", self.part)] if len(self.treatment.parts) > 1 else []
        for wish in _WISHES:
            if wish == "begin" and self.form.first and self.form.first < self.offer.today:
                continue  # which a browser would not send again
            if wish in self.form.fields:
                query.extend((wish, value) for value in _values(self.form.data, wish) if value)
        query.extend((key, value) for key, value in more.items() if value)
        return f"{reverse(name, args=[self.clinic.slug, self.treatment.key])}?{urlencode(query)}"


def asked(request: HttpRequest, clinic: str, treatment: str, *, now: datetime, data: QueryDict) -> Asked:
    """The question of an address, whose wishes are in `data`. At most four queries.

    Refuses with NotFound where the clinic does not offer the treatment.
    """
    place, version = offered(clinic, treatment, now=now)
    actor = current_patient(request)
    protocol = snapshot.protocol_of(version)
    part = _part(data.get("part"), version, patient_id=actor.id)
    phase = protocol.phases[part - 1]
    offer = Offer(clinic=place, version=version, phase=phase, actor=actor, now=now, patient_id=actor.id)
    form = WishForm(
        data,
        weekdays=weekdays_of(snapshot.supply_of(place).hours),
        first=offer.today,
        last=offer.today + timedelta(days=protocol.horizon_days),
        open_ended=phase.sessions is None,
    )
    return Asked(place, version, offer, part, form, described(place, version.protocol, version, part=part))


def _part(said: str | None, version: ProtocolVersion, *, patient_id: Any) -> int:
    """The part that is named, else the patient's next one, else the first."""
    names = [phase.name for phase in snapshot.protocol_of(version).phases]
    if said and said.isdecimal() and 1 <= int(said) <= len(names):
        return int(said)
    try:
        return names.index(resolve_phase(version, None, patient_id=patient_id)) + 1
    except Invalid:  # they have had every one
        return 1


def _values(data: Any, name: str) -> list[str]:
    return data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
