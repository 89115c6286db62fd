"""The same text delivered several times at the same moment, as carriers do."""

import pytest

from bookings.models import JournalEntry, Task
from notifications.kinds import Kind
from notifications.models import InboundText, Message, OptOut
from tests.notifications.text_scenes import says
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("body", "replies", "confirmed", "stopped", "tasks"),
    [("Y", 1, 1, 0, 0), ("Is there parking?", 1, 0, 0, 1), ("CANCEL", 0, 0, 1, 1)],
)
def test_eight_deliveries_of_one_text_count_once(series, body, replies, confirmed, stopped, tasks):
    at_once([lambda: says(body, sid="SM1")] * 8)

    assert InboundText.objects.count() == 1
    assert Message.objects.filter(kind=Kind.REPLY).count() == replies
    assert JournalEntry.objects.filter(verb="session_confirmed").count() == confirmed
    assert OptOut.objects.count() == stopped
    assert Task.objects.count() == tasks
