"""Every worker and the beat are away for six hours. When they return each thing is said once, what came too
late is not said, and nobody is taken for absent who was there.
"""

from collections import Counter
from datetime import timedelta

import pytest

from bookings.commands.attend import check_in_session, complete_session, recover_session, start_session
from bookings.commands.move import move_session
from bookings.commands.signing_in import issue_code
from bookings.models import JournalEntry, Session
from config.celery import app
from notifications import tasks
from notifications.commands.running_late import announce_delay
from notifications.kinds import Channel, Kind, Status
from notifications.models import Message
from tests.api.conftest import clock  # noqa: F401
from tests.cast import NOW, new_york
from tests.notifications.both_ways import agree_to_texts
from tests.notifications.channels.test_text import network  # noqa: F401
from tests.notifications.conftest import mailbox  # noqa: F401
from tests.notifications.telling_scenes import book_six

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)
SUNDAY, MONDAY = new_york("2026-04-05 08:30"), new_york("2026-04-06 08:30")


@pytest.fixture
def workers(clock):  # noqa: F811
    """Rounds of the beat, at a given hour: every task of its table, and the batches that those hand on."""
    app.loader.import_default_modules()

    def work(now, *, rounds=2):
        clock.set(now)
        for _ in range(rounds):
            for row in app.conf.beat_schedule.values():
                app.tasks[row["task"]]()
            while tasks.send_batch():
                pass

    return work


@pytest.fixture
def everybody(cast, network, mailbox, workers):  # noqa: F811
    """Ada, Bea and Carl come on Mondays and Thursdays at 10, 11 and 13; all of them agreed to texts."""
    for patient, later in ((cast.ada, 0), (cast.bea, 1), (cast.carl, 3)):
        agree_to_texts(patient)
        book_six(cast, patient, hours_later=later)
    workers(NOW)
    return cast


def first_visit(patient) -> Session:
    return Session.objects.get(patient=patient, number=1)


def sent(since) -> Counter:
    """How often each was told what by which way."""
    rows = Message.objects.filter(sent_at__gte=since)
    what = ("patient__first_name", "kind", "channel", "days_before", "session__number")
    return Counter(rows.values_list(*what))


def test_reminders_of_six_hours_go_once_and_what_is_stale_says_so(everybody, network, mailbox, workers):  # noqa: F811
    workers(SUNDAY)
    texts, mails = len(network.find()), len(mailbox.mails)
    # Nobody works from here on. The clinic moves Ada's visit, and somebody wants to sign in.
    ada = first_visit(everybody.ada)
    move_session(ada, start=ada.start + 2 * HOUR, actor=everybody.as_desk, now=SUNDAY + HOUR)
    issue_code("eve@mail.example", now=SUNDAY + HOUR)

    workers(SUNDAY + 6 * HOUR)

    told = sent(SUNDAY + HOUR)
    assert set(told.values()) == {1}
    by_text = Counter(name for (name, _, channel, _, _) in told if channel == Channel.TEXT)
    assert len(network.find()) - texts == 3  # one each, though Ada is told of two things
    assert len({text.to for text in network.find()[:3]}) == 3
    assert by_text == {"Ada": 2, "Bea": 1, "Carl": 1}
    assert len(mailbox.mails) - mails == sum(channel == Channel.EMAIL for (_, _, channel, _, _) in told)
    code = Message.objects.get(kind=Kind.LOGIN_CODE)
    assert (code.status, code.reason) == (Status.LAPSED, "too late to be of use")
    assert nothing_waits_that_is_due(SUNDAY + 6 * HOUR)


def test_nobody_who_was_there_has_missed_the_visit(everybody, network, workers):  # noqa: F811
    workers(MONDAY)
    # Nobody works from here on. Ada comes and goes, Bea is in her chair, Carl is to come later and does not.
    ada, bea, carl = (first_visit(one) for one in (everybody.ada, everybody.bea, everybody.carl))
    nurse = everybody.as_nurse
    ada = check_in_session(ada, actor=nurse, now=ada.start)
    ada = start_session(ada, actor=nurse, now=ada.start)
    ada = recover_session(ada, actor=nurse, now=ada.start + HOUR)
    complete_session(ada, escort=True, actor=nurse, now=ada.start + 2 * HOUR)
    start_session(check_in_session(bea, actor=nurse, now=bea.start), actor=nurse, now=bea.start)
    announce_delay(carl, minutes=20, actor=nurse, now=carl.start - HOUR)

    back = MONDAY + 6 * HOUR
    workers(back)

    states = {name: first_visit(getattr(everybody, name)).status for name in ("ada", "bea", "carl")}
    assert states == {"ada": "completed", "bea": "infusing", "carl": "booked"}
    assert not JournalEntry.objects.filter(verb="session_no_show").exists()
    late = Message.objects.filter(kind=Kind.RUNNING_LATE)
    assert {(row.status, row.sent_at) for row in late} <= {(Status.LAPSED, None), (Status.WITHDRAWN, None)}
    assert late.exists()
    assert set(sent(MONDAY).values()) == {1}
    assert nothing_waits_that_is_due(back)


def nothing_waits_that_is_due(now) -> bool:
    waiting = Message.objects.filter(status__in=[Status.PLANNED, Status.SENDING], due_at__lte=now)
    unexplained = Message.objects.filter(reason="").exclude(
        status__in=[Status.PLANNED, Status.SENT, Status.DELIVERED]
    )
    return not waiting.exists() and not unexplained.exists()
