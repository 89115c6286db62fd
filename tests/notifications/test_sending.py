"""From a row to a mailbox: once, and only what is still true."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from bookings.commands.attend import confirm_session
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.models import LoginCode, Patient
from bookings.signals import login_code_issued
from notifications import queries
from notifications.channels import NotSent, email
from notifications.commands import say, send
from notifications.commands.react import react
from notifications.kinds import Kind, Status
from notifications.models import ERASED, Attempt, Message
from notifications.ways import NO_ADDRESS, NO_TEXTS
from tests.cast import NOW, new_york

pytestmark = pytest.mark.django_db(transaction=True)
SOON = NOW + timedelta(minutes=1)


def send_due(now) -> list[str]:
    """What one round of the beat does, in this process: the statuses after it."""
    statuses = []
    for message in queries.due(now=now, limit=100):
        taken = send.take(message, now=now)
        if taken is not None:
            send.settle(taken, email.send(taken.letter), now=now)
        statuses.append(Message.objects.get(id=message).status)
    return statuses


def confirmation() -> Message:
    return Message.objects.get(kind=Kind.CONFIRMATION)


def test_a_confirmation_arrives_once(series, mailbox):
    react(now=NOW)

    assert send_due(SOON) == [Status.SENT]
    assert send_due(SOON) == []

    (mail,) = mailbox.mails
    sent = confirmation()
    assert (mail["To"], mail["Subject"]) == ("ada@mail.example", "Your appointment: confirmation")
    assert mail["Message-ID"] == sent.provider_id == f"<{sent.id}@localhost>"
    assert "Monday, April 6, 2026, 10:00 a.m. EDT" in mail.get_body(["plain"]).get_content()
    assert [(one.number, one.outcome) for one in sent.tries.all()] == [(1, "sent")]


def test_a_patient_who_reads_spanish_is_written_to_in_spanish(cast, series, mailbox):
    Patient.objects.filter(id=cast.ada.id).update(language="es")
    react(now=NOW)

    send_due(SOON)

    (mail,) = mailbox.mails
    assert mail["Subject"] == "Su cita: confirmación"
    assert "lunes 6 de abril de 2026, 10:00 EDT" in mail.get_body(["plain"]).get_content()


def test_two_senders_at_once_send_once(series, mailbox):
    react(now=NOW)
    message = confirmation().id
    start = threading.Barrier(8)

    def sender():
        start.wait()
        try:
            taken = send.take(message, now=SOON)
            if taken:
                send.settle(taken, email.send(taken.letter), now=SOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=sender) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mailbox.mails) == 1
    assert Attempt.objects.count() == 1


def test_nothing_is_sent_before_its_time(series, mailbox):
    react(now=NOW)
    reminder = Message.objects.filter(kind=Kind.REMINDER).order_by("due_at").first()

    assert send.take(reminder.id, now=reminder.due_at - timedelta(seconds=1)) is None
    assert send.take(reminder.id, now=reminder.due_at) is not None


def test_a_reminder_of_a_session_that_was_moved_a_moment_ago_is_withdrawn(cast, series, mailbox):
    react(now=NOW)
    send_due(SOON)
    second = series.sessions.get(number=2)
    move_session(second, start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=SOON)
    # Nobody has reacted to the move yet.
    stale = Message.objects.filter(session=second).order_by("due_at").first()

    assert send.take(stale.id, now=stale.due_at) is None

    stale.refresh_from_db()
    assert (stale.status, stale.reason) == (Status.WITHDRAWN, "the session is at another time now")


def test_a_reminder_of_a_confirmed_session_is_sent(cast, series, mailbox):
    react(now=NOW)
    first = series.sessions.get(number=1)
    confirm_session(first, actor=cast.as_desk, now=SOON)
    reminder = Message.objects.filter(session=first).order_by("due_at").first()

    assert send.take(reminder.id, now=reminder.due_at) is not None


def test_a_confirmation_names_only_the_sessions_that_are_left(cast, series, mailbox):
    react(now=NOW)
    cancel_session(series.sessions.get(number=6), actor=cast.as_desk, now=NOW)

    send_due(SOON)

    text = mailbox.mails[0].get_body(["plain"]).get_content()
    assert "Your 5 appointments are booked:" in text
    assert "April 23" not in text


def test_a_reminder_that_nobody_could_send_in_time_lapses(series, mailbox):
    react(now=NOW)
    last = Message.objects.filter(session__number=1, days_before=1).get()

    assert send.take(last.id, now=last.expires_at) is None

    last.refresh_from_db()
    assert (last.status, last.reason) == (Status.LAPSED, "too late to be of use")


def test_a_late_reminder_waits_for_the_morning(series, mailbox):
    react(now=NOW)
    reminder = Message.objects.filter(session__number=1, days_before=3).get()

    assert send.take(reminder.id, now=new_york("2026-04-03 21:00")) is None

    reminder.refresh_from_db()
    assert (reminder.status, reminder.due_at) == (Status.PLANNED, new_york("2026-04-04 08:00"))


def test_a_patient_whose_address_was_removed_is_not_written_to(cast, series, mailbox):
    react(now=NOW)
    Patient.objects.filter(id=cast.ada.id).update(email="")

    assert send_due(SOON) == [Status.SUPPRESSED]
    assert confirmation().reason == NO_ADDRESS


def test_a_refusal_for_now_is_tried_again_and_one_too_many_is_for_ever(series):
    react(now=NOW)
    message, now = confirmation().id, SOON
    waits = []
    for _ in range(5):
        taken = send.take(message, now=now)
        row = send.settle(taken, NotSent("busy", for_ever=False), now=now)
        waits.append(row.due_at - now if row.status == Status.PLANNED else row.status)
        now = max(row.due_at, now)

    assert waits == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=20),
        timedelta(hours=1),
        Status.FAILED,
    ]
    assert [one.outcome for one in Attempt.objects.order_by("number")] == ["later"] * 5


def test_a_refusal_for_ever_raises_a_task(series):
    react(now=NOW)
    taken = send.take(confirmation().id, now=SOON)

    row = send.settle(taken, NotSent("the mail server said 550 no such user", for_ever=True), now=SOON)

    assert (row.status, row.reason) == (Status.FAILED, "the mail server said 550 no such user")
    (task,) = series.tasks.all()
    assert (task.kind, task.session) == ("message_failed", None)
    assert task.detail == "A confirmation could not be sent: the mail server said 550 no such user"


def test_a_message_that_arrives_at_last_closes_its_task(series, mailbox):
    react(now=NOW)
    taken = send.take(confirmation().id, now=SOON)
    failed = send.settle(taken, NotSent("no such user", for_ever=True), now=SOON)

    say.resend(failed, now=SOON)
    send_due(SOON)

    assert [task.resolution for task in series.tasks.all()] == ["sent"]


def test_what_a_lost_worker_had_is_tried_again_under_the_same_message_id(series, mailbox):
    react(now=NOW)
    message = confirmation().id
    lost = send.take(message, now=SOON)
    assert queries.lost(now=SOON + send.LOST_AFTER - timedelta(seconds=1), after=send.LOST_AFTER) == []

    later = SOON + send.LOST_AFTER
    assert queries.lost(now=later, after=send.LOST_AFTER) == [message]
    send.recover(message, now=later)
    again = send.take(message, now=later + timedelta(minutes=1))

    assert again.letter.id == lost.letter.id
    assert [one.outcome for one in Attempt.objects.order_by("number")] == ["lost", ""]


def test_a_worker_that_was_given_up_does_not_settle_for_another(series):
    react(now=NOW)
    message = confirmation().id
    slow = send.take(message, now=SOON)
    later = SOON + send.LOST_AFTER
    send.recover(message, now=later)
    send.take(message, now=later + timedelta(minutes=1))

    send.settle(slow, "<slow>", now=later + timedelta(minutes=2))

    assert confirmation().status == Status.SENDING


def test_resending_twice_is_one_new_message(series, mailbox):
    react(now=NOW)
    send_due(SOON)

    first = say.resend(confirmation(), now=SOON)
    second = say.resend(Message.objects.get(key=f"confirmation:{_entry()}:email"), now=SOON)

    assert first == second
    send_due(SOON)
    assert len(mailbox.mails) == 2


def _entry() -> int:
    return Message.objects.filter(kind=Kind.CONFIRMATION).order_by("id").first().key.split(":")[1]


def test_a_code_is_sent_at_once_and_then_forgotten(transactional_db, mailbox):
    login_code_issued.send(LoginCode, contact="eve@mail.example", code="314159", language="en")
    (message,) = Message.objects.all()
    now = message.due_at
    assert "314159" not in message.subject

    send_due(now)

    (mail,) = mailbox.mails
    assert mail["Subject"] == "Your sign-in code"
    assert "314159" in mail.get_body(["plain"]).get_content()
    message.refresh_from_db()
    assert (message.status, message.body) == (Status.SENT, ERASED)


@pytest.mark.parametrize("minutes", [9, 10])
def test_a_code_that_works_no_more_is_not_sent_and_forgotten_too(transactional_db, minutes):
    message = say.announce_code("eve@mail.example", code="314159", language="en", now=NOW)

    taken = send.take(message.id, now=NOW + timedelta(minutes=minutes))

    message.refresh_from_db()
    if minutes < 10:
        assert taken is not None
    else:
        assert (message.status, message.body) == (Status.LAPSED, ERASED)


def test_a_code_for_a_telephone_says_why_it_was_not_sent(transactional_db):
    message = say.announce_code("+12025550101", code="314159", language="en", now=NOW)

    assert (message.status, message.reason, message.body) == (
        Status.SUPPRESSED,
        NO_TEXTS,
        ERASED,
    )
