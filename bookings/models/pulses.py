"""When the workers were last heard of."""

from __future__ import annotations

from django.db import models


class Pulse(models.Model):
    """The last tick of the beat that a worker has taken: a single row.

    It is kept beside the diary and not in Redis, so that it can be read while Redis is away, which is when
    somebody asks.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sent_at = models.DateTimeField()  # by the beat's clock
    ran_at = models.DateTimeField()  # by the worker's

    class Meta:
        constraints = [models.CheckConstraint(name="pulse_is_one", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"{self.ran_at:%Y-%m-%d %H:%M:%S}"
