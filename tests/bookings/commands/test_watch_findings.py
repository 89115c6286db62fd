"""Every cause that the watch looks for: it is found as one task, once, with a reason, and closes by itself
when it is mended.
"""

from datetime import datetime

import pytest

from bookings.commands.watching import KINDS, watch_after, watch_new_days, watch_recent
from bookings.models import Clinic, JournalEntry, Task
from tests.bookings.causes import A_MINUTE, CAUSES

pytestmark = pytest.mark.django_db(transaction=True)


def look(*, since: int, now: datetime, by_clock: bool) -> None:
    """As the workers do: after each change, or by the beat and on a new day."""
    watch_after(JournalEntry.objects.filter(id__gt=since).values_list("id", flat=True), now=now)
    if by_clock:
        watch_recent(now=now)
        Clinic.objects.update(watched_on=None)
        watch_new_days(now=now)


def last_entry() -> int:
    return JournalEntry.objects.latest("id").id


@pytest.mark.parametrize("name", CAUSES)
def test_it_is_found_once_and_closes_when_it_is_mended(cast, transactional_db, name):
    one = CAUSES[name]
    scene = one.scene(cast)
    series, now = next(scene)
    for _ in range(2):
        look(since=0, now=now, by_clock=one.by_clock)

    (task,) = Task.objects.filter(kind=one.kind, series=series)
    assert task.detail.startswith(one.says)
    assert (task.resolved_at, task.created_at) == (None, now)
    assert one.until is None or task.deadline == one.until
    opened = JournalEntry.objects.filter(verb="task_opened", after__kind=one.kind, series=series)
    assert opened.count() == 1

    since, later = last_entry(), now + A_MINUTE
    assert next(scene, None) is None
    look(since=since, now=later, by_clock=False)

    (task,) = Task.objects.filter(kind=one.kind, series=series)
    assert (task.resolution, task.resolved_by, task.resolved_at) == ("mended", None, later)


def test_every_kind_that_the_watch_raises_has_a_cause_here():

    assert {one.kind for one in CAUSES.values()} == set(KINDS)
