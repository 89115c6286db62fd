"""Identifiers: UUIDv7, so that rows made together lie together and ids say nothing but a time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Self
from uuid import UUID

import uuid_utils.compat
from django.db import models

from bookings.noticed import notice


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


class AboutSomebody(models.Model):
    """A row that says whom it is about as it comes from the database, if it is about a patient."""

    patient_column: ClassVar[str] = "patient_id"

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **rest: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **rest)
        notice(row.__dict__.get(cls.patient_column))
        return row


class Identified(AboutSomebody):
    """A row with a UUIDv7 key, made before it is saved, so that rows can be written in bulk."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
