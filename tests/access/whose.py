"""Whose a thing is that an address names, and so who is let in: the one table for all doors.

An address that names something that is not here fails the tests until it is. What it names may belong to a
clinic, to a patient and the clinic that treats them, or to the whole practice.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum


class Whose(Enum):
    CLINIC = "those who work at its clinic"
    COURSE = "those who work at its clinic, and the patient"
    PRACTICE = "all who may come in at that door"


WHOSE = {
    "series": Whose.COURSE,
    "session": Whose.COURSE,
    "proposal": Whose.COURSE,
    "offer": Whose.COURSE,
    "entry": Whose.COURSE,
    "hold": Whose.COURSE,
    "clinic": Whose.CLINIC,
    "chair": Whose.CLINIC,
    "closure": Whose.CLINIC,
    "shift": Whose.CLINIC,
    "template": Whose.CLINIC,
    "repair": Whose.CLINIC,
    "task": Whose.CLINIC,
    "message": Whose.CLINIC,
    "webhook": Whose.CLINIC,
    "delivery": Whose.CLINIC,
    "member": Whose.CLINIC,
    # One practice: whoever comes to another of its clinics is found there, too. Their courses are not.
    "patient": Whose.PRACTICE,
    "protocol": Whose.PRACTICE,
    "purpose": Whose.PRACTICE,
    "verb": Whose.PRACTICE,
}


def belongs_elsewhere(named: Collection[str]) -> bool:
    """Whether an address that names these is nobody's business at another clinic."""
    return any(WHOSE[name] in (Whose.CLINIC, Whose.COURSE) for name in named)


def belongs_to_another(named: Collection[str]) -> bool:
    """Whether it is nobody's business for another patient, or for a stranger."""
    return any(WHOSE[name] == Whose.COURSE for name in named)
