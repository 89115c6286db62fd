"""Staff at the pages of the desk, by a clock that stands still until a test moves it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bookings.models import StaffMember
from tests.api.conftest import Clock, _fresh_counts, clock, worker_id
from tests.cast import Cast
from tests.patient.conftest import words

__all__ = ["_fresh_counts", "clock", "words", "worker_id"]

BACKEND = "django.contrib.auth.backends.ModelBackend"
HTMX = {"HX-Request": "true"}


def at_the_desk(staff: StaffMember) -> Client:
    """A browser in which that member of staff has signed in."""
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client


@pytest.fixture
def desk(cast: Cast, clock: Clock) -> Client:
    return at_the_desk(cast.desk)


@pytest.fixture
def prescriber(cast: Cast, clock: Clock) -> Client:
    return at_the_desk(cast.prescriber)


def said(answer: Any) -> list[str]:
    """What the next page says above its content."""
    return [str(message) for message in answer.wsgi_request._messages]
