"""The receiver of docs/webhooks.md runs as it stands there, and the page tells the truth about it."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone

from config import processes
from notifications.outgoing import retries, signing
from notifications.outgoing.events import EventType
from notifications.outgoing.posting import SECONDS, post
from notifications.outgoing.retries import Answer

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"type":"session.moved","data":{"version":2}}'


@contextmanager
def the_receiver_of_the_page(folder: Path, secret: str):
    """Its address, once it listens."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (folder / "receiver.py").write_text(program)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "receiver.py"], cwd=folder, env=environment, stdout=out, stderr=err
        )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        processes.stop(process)


def test_it_takes_what_is_signed_once_and_refuses_the_rest(tmp_path):
    secret, now = signing.new_secret(), timezone.now()
    signed = signing.headers("event-1", BODY, secrets=[signing.new_secret(), secret], now=now)
    forged = signing.headers("event-2", BODY, secrets=[signing.new_secret()], now=now)
    with the_receiver_of_the_page(tmp_path, secret) as url:
        answers = [
            post(url, body=BODY, headers=headers, allow_private=True) for headers in (signed, signed, forged)
        ]

    assert answers == [Answer(204), Answer(204), Answer(401)]
    assert (tmp_path / "out").read_text() == "session.moved {'version': 2}\n"


def test_the_page_names_every_event():
    assert re.findall(r"^\| `([a-z_.]+)` \|", PAGE, re.MULTILINE) == [event.value for event in EventType]


def test_the_page_names_the_waits_and_bounds_of_the_code():
    minutes = [wait.total_seconds() / 60 for wait in retries.WAITS]
    assert minutes == [1, 5, 15, 30, 60, 120, 240, 480, 480]
    assert "after 1, 5, 15, 30 minutes, 1, 2, 4, 8 and 8 hours, ten tries\nwithin a day" in PAGE
    assert (SECONDS, retries.LONGEST_REST.total_seconds()) == (10, 15 * 60)
    assert "Answer 2xx within ten seconds" in PAGE


@pytest.mark.parametrize("name", ["WEBHOOKS_ALLOW_PRIVATE"])
def test_the_setting_it_names_is_there(settings, name):
    assert getattr(settings, name) is False
