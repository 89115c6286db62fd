"""What mail providers report, in their own formats and through django-anymail's own views."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from anymail.signals import tracking
from django.utils import timezone

from bookings.commands.consents import give_consent
from bookings.models import Patient
from notifications import mail_in
from notifications.commands import send
from notifications.commands.react import react
from notifications.kinds import Channel, Kind, Status
from notifications.models import Message, OptOut, StatusReport
from tests.cast import NOW

pytestmark = pytest.mark.django_db(transaction=True)
SOON = NOW + timedelta(minutes=1)
SECRET = "name-of-the-hook:and-its-password"
THEIR_ID = "2706ee8a-737c-4285-b032-ccd317af53ed"


@pytest.fixture(autouse=True)
def installed(settings):
    """An installation that hears of what a provider reports."""
    settings.ROOT_URLCONF = "tests.notifications.provider_urls"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    mail_in.listen()
    yield
    tracking.disconnect(dispatch_uid="notifications.mail_in")


@pytest.fixture
def sent(series) -> Message:
    """Ada's confirmation, which the provider has accepted."""
    react(now=NOW)
    taken = send.take(Message.objects.get(kind=Kind.CONFIRMATION).id, now=SOON)
    send.settle(taken, THEIR_ID, now=SOON)
    return Message.objects.get(kind=Kind.CONFIRMATION)


def report(client, event: dict, *, provider: str = "postmark", secret: str = SECRET):
    return client.post(
        f"/webhooks/email/{provider}/tracking/",
        data=json.dumps(event),
        content_type="application/json",
        headers={"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"},
    )


def bounced(**changes) -> dict:
    """As Postmark reports a mailbox that does not exist."""
    return {
        "RecordType": "Bounce",
        "ID": 901542550,
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": THEIR_ID,
        "Description": "The server was unable to deliver your message (ex: unknown user).",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Email": "ada@mail.example",
        "BouncedAt": "2026-04-01T08:01:50.3963933-04:00",
        **changes,
    }


def delivered(**changes) -> dict:
    return {"RecordType": "Delivery", "MessageID": THEIR_ID, "Recipient": "ada@mail.example", **changes}


def opt_outs() -> list[tuple[str, str, str]]:
    return list(OptOut.objects.values_list("channel", "address", "why"))


def test_a_mail_that_bounced_is_failed_and_somebody_is_asked_to_ring(client, sent, series):
    assert report(client, bounced()).status_code == 200

    sent.refresh_from_db()
    assert (sent.status, sent.reason) == (Status.FAILED, "the email came back: bounced")
    assert opt_outs() == [(Channel.EMAIL, "ada@mail.example", "bounced")]
    assert [task.detail for task in series.tasks.all()] == [
        "A confirmation could not be sent: the email came back: bounced"
    ]


def test_what_was_said_twice_is_done_once(client, sent, series):
    report(client, bounced())
    report(client, bounced())

    assert len(opt_outs()) == StatusReport.objects.count() == series.tasks.count() == 1


def test_nothing_more_goes_to_an_address_that_is_dead(client, sent, series):
    report(client, bounced())
    reminder = Message.objects.filter(kind=Kind.REMINDER, channel=Channel.EMAIL).order_by("due_at").first()

    assert send.take(reminder.id, now=reminder.due_at) is None

    reminder.refresh_from_db()
    assert reminder.status == Status.SUPPRESSED
    assert "email address" in reminder.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "SoftBounce", "Details": "smtp;552 5.2.2 Mailbox full", "Description": ""},
        {"Type": "HardBounce", "Details": "smtp;451 4.7.1 Try again later", "Description": ""},
    ],
)
def test_a_mailbox_that_is_full_gets_mail_another_day(client, sent, changes):
    report(client, bounced(**changes))

    sent.refresh_from_db()
    assert sent.status == Status.FAILED
    assert opt_outs() == []


def test_a_complaint_ends_all_mail_and_leaves_what_arrived(client, sent, series):
    report(client, delivered())
    report(client, bounced(RecordType="SpamComplaint", Type="SpamComplaint", Details="", Description=""))

    sent.refresh_from_db()
    assert (sent.status, opt_outs()) == (
        Status.DELIVERED,
        [(Channel.EMAIL, "ada@mail.example", "complained")],
    )
    assert [session.status for session in series.sessions.all()] == ["booked"] * 6


def test_a_delivery_is_written_down(client, sent):
    report(client, delivered())

    sent.refresh_from_db()
    assert (sent.status, sent.sent_at, sent.delivered_at is not None) == (Status.DELIVERED, SOON, True)
    assert opt_outs() == []


