"""The whole way through: a booking, a real worker on a real queue, a real mail server."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as clock
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from bookings.actors import staff_actor
from bookings.commands.book import book_series
from bookings.commands.signing_in import issue_code
from bookings.models import Role
from config import processes
from notifications.kinds import Kind, Status
from notifications.models import Message
from tests.broker import broker_at
from tests.cast import KET6, make_chairs, make_clinic, make_patient, make_protocol, make_shifts, make_staff

CHECKOUT = Path(__file__).resolve().parents[2]


def queue_url() -> str:
    """A database of Valkey's that this process alone sends tasks to.

    Were it shared, a Celery worker of a test that runs beside this one would take its tasks, and find nothing
    to do in its own database.
    """
    at = urlsplit(settings.REDIS_URL)
    return at._replace(path=f"/{int(at.path.strip('/') or 0) + 1}").geturl()


def database_url() -> str:
    """The test's own database."""
    at = connection.settings_dict
    return f"postgresql://{at['USER']}:{quote(at['PASSWORD'])}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


@contextmanager
def worker(folder: Path, email_url: str, *, app: str = "config") -> Iterator[subprocess.Popen[bytes]]:
    """A worker as in production, in a process of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDIS_URL": queue_url(),
        "EMAIL_URL": email_url,
        "DEMO": "1",
    }
    command = [sys.executable, "-m", "celery", "--app", app, "worker", "--concurrency", "2"]
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--loglevel", "INFO"], cwd=CHECKOUT, env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        processes.stop(process)


@pytest.fixture
def queue():
    """Nudges of this process go to the queue that the worker reads."""
    with current_app.connection_for_write(queue_url()) as opened:
        opened.default_channel.client.flushdb()
    with broker_at(queue_url()):
        yield


def book_six():
    """A series of a made-up clinic, three weeks from now by the real clock, which the worker reads too."""
    now = timezone.now()
    clinic = make_clinic("harbor", time_zone="America/New_York")
    make_chairs(clinic, "1")
    nurse = make_staff("nurse@harbor.example", "Nia", "Bell", Role.NURSE, clinic)
    prescriber = make_staff("prescriber@harbor.example", "Pia", "Roth", Role.PRESCRIBER, clinic)
    today = now.astimezone(clinic.zone).date()
    make_shifts(clinic, nurse, clock(8), clock(17), first=today, last=today + timedelta(days=60))
    monday = today + timedelta(days=21 - today.weekday())
    days = [monday + timedelta(days=7 * week + day) for week in range(3) for day in (0, 3)]
    return book_series(
        make_patient("Ada", "Quill", number=1),
        clinic=clinic,
        protocol=make_protocol(KET6, clinic, signed_by=prescriber),
        starts=[datetime.combine(day, clock(10), clinic.zone) for day in days],
        actor=staff_actor(prescriber),
        now=now,
    )


def wait_for(mailbox, address: str, *, seconds: float = 60) -> list[EmailMessage]:
    """The mails to that address, once there is one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        mails = [mail for mail in mailbox.mails if mail["To"] == address]
        if mails:
            return mails
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address} within {seconds} s")


@pytest.mark.timeout(240)
@pytest.mark.django_db(transaction=True)
def test_a_booking_is_confirmed_by_mail_once_and_its_twelve_reminders_are_planned(queue, mailbox, tmp_path):
    with worker(tmp_path, mailbox.url):
        series = book_six()
        (mail,) = wait_for(mailbox, "ada@mail.example")
        # Whatever else makes workers look again.
        for _ in range(3):
            current_app.send_task("notifications.tasks.react_to_journal")
            current_app.send_task("notifications.tasks.send_due_messages")
        # No beat runs here, and nothing else looks for what is due: the nudge alone brings this one.
        _, code = issue_code("eve@mail.example", now=timezone.now())
        (code_mail,) = wait_for(mailbox, "eve@mail.example")

    assert mail["Subject"] == "Your appointment: confirmation"
    assert "Your 6 appointments are booked:" in mail.get_body(["plain"]).get_content()
    assert [one["Subject"] for one in mailbox.mails if one["To"] == "ada@mail.example"] == [mail["Subject"]]
    reminders = Message.objects.filter(series=series, kind=Kind.REMINDER)
    assert [one.status for one in reminders] == [Status.PLANNED] * 12
    assert code in code_mail.get_body(["plain"]).get_content()
    log = (tmp_path / "worker.log").read_text()
    assert code not in log
    assert "ada@mail.example" not in log


@pytest.mark.fault
@pytest.mark.timeout(240)
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_at_work_leaves_one_mail(queue, mailbox, tmp_path):
    with worker(tmp_path, mailbox.url) as doomed:
        wait_for_log(tmp_path / "worker.log", "ready.")
        series = book_six()
        time.sleep(0.05)  # somewhere between the nudge and the mail
        doomed.kill()
        doomed.wait()
    # Another worker, and the beat's next rounds; what the dead one had in hand is not waited for here.
    with worker(tmp_path, mailbox.url):
        for _ in range(2):
            current_app.send_task("notifications.tasks.react_to_journal")
            current_app.send_task("notifications.tasks.send_due_messages")
        issue_code("eve@mail.example", now=timezone.now())
        wait_for(mailbox, "eve@mail.example")

    told = Message.objects.filter(series=series)
    assert told.filter(kind=Kind.REMINDER).count() == 12
    assert told.filter(kind=Kind.CONFIRMATION).count() == 1
    assert len([mail for mail in mailbox.mails if mail["To"] == "ada@mail.example"]) <= 1


def wait_for_log(path: Path, words: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and words in path.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} does not say {words!r}")
