"""What the service remembers."""

from bookings.models.clinic import Chair, Clinic, Closure, NursingMode, OpeningHours, Shift
from bookings.models.journal import IdempotencyKey, JournalEntry, Task, TaskKind
from bookings.models.people import AccessToken, LoginCode, Patient, Role, StaffMember
from bookings.models.protocol import Clearance, Protocol, ProtocolVersion
from bookings.models.series import (
    MINIMUM_GAP,
    ONE_CHAIR_ONE_CLAIM,
    ONE_PATIENT_ONE_PLACE,
    Claim,
    Hold,
    Series,
    SeriesStatus,
    Session,
    SessionStatus,
)

__all__ = [
    "MINIMUM_GAP",
    "ONE_CHAIR_ONE_CLAIM",
    "ONE_PATIENT_ONE_PLACE",
    "AccessToken",
    "Chair",
    "Claim",
    "Clearance",
    "Clinic",
    "Closure",
    "Hold",
    "IdempotencyKey",
    "JournalEntry",
    "LoginCode",
    "NursingMode",
    "OpeningHours",
    "Patient",
    "Protocol",
    "ProtocolVersion",
    "Role",
    "Series",
    "SeriesStatus",
    "Session",
    "SessionStatus",
    "Shift",
    "StaffMember",
    "Task",
    "TaskKind",
]
