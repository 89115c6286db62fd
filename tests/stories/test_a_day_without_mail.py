"""The mail server is away for a day. Each mail is tried five times in an hour and a half; then the desk is
told to ring, and when the server is back what is still of use can be said with one press.
"""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from notifications import tasks
from notifications.kinds import Channel, Status
from notifications.models import Attempt, Message
from tests.api.conftest import clock  # noqa: F401
from tests.cast import NOW
from tests.frontdesk.conftest import at_the_desk
from tests.notifications.conftest import mailbox, use_mail_server  # noqa: F401
from tests.notifications.telling_scenes import book_six
from tests.patient.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
#: When it is tried, after the booking.
TRIES = [0, 1, 6, 26, 86]


def test_the_desk_is_told_and_says_it_again_when_the_server_is_back(cast, clock, mailbox, settings):  # noqa: F811
    back = mailbox.url
    series = book_six(cast, cast.ada, hours_later=0)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        use_mail_server(settings, f"smtp://127.0.0.1:{unused.getsockname()[1]}")
        for minutes in (*TRIES, 87, 6 * 60, 24 * 60):
            clock.set(NOW + minutes * MINUTE)
            tasks.react_to_journal()
            while tasks.send_batch():
                pass
    use_mail_server(settings, back)

    mail = Message.objects.get(kind="confirmation", channel=Channel.EMAIL)
    tried = Attempt.objects.filter(message=mail).order_by("number").values_list("began_at", flat=True)
    assert [(at - NOW) // MINUTE for at in tried] == TRIES
    assert (mail.status, mailbox.mails) == (Status.FAILED, [])
    assert [task.kind for task in series.tasks.filter(resolved_at=None)] == ["message_failed"]
    desk = at_the_desk(cast.desk)
    assert "A confirmation could not be sent: the mail server did not answer" in words(
        desk.get("/desk/north/tasks/")
    )

    desk.post(f"/desk/north/messages/{mail.id}/again/")
    while tasks.send_batch():
        pass

    assert [letter["To"] for letter in mailbox.mails] == ["ada@mail.example"]
