"""Every page of the desk that names a patient has left a row that says so: no page can be forgotten, since
the addresses are the resolver's own.
"""

from __future__ import annotations

from typing import Any

import pytest

from bookings.models import Patient, Reading
from tests.cast import Cast
from tests.frontdesk.addresses import addresses
from tests.frontdesk.conftest import at_the_desk, clock
from tests.frontdesk.test_all_in_spanish import _paths, spoken

__all__ = ["clock", "spoken"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_whoever_is_named_on_a_page_is_in_the_record_of_readings(cast: Cast, clock: Any, spoken: Any):
    people = list(Patient.objects.all())
    manager = at_the_desk(cast.manager)
    unrecorded, naming = {}, 0
    for address in addresses():
        for path in _paths(address, spoken):
            last = Reading.objects.order_by("-id").values_list("id", flat=True).first() or 0
            answer = manager.get(path)
            if answer.status_code != 200:
                continue
            html = answer.content.decode()
            named = {one.id for one in people if str(one) in html or one.phone in html or one.email in html}
            recorded = {whom for row in Reading.objects.filter(id__gt=last) for whom in row.patients}
            naming += bool(named)
            if left := named - recorded:
                unrecorded[path] = left

    assert unrecorded == {}
    assert naming > 20  # of the pages that are walked through, so many name somebody
