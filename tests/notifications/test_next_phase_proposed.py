"""The phase that follows, put to a patient whose series is over: the mail goes out all the same."""

from __future__ import annotations

import pytest

from bookings.commands.proposals import propose_moves
from notifications.channels import email
from notifications.commands import send
from notifications.commands.react import react
from notifications.kinds import Kind
from notifications.models import Message
from tests.bookings.commands.test_next_phase import OVER, had, two_phases
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_patient_is_asked_once_with_a_link_and_neutral_words(transactional_db, cast: Cast, mailbox):
    propose_moves(had(cast, two_phases(cast)), actor=cast.as_desk, now=OVER)
    for _ in range(2):
        react(now=OVER)

    taken = send.take(Message.objects.get(kind=Kind.PROPOSAL).id, now=OVER)
    assert taken is not None
    send.settle(taken, email.send(taken.letter), now=OVER)

    (mail,) = mailbox.mails
    text = mail.get_body(["plain"]).get_content()
    assert mail["Subject"] == "Your next appointments: times suggested"
    assert "Thursday, April 16, 2026, 10:00 a.m. EDT" in text
    assert "/p/" in text
    assert [word for word in ("maintenance", "induction", "etamine") if word in text] == []
