"""What the service remembers."""

from bookings.models.clinic import Chair, Clinic, Closure, NursingMode, OpeningHours, Shift
from bookings.models.consent import Consent, ConsentPurpose, ConsentSource
from bookings.models.decisions import Decision, DecisionAbout, Verdict
from bookings.models.emergencies import EmergencyAccess
from bookings.models.journal import IdempotencyKey, JournalEntry, JournalWords, Task, TaskKind
from bookings.models.levelling import StartTemplate
from bookings.models.links import Link, LinkPurpose
from bookings.models.offers import FreedPlace, Offer, OfferStatus
from bookings.models.people import AccessToken, LoginCode, Patient, RecoveryCode, Role, Scope, StaffMember
from bookings.models.proposals import MANNERS, NEXT_PHASE, Proposal, ProposalStatus
from bookings.models.protocol import Clearance, Protocol, ProtocolVersion
from bookings.models.pulses import Pulse
from bookings.models.readings import Purpose, Reading
from bookings.models.repairs import PartOutcome, Repair, RepairPart, RepairStatus
from bookings.models.seals import JournalSeal
from bookings.models.series import (
    HELD_BY_CLINIC,
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
from bookings.models.waiting import WaitingEntry

__all__ = [
    "HELD_BY_CLINIC",
    "MANNERS",
    "MINIMUM_GAP",
    "NEXT_PHASE",
    "ONE_CHAIR_ONE_CLAIM",
    "ONE_PATIENT_ONE_PLACE",
    "AccessToken",
    "Chair",
    "Claim",
    "Clearance",
    "Clinic",
    "Closure",
    "Consent",
    "ConsentPurpose",
    "ConsentSource",
    "Decision",
    "DecisionAbout",
    "EmergencyAccess",
    "FreedPlace",
    "Hold",
    "IdempotencyKey",
    "JournalEntry",
    "JournalSeal",
    "JournalWords",
    "Link",
    "LinkPurpose",
    "LoginCode",
    "NursingMode",
    "Offer",
    "OfferStatus",
    "OpeningHours",
    "PartOutcome",
    "Patient",
    "Proposal",
    "ProposalStatus",
    "Protocol",
    "ProtocolVersion",
    "Pulse",
    "Purpose",
    "Reading",
    "RecoveryCode",
    "Repair",
    "RepairPart",
    "RepairStatus",
    "Role",
    "Scope",
    "Series",
    "SeriesStatus",
    "Session",
    "SessionStatus",
    "Shift",
    "StaffMember",
    "StartTemplate",
    "Task",
    "TaskKind",
    "Verdict",
    "WaitingEntry",
]
