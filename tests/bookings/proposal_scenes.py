"""Proposals for tests: other times for Ada's six sessions, and what became of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.commands.proposals import (
    propose_moves,
)
from bookings.errors import (
    WrongState,
)
from bookings.models import Claim, JournalEntry
from tests.bookings.scenes import book_ket6
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

SIX = MONDAYS_AND_THURSDAYS
TUESDAY = new_york("2026-04-14 10:00")  # instead of the third, Monday the 13th
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def proposed(cast, series=None, *, moves=None, now=NOW, **more):
    series = series or book_ket6(cast)
    return propose_moves(series, moves=moves or {3: TUESDAY}, actor=cast.as_desk, now=now, **more)


def newest_row():
    return JournalEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def verbs_since(row):
    return list(JournalEntry.objects.filter(id__gt=row).order_by("id").values_list("verb", flat=True))


def held():
    """Every start that some hold keeps."""
    return list(Claim.objects.filter(hold__isnull=False).order_by("start").values_list("start", flat=True))


def refused(call):
    """The status that a WrongState names."""
    with pytest.raises(WrongState) as refusal:
        call()
    return refusal.value.facts["status"]
