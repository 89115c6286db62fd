"""Workers are killed, servers stopped and clocks wrong while two thousand messages are due: each is sent, or
says why not, and none is sent twice but where nobody could know.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from bench.mailing import due_messages, noon_zone
from notifications import queries
from notifications.channels import NotSent, dispatch
from notifications.commands import send
from notifications.kinds import Channel, Status
from notifications.models import Attempt, Message
from tests.cast import KET6, make_chairs, make_clinic, make_protocol, make_staff
from tests.faults.installation import installation, wait_for
from tests.races.arena import SECONDS

PATIENTS = 1000  # an email and a text each
#: Long enough, unless time is short, for Redis to be away for a minute.
STORM = SECONDS if SECONDS < 60 else 3 * SECONDS
#: When they are due: a quarter at once, a quarter while Redis is away.
BURSTS = [timedelta(seconds=STORM * part / 4) for part in range(4)]
SKEWS = (0, 90, -90)
OPEN = (Status.PLANNED, Status.SENDING)

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300 + 3 * STORM)]


@pytest.fixture
def running(tmp_path, settings, django_db_blocker):
    with django_db_blocker.unblock(), installation(tmp_path / "faults", settings) as made:
        yield made


def test_every_message_is_sent_or_says_why_not_and_none_twice(running, capsys):
    here, mailbox, texts = running
    told = storm(here, texts)
    by_workers = settled()
    lost = finish()

    emails = Counter(mail["Message-ID"] for mail in mailbox.mails)
    numbers = Counter(text.to for text in texts.texts)
    states = Counter(Message.objects.values_list("channel", "status"))
    twice = {name: count for name, count in emails.items() if count > 1}
    with capsys.disabled():
        print(
            f"\n{told} in {STORM:.0f} s; {by_workers} messages settled meanwhile, {lost} had been lost; "
            f"{dict(states)}; emails sent twice: {sum(twice.values()) - len(twice)}, texts sent twice: "
            f"{sum(numbers.values()) - len(numbers)}"
        )
    assert by_workers > 0
    assert not Message.objects.filter(status__in=OPEN).exists()
    assert not Message.objects.exclude(status__in=[Status.SENT, Status.DELIVERED]).filter(reason="").exists()
    assert_each_arrived(mailbox, texts)
    # The carrier is asked what it has accepted; that is as good as a key.
    assert {number: count for number, count in numbers.items() if count > 1} == {}
    # A mail server is not, but each copy has the same Message-ID, and a worker had died over it.
    for name, count in twice.items():
        message = name.strip("<>").partition("@")[0]
        assert count <= 1 + Attempt.objects.filter(message=message, outcome="lost").count()


def settled() -> int:
    return Message.objects.exclude(status__in=OPEN).count()


def stage() -> None:
    now = timezone.now()
    clinic = make_clinic("harbor", time_zone=noon_zone(now))
    make_chairs(clinic, "1")
    prescriber = make_staff("prescriber@harbor.example", "Pia", "Roth", "prescriber", clinic)
    version = make_protocol(KET6, clinic, signed_by=prescriber).versions.get()
    due_messages(clinic, version, patients=PATIENTS, now=now, waits=BURSTS)


def storm(here, texts) -> str:
    """What was done to it."""
    dice = random.Random(1)
    for skew in SKEWS:
        here.start_worker(skew=skew)
    for _ in range(2):
        here.start_beat()
    assert wait_for(here.are_ready, seconds=240)
    stage()
    began = time.monotonic()
    plan = [
        (0.2, here.flush_redis),
        (0.35, here.restart_postgres),
        (0.5, here.stop_redis),
        (0.5 + 1 / 3, here.start_redis),
        (0.9, here.flush_redis),
    ]
    killed = 0
    while (gone := (time.monotonic() - began) / STORM) < 1:
        if plan and gone >= plan[0][0]:
            plan.pop(0)[1]()
        texts.conduct.answers.extend(dice.choices(["500", "429", "lost", ""], k=5))
        here.kill_a_worker(dice, skew=dice.choice(SKEWS))
        killed += 1
        time.sleep(dice.uniform(1, 3))
    for _, rest in plan:
        rest()
    texts.conduct.answers.clear()
    assert wait_for(settled, seconds=240)  # a slow machine begins to send when the storm is over
    here.end_workers()
    return f"{killed} workers killed, Redis flushed twice and stopped, PostgreSQL restarted"


def finish() -> int:
    """What the service does in the hours after, without waiting for them; how many messages had been lost."""
    lost = 0
    now = timezone.now()
    for _ in range(40):
        now += timedelta(minutes=11)
        for message in queries.lost(now=now, after=send.LOST_AFTER):
            send.recover(message, now=now)
            lost += 1
        with dispatch.connected():
            while batch := send.take_due(now=now):
                for taken in batch:
                    send.settle(taken, outcome_of(taken), now=now)
        if not Message.objects.filter(status__in=OPEN).exists():
            break
    return lost


def outcome_of(taken) -> str | NotSent:
    try:
        return dispatch.send(taken.channel, taken.letter)
    except NotSent as refusal:
        return refusal


def assert_each_arrived(mailbox, texts) -> None:
    """What the ledger says was sent is there, and nothing that it knows nothing of."""
    handed_over = Message.objects.filter(status__in=[Status.SENT, Status.DELIVERED])
    emails = {f"<{one.id}@" for one in handed_over.filter(channel=Channel.EMAIL)}
    there = {mail["Message-ID"].partition("@")[0] + "@" for mail in mailbox.mails}
    assert emails == there
    to = set(handed_over.filter(channel=Channel.TEXT).values_list("recipient", flat=True))
    assert to == {text.to for text in texts.texts}
