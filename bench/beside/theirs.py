"""django-appointment, started as a project of its own on a database of its own in the same PostgreSQL."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg

from bench import clinic as measured
from bench.installation import FOLDER, Installation, serve

HERE = Path(__file__).resolve().parent
HOME = FOLDER / "beside-venv"
VISIT = timedelta(minutes=measured.PROTOCOL.chair_minutes)
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Host": "127.0.0.1"}


@dataclass(frozen=True)
class Theirs:
    """A running django-appointment: its port, its service and staff, and signed-in browsers."""

    port: int
    service: int
    staff: list[int]
    sessions: list[str]


@contextmanager
def running(installed: Installation, *, days: list[date], clients: int) -> Iterator[Theirs]:
    """Install, migrate, fill with the measured days, and serve with the same number of workers."""
    python = _environment()
    told = {
        "DATABASE_URL": _database(installed.database_url),
        "SECRET_KEY": installed.environment["SECRET_KEY"],
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE),
    }
    migrate = [python, "-m", "django", "migrate", "--verbosity", "0"]
    for command in (migrate, [*migrate, "--run-syncdb"]):  # it ships no migrations of its own
        subprocess.run(command, env=told, check=True, cwd=HERE)
    asked = {"days": [_day(day) for day in days], "clients": clients}
    fill = [python, "project/fill.py"]
    days_as_json = json.dumps(asked).encode()
    filled = subprocess.run(fill, env=told, check=True, cwd=HERE, input=days_as_json, stdout=subprocess.PIPE)
    log = installed.folder / "beside.log"
    with serve(log, "project.wsgi:application", python=python, environment=told) as port:
        yield Theirs(port, **json.loads(filled.stdout))


class Browser:
    """A signed-in client of theirs, on one kept connection."""

    def __init__(self, theirs: Theirs, client: int) -> None:
        self._theirs, self._cookie = theirs, f"sessionid={theirs.sessions[client]}"
        self._connection = http.client.HTTPConnection("127.0.0.1", theirs.port, timeout=60)

    def slots(self, day: date, member: int) -> list[str]:
        """The free starts of one member of staff on one day, as the page asks for them."""
        query = urlencode({"selected_date": day, "staff_member": member, "service_id": self._theirs.service})
        headers = {"X-Requested-With": "XMLHttpRequest"}
        _, body, _ = self._send("GET", f"/ajax/available_slots/?{query}", None, headers)
        found = json.loads(body)
        return [slot[0] for slot in found.get("available_slots", [])]

    def book(self, start: datetime, member: int) -> bool:
        """Ask for a slot and give the client's details, as the two pages do; whether it was booked."""
        asked = {
            "date": start.date(),
            "start_time": start.time(),
            "end_time": (start + VISIT).time(),
            "service": self._theirs.service,
            "staff_member": member,
        }
        status, _, where = self._send("POST", "/request-submit/", asked, FORM)
        if status != 302 or not re.match(r"/client-info/", where):
            return False
        details = {
            "name": "Bench Client",
            "email": "client@bench.example",
            "phone_0": "US",
            "phone_1": "2025550100",
            "address": "-",
            "additional_info": "",
            "payment_type": "full",
        }
        status, _, where = self._send("POST", where, details, FORM)
        return status == 302 and where.startswith("/thank-you/")

    def _send(
        self, method: str, path: str, form: dict[str, Any] | None, headers: dict[str, str]
    ) -> tuple[int, bytes, str]:
        body = urlencode(form).encode() if form else None
        self._connection.request(method, path, body=body, headers={**headers, "Cookie": self._cookie})
        response = self._connection.getresponse()
        return response.status, response.read(), response.headers.get("Location", "")


def _environment() -> Path:
    """The interpreter of their own virtual environment, made on first use from hashed requirements."""
    python = HOME / "bin" / "python"
    if not python.exists():
        print("  … installing django-appointment into an environment of its own", flush=True)
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", HERE / "requirements.txt"]
        subprocess.run([python, *install], check=True)
    return python


def _database(ours: str) -> str:
    with psycopg.connect(ours, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS beside")
        connection.execute("CREATE DATABASE beside")
    return urlunsplit(urlsplit(ours)._replace(path="/beside"))


def _day(day: date) -> dict[str, Any]:
    opens = datetime.combine(day, measured.OPENS)
    return {
        "date": day.isoformat(),
        "taken": [
            {"chair": one.chair, "starts": (opens + timedelta(minutes=one.offset)).time().isoformat()}
            for one in measured.pattern_of(day)
        ],
    }
