"""Identifiers: UUIDv7, so that rows made together lie together and ids say nothing but a time."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat
from django.db import models


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()


class Identified(models.Model):
    """A row with a UUIDv7 key, made before it is saved, so that rows can be written in bulk."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
