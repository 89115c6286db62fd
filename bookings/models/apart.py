"""Columns of the journal whose words are kept apart, where they can be erased without changing the journal.

The row itself keeps a digest of the words with a random salt under `KEPT_APART` of its `after`, so words that
were changed are found out, and words that were erased, their salt with them, cannot be guessed from it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson
from django.db import models
from django.db.models.query_utils import DeferredAttribute

KEPT_APART = "kept_apart"
#: Verbs whose facts are who somebody is, and how they are reached: of these `before` and `after` are apart.
PERSONAL = frozenset({"patient_added", "patient_changed", "escort_named"})


def digest_of_words(words: dict[str, Any], salt: bytes) -> str:
    """What the journal's row keeps of words that stand elsewhere."""
    return sha256(salt + orjson.dumps(words, option=orjson.OPT_SORT_KEYS)).hexdigest()


class _Whole(DeferredAttribute):
    """Reads the column as it was written, with the words that are kept apart, unless they were erased."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        name = self.field.attname
        if instance is None or name not in instance.__dict__:
            return super().__get__(instance, cls)
        written = instance.__dict__[name]
        if KEPT_APART not in (instance.__dict__.get("after") or ()):
            return written
        if name != "reason":
            written = {key: value for key, value in written.items() if key != KEPT_APART}
            if instance.verb not in PERSONAL:
                return written
        kept = getattr(instance, "words", None)  # none where somebody has removed them by hand
        words = (kept.said if kept else None) or {}
        return words.get(name, written)

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class PartlyApart:
    """A field that is read through `_Whole`; what is in the row itself is in `__dict__`."""

    descriptor_class: Any = _Whole
    attname: str

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return model_instance.__dict__[self.attname]


class FactsField(PartlyApart, models.JSONField):
    """`before` or `after`."""


class ReasonField(PartlyApart, models.CharField):
    """`reason`."""
