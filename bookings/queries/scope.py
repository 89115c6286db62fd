"""Whose rows are whose: the one place where reading is kept to a patient, and to the clinics of staff.

Every read of something that belongs to a patient or to a clinic begins here (a test compares). What one verb
may change is refused by `actors.admit` as well.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from bookings.actors import Actor

Row = TypeVar("Row", bound=Model)


def seen_by(actor: Actor, rows: QuerySet[Row], *, through: str = "") -> QuerySet[Row]:
    """Those of the rows that the actor may see: a patient's own, those of the clinics where a member of staff
    works, nothing for anybody else. `through` leads from a row to what has the patient and the clinic, such
    as `series__`.
    """
    if actor.is_staff:
        return rows.filter(at_their_clinics(actor, f"{through}clinic"))
    if actor.kind == "patient" and actor.id:
        return rows.filter(**{f"{through}patient_id": actor.id})
    return rows.none()


def at_their_clinics(actor: Actor, clinic: str = "clinic") -> Q:
    """That the row belongs to a clinic where the actor works: to none, for whoever is no member of staff."""
    return Q(**{f"{clinic}__in": actor.clinics})
