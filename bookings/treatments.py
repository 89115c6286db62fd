"""Which version and which phase of a protocol a booking is for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from bookings import snapshot
from bookings.errors import Invalid
from bookings.models import Clinic, Protocol, ProtocolVersion, Series, SeriesStatus
from scheduler.protocol import Protocol as Treatment


def current_version(protocol: Protocol, *, clinic: Clinic, now: datetime) -> ProtocolVersion:
    """The newest version that a prescriber has signed, at a clinic that offers it. One query."""
    version = (
        ProtocolVersion.objects.filter(protocol=protocol, protocol__clinics=clinic, signed_at__lte=now)
        .order_by("-version")
        .first()
    )
    if version is None:
        raise Invalid("protocol", "This clinic does not offer that treatment.")
    version.protocol = protocol
    return version


def resolve_phase(version: ProtocolVersion, phase: str | None, *, patient_id: UUID | None) -> str:
    """The phase that is meant: the one named, the only one, or the next of this patient. At most one query.

    Next is the first phase, in the order of the protocol, that the patient has not begun; then the last
    one, where it is open-ended. Somebody unknown begins with the first.
    """
    treatment = snapshot.protocol_of(version)
    names = [one.name for one in treatment.phases]
    if phase is not None:
        if phase not in names:
            raise Invalid("phase", f"There is no such phase. Phases are: {', '.join(names)}.")
        return phase
    if len(names) == 1 or patient_id is None:
        return names[0]
    return _next_phase(treatment, _begun(version, patient_id))


def _begun(version: ProtocolVersion, patient_id: UUID) -> set[str]:
    begun = Series.objects.filter(patient_id=patient_id, protocol_version__protocol_id=version.protocol_id)
    return set(begun.exclude(status=SeriesStatus.CANCELLED).values_list("phase", flat=True))


def _next_phase(treatment: Treatment, begun: set[str]) -> str:
    for phase in treatment.phases:
        if phase.name not in begun:
            return phase.name
    last = treatment.phases[-1]
    if last.sessions is None:
        return last.name
    names = ", ".join(phase.name for phase in treatment.phases)
    raise Invalid("phase", f"The patient has had every phase. Say which one is meant: {names}.")
