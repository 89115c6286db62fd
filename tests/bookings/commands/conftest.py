"""What the tests of several verbs begin with."""

import pytest

from tests.bookings.scenes import book_ket6


@pytest.fixture
def ada_is_booked(cast):
    """Ada comes on six Mondays and Thursdays at 10:00, all in one chair."""
    return list(book_ket6(cast).sessions.order_by("number"))
