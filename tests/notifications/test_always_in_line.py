"""Whatever is done to a course: each visit that stands has its reminders planned, and no other has any."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from bookings.commands.attend import confirm_session, miss_session, undo_session
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.commands.patients import change_patient
from bookings.errors import Refused
from bookings.models import Consent, Session
from notifications.commands.choose import choose, set_policy
from notifications.commands.react import react
from notifications.kinds import Kind, Status
from notifications.models import Choices, Message, Policy
from tests.cast import NOW
from tests.notifications.both_ways import agree_to_texts, go, take_back_texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("texts_set_up")]
STEPS = 25
SAID = (Status.SENT, Status.DELIVERED, Status.LAPSED)
REMINDERS = {3: ("email",), 1: ("email", "text")}


def deeds(cast, series, dice: random.Random):
    """What people may do, each as a call with the time."""
    session = dice.choice(list(series.sessions.all()))
    hours = dice.choice([-2, -1, 1, 2, 24])
    return [
        lambda now: move_session(
            session, start=session.start + timedelta(hours=hours), actor=cast.as_desk, now=now
        ),
        lambda now: cancel_session(session, actor=cast.as_desk, now=now),
        lambda now: undo_session(session, actor=cast.as_desk, now=now),
        lambda now: confirm_session(session, actor=cast.as_desk, now=now),
        lambda now: miss_session(session, actor=cast.as_desk, now=now),
        lambda now: agree_to_texts(cast.ada, now=now),
        lambda now: take_back_texts(cast.ada, now=now),
        lambda now: choose(
            cast.ada,
            channels=dice.choice([{}, {"reminder": ["text"]}, {"reminder": []}]),
            actor=cast.as_ada,
            now=now,
        ),
        lambda now: change_patient(
            cast.ada,
            changes={"time_zone": dice.choice(["America/New_York", "Asia/Tokyo", "America/Los_Angeles"])},
            actor=cast.as_desk,
            now=now,
        ),
        lambda now: set_policy(
            cast.north,
            rules=dice.choice([None, [{"kind": "reminder", "channels": ["email"], "days_before": 2}]]),
            actor=cast.as_manager,
            now=now,
        ),
        lambda now: go(now),
    ]


def ought(cast, session: Session, *, now) -> set[tuple[int, str]]:
    """Days before and channel of the reminders that wait or have been, from the tables alone."""
    if session.status not in ("booked", "confirmed") or session.start <= now:
        return set()
    policy = Policy.objects.first()
    days = {2: ("email",)} if policy else REMINDERS
    chosen = Choices.objects.filter(patient=cast.ada).values_list("channels", flat=True).first() or {}
    agreed = Consent.objects.filter(patient=cast.ada, withdrawn_at__isnull=True).exists()
    found = set()
    for count, ways in days.items():
        wanted = tuple(chosen.get("reminder", ways))
        open_ways = [way for way in wanted if way == "email" or agreed]
        if wanted and not open_ways:
            open_ways = ["email"]  # stands in
        found |= {(count, way) for way in open_ways}
    return found


@pytest.mark.parametrize("seed", range(6))
def test_after_any_deeds_what_waits_is_what_ought_to(cast, series, seed):
    dice, now = random.Random(seed), NOW
    done = 0
    for _ in range(STEPS):
        now += timedelta(hours=dice.choice([0, 1, 5, 12]))
        try:
            dice.choice(deeds(cast, series, dice))(now)
            done += 1
        except Refused:
            continue
        react(now=now)

        for session in series.sessions.all():
            rows = Message.objects.filter(session=session, kind=Kind.REMINDER)
            waiting = [row for row in rows if row.status == Status.PLANNED]
            slots = [(row.days_before, row.channel) for row in waiting]
            assert len(slots) == len(set(slots))
            told = {
                (row.days_before, row.channel)
                for row in rows
                if row.status in SAID and row.facts["sessions"][0]["start"] == session.start.isoformat()
            }
            held_back = {
                (row.days_before, row.channel)
                for row in rows
                if row.status == Status.SUPPRESSED and ("too late" in row.reason or row.expires_at <= now)
            }
            expected = ought(cast, session, now=now)
            assert set(slots) - expected == set()
            assert expected - set(slots) - told - held_back == set()
    assert done > STEPS // 3
