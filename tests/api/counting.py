"""How many statements an answer takes."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def statements(call: Callable[[], Any]) -> int:
    """The number of statements that the call sends to the database; it must succeed."""
    with CaptureQueriesContext(connection) as captured:
        response = call()
    assert response.status_code == 200, response.json()
    return len(captured)
