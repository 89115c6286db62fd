"""The seals of the journal: a chain of digests over everything that was written."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class JournalSeal(models.Model):
    """A run of journal rows, closed by a digest of the seal before it and of all of them.

    Announced first, then given a horizon, and sealed once every transaction from before it has ended: a row
    that draws its number early and is committed late would else come to lie in a run that is closed. The last
    one alone may be open.
    """

    id = models.BigAutoField(primary_key=True)
    after_id = models.BigIntegerField(unique=True)  # the last row of the seal before; 0 for the first
    last_id = models.BigIntegerField(unique=True)
    horizon = models.BigIntegerField(null=True)  # transactions from this number on began later
    announced_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)
    digest = models.BinaryField(max_length=32, null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="seal_closes_some_rows", condition=Q(last_id__gt=F("after_id"))),
            models.CheckConstraint(
                name="seal_is_whole",
                condition=Q(sealed_at__isnull=True, digest__isnull=True, rows__isnull=True)
                | Q(sealed_at__isnull=False, digest__isnull=False, rows__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"rows {self.after_id + 1} to {self.last_id}"
