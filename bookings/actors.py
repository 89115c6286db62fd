"""Who does something: a value that every command is given, made by a door from whoever is signed in there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from bookings.errors import NotFound
from bookings.models.people import Patient, Role, StaffMember
from scheduler.violations import CLINICAL, OPERATIONAL, Rule


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the service itself, with what they may do."""

    kind: Literal["staff", "patient", "anonymous", "system"]
    id: UUID | None = None
    role: Role | None = None
    clinics: frozenset[UUID] = frozenset()  # where a member of staff works

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    @property
    def is_patient(self) -> bool:
        """Whether the rules that bind patients bind this one. Strangers book for themselves too."""
        return self.kind in ("patient", "anonymous")

    def may_override(self, rule: Rule) -> bool:
        """Whether this one may break the rule, with a reason.

        Clinical rules are a prescriber's, operational ones any member of staff's; two bodies in one chair are
        nobody's.
        """
        if not self.is_staff:
            return False
        if rule in CLINICAL:
            return self.role == Role.PRESCRIBER
        return rule in OPERATIONAL


def admit(actor: Actor, *, clinic_id: UUID, patient_id: UUID | None) -> None:
    """Refuses with `NotFound` when the patient is somebody else, or staff do not work at that clinic."""
    if actor.kind == "system":
        return
    mine = clinic_id in actor.clinics if actor.is_staff else patient_id == actor.id
    if not mine:
        raise NotFound("There is no such thing here.")


SYSTEM = Actor(kind="system")
ANONYMOUS = Actor(kind="anonymous")


def staff_actor(staff: StaffMember) -> Actor:
    """That member of staff, with their clinics (one query)."""
    clinics = frozenset(staff.clinics.values_list("id", flat=True))
    return Actor(kind="staff", id=staff.id, role=Role(staff.role), clinics=clinics)


def patient_actor(patient: Patient) -> Actor:
    """That patient, acting for themselves."""
    return Actor(kind="patient", id=patient.id, role=Role.PATIENT)