def test_a_delivery_that_is_told_of_late_does_not_undo_a_bounce(client, sent):
    report(client, bounced())
    report(client, delivered())

    sent.refresh_from_db()
    assert sent.status == Status.FAILED


def test_a_bounce_after_a_delivery_counts(client, sent):
    report(client, delivered())
    report(client, bounced())

    sent.refresh_from_db()
    assert (sent.status, sent.delivered_at) == (Status.FAILED, None)


def test_a_bounce_that_is_told_of_before_the_worker_has_settled_counts(client, series):
    react(now=NOW)
    message = Message.objects.get(kind=Kind.CONFIRMATION)
    taken = send.take(message.id, now=SOON)

    report(client, bounced(Metadata={"message": str(message.id)}))
    send.settle(taken, THEIR_ID, now=SOON)

    message.refresh_from_db()
    assert message.status == Status.FAILED


def test_who_opened_a_mail_or_followed_a_link_is_not_kept(client, sent):
    report(client, {"RecordType": "Open", "MessageID": THEIR_ID, "Recipient": "ada@mail.example"})
    report(client, {"RecordType": "Click", "MessageID": THEIR_ID, "Recipient": "ada@mail.example"})

    sent.refresh_from_db()
    assert (sent.status, StatusReport.objects.count()) == (Status.SENT, 0)


def test_another_providers_format_means_the_same(client, sent):
    Message.objects.filter(id=sent.id).update(provider_id="<201803011158.98765@smtp-relay.example>")
    event = {
        "event": "hard_bounce",
        "email": "ada@mail.example",
        "ts_epoch": 1775044800000,
        "message-id": "<201803011158.98765@smtp-relay.example>",
        "reason": " RecipientError: 550 5.5.0 Requested action not taken: mailbox unavailable.",
    }

    assert report(client, event, provider="brevo").status_code == 200

    sent.refresh_from_db()
    assert (sent.status, opt_outs()) == (Status.FAILED, [(Channel.EMAIL, "ada@mail.example", "bounced")])


def test_a_soft_bounce_of_another_provider_ends_nothing(client, sent):
    event = {"event": "soft_bounce", "email": "a@b.example", "ts_epoch": 1, "message-id": THEIR_ID}
    report(client, {**event, "reason": "undefined Unable to find MX"}, provider="brevo")

    sent.refresh_from_db()
    assert (sent.status, opt_outs()) == (Status.FAILED, [])


def test_a_report_about_nothing_of_ours_changes_nothing(client, sent):
    report(client, bounced(MessageID="another"))
    report(client, bounced(MessageID="", Metadata={"message": "no id"}))

    sent.refresh_from_db()
    assert (sent.status, opt_outs()) == (Status.SENT, [])


def test_only_the_provider_is_believed(client, sent):
    assert report(client, bounced(), secret="name-of-the-hook:guessed").status_code == 400

    sent.refresh_from_db()
    assert (sent.status, opt_outs()) == (Status.SENT, [])


def test_a_bounced_email_is_said_by_text_where_that_is_allowed(client, cast, sent, settings):
    Message.objects.filter(id=sent.id).update(expires_at=timezone.now() + timedelta(hours=1))
    settings.TWILIO_ACCOUNT_SID = "AC1"
    give_consent(
        Patient.objects.get(id=cast.ada.id),
        purpose="texts",
        wording="Yes",
        language="en",
        source="desk",
        actor=cast.as_desk,
        now=NOW,
    )

    report(client, bounced())

    (instead,) = Message.objects.filter(instead_of=sent)
    assert (instead.channel, instead.recipient, instead.kind) == (
        Channel.TEXT,
        "+12025550101",
        Kind.CONFIRMATION,
    )


def test_an_installation_with_a_provider_has_its_door_and_no_other():
    environment = {**os.environ, "EMAIL_PROVIDER": "postmark", "ANYMAIL_WEBHOOK_SECRET": SECRET}
    asked = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.urls import Resolver404, resolve\n"
        "from anymail.signals import tracking\n"
        "print(settings.EMAIL_BACKEND, settings.ANYMAIL['WEBHOOK_SECRET'], len(tracking.receivers))\n"
        "for name in ('postmark', 'mailgun'):\n"
        "    try: print(resolve(f'/webhooks/email/{name}/tracking/').func.view_class.__name__)\n"
        "    except Resolver404: print('none')\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True
    )

    assert said.stdout.splitlines() == [
        f"anymail.backends.postmark.EmailBackend {SECRET} 1",
        "PostmarkTrackingWebhookView",
        "none",
    ]
