"""`python -m config.demo` as a person meets it: a process that comes up, stays up, and goes without a trace.

It runs in a copy of the checkout, so that a demo which is running here is not disturbed.
"""

import json
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from config import processes

CHECKOUT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.timeout(240)  # starts the whole service, perhaps on a busy machine
PACKAGES = ("config", "notifications", "bookings", "scheduler")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A checkout of its own whose demo data are already there, for speed: an empty command loads them."""
    folder = tmp_path_factory.mktemp("demo")
    for package in PACKAGES:
        shutil.copytree(CHECKOUT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "manage.py", folder)
    (folder / "bookings" / "management" / "commands" / "load_demo.py").write_text(
        "from django.core.management.base import BaseCommand\n\n\n"
        "class Command(BaseCommand):\n    def handle(self, **options):\n        pass\n"
    )
    return folder


@pytest.fixture(autouse=True)
def _no_demo_outlives_its_test():
    yield
    for process in Demo.started:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)
    Demo.started.clear()


class Demo:
    """A demo under way, and everything it said."""

    started: list[subprocess.Popen] = []

    def __init__(self, folder: Path, *, port: int, **environment: str) -> None:
        inherited = {
            k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "MAKELEVEL")
        }
        self.url = f"http://127.0.0.1:{port}"
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.demo"],
            cwd=folder,
            env={**inherited, "PORT": str(port), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(self.process)

    def read_until(self, start: str) -> str:
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith(start):
                return line
        raise AssertionError("".join(self.said))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def rest(self) -> str:
        return self.process.communicate(timeout=90)[0]


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status


def ask_for_a_code(url: str, contact: str) -> None:
    body = json.dumps({"contact": contact}).encode()
    request = urllib.request.Request(
        f"{url}/api/v1/login-codes/", body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 202


def wait_for(folder: Path, pattern: str, *, seconds: float = 60) -> Path:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for found in folder.glob(pattern):
            return found
        time.sleep(0.1)
    raise AssertionError(f"no {pattern} in {folder} within {seconds} s")


@pytest.mark.fault
def test_it_serves_catches_mail_and_texts_mends_itself_and_leaves_nothing(copy):
    demo = Demo(copy, port=processes.free_port())
    assert demo.read_until("Ready:") == f"Ready: {demo.url}\n"
    assert get(f"{demo.url}/readyz") == 200

    environment = dict(line.split("=", 1) for line in (copy / ".demo" / "env").read_text().splitlines())
    host, port = environment["EMAIL_URL"].removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as mail:
        mail.sendmail("clinic@harbor.example", ["amara@example.org"], "Subject: Hello\r\n\r\nSee you.\r\n")
    (kept,) = Path(environment["OUTBOX_DIR"]).glob("*.eml")
    assert b"Subject: Hello" in kept.read_bytes()

    ask_for_a_code(demo.url, "+12025550101")
    text = json.loads(wait_for(Path(environment["OUTBOX_DIR"]), "*.json").read_text())
    assert (text["to"], text["direction"]) == ("+12025550101", "outbound-api")
    (code,) = re.findall(r"\b\d{6}\b", text["body"])
    told = "".join(log.read_text() for log in (copy / ".demo").glob("*.log"))
    assert [
        secret for secret in ("2025550101", code, environment["TWILIO_AUTH_TOKEN"]) if secret in told
    ] == []

    beat = next(process for process in demo.family() if "beat" in process.cmdline())
    beat.kill()
    assert demo.read_until("beat ended") == "beat ended with exit code -9; starting it again.\n"

    family = demo.family()
    # Told twice, as by Ctrl-C in a terminal whose `make` passes it on as well.
    demo.process.send_signal(signal.SIGINT)
    demo.process.send_signal(signal.SIGTERM)
    assert "stopped" in demo.rest()
    assert demo.process.returncode == 0
    assert [process for process in family if process.is_running()] == []
    assert not (copy / ".demo" / "env").exists()


@pytest.mark.fault
def test_a_killed_demo_is_tidied_up_by_the_next_which_ends_on_sigterm(copy):
    port = processes.free_port()
    killed = Demo(copy, port=port)
    killed.read_until("Ready:")
    family = killed.family()
    killed.process.kill()
    killed.process.wait()

    demo = Demo(copy, port=port)
    demo.read_until("Ready:")
    assert [process for process in family if process.is_running()] == []
    family = demo.family()
    second = Demo(copy, port=processes.free_port())
    assert f"in use by process {demo.process.pid}; end it first" in second.rest()
    assert second.process.returncode == 1

    demo.process.send_signal(signal.SIGTERM)
    demo.rest()
    assert demo.process.returncode == 0
    assert [process for process in family if process.is_running()] == []


def test_a_port_that_is_taken_is_named_before_anything_starts(copy):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        demo = Demo(copy, port=port)
        said = demo.rest()
    assert said == (
        f"The demo cannot run: port {port} "
        "cannot be used (Address already in use). Choose another one: make demo PORT=8001\n"
    )
    assert demo.process.returncode == 1


def test_a_step_that_fails_ends_the_demo_with_its_last_words(copy):
    demo = Demo(copy, port=processes.free_port(), DJANGO_SETTINGS_MODULE="config.no_such_settings")
    said = demo.rest()
    assert "The demo cannot run: migrate failed with exit code 1." in said
    assert "No module named 'config.no_such_settings'" in said
    assert demo.process.returncode == 1
