"""Staff with a browser each, and the live stream as the process that it is in production."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from bookings.models import StaffMember
from config import processes
from tests.browser.conftest import DESKTOP, Visitor
from tests.browser.desk.clinic import Clinic10, make_clinic_at_ten
from tests.frontdesk.conftest import BACKEND

Staff = Callable[..., Visitor]

#: How long a condition is waited for: it only costs time where it fails.
expect.set_options(timeout=15_000)


@pytest.fixture
def at(transactional_db: None) -> Clinic10:
    """The clinic where it is ten in the morning."""
    cache.clear()
    return make_clinic_at_ten()


@dataclass
class Stream:
    """The process that pages listen to; it can be cut and restored."""

    port: int
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/desk/live/"

    def restore(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers-kill-timeout", "1s", "config.live:application"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(self.url)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log.read_text())

    def cut(self) -> None:
        if self.process:
            processes.stop(self.process)
            self.process = None


@pytest.fixture
def stream(settings: Any, served: str, tmp_path: Path, transactional_db: None) -> Iterator[Stream]:
    given = connection.settings_dict
    login = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{login}/{given['NAME']}",
        "SECRET_KEY": settings.SECRET_KEY,
        "DEMO": "1",
        "PUBLIC_URL": served,
    }
    stream = Stream(processes.free_port(), environment, tmp_path / "live.log")
    settings.LIVE_URL = stream.url
    policy = settings.CONTENT_SECURITY_POLICY
    directives = policy["DIRECTIVES"] | {"connect-src": ["'self'", stream.url]}
    settings.CONTENT_SECURITY_POLICY = policy | {"DIRECTIVES": directives}
    stream.restore()
    yield stream
    stream.cut()


@pytest.fixture
def sits_down(chromium: Browser, served: str, at: Clinic10) -> Iterator[Staff]:
    """Makes members of staff who are signed in: `sits_down(at.nurse)`."""
    contexts = []

    def make(staff: StaffMember, *, size: dict[str, int] = DESKTOP, **options: Any) -> Visitor:
        settings = {"locale": "en-US", "timezone_id": "America/New_York"} | options
        context = chromium.new_context(viewport=size, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        client = Client()
        client.force_login(staff, backend=BACKEND)
        context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": served}]
        )
        page = context.new_page()
        visitor = Visitor(page, served, context)
        page.on("pageerror", lambda error: visitor.said.append(str(error)))
        return visitor

    yield make
    for context in contexts:
        context.close()


def box(page: Page, name: str) -> Any:
    """A visit in the grid, by its patient."""
    return page.locator("#grid .ec-event[data-visit]", has_text=name)


def line(page: Page, name: str) -> Any:
    """A visit in the list, by its patient."""
    return page.locator("#visits tr", has_text=name)


def await_focus(page: Page, selector: str) -> None:
    """Until that element is where the keys go. Asked of the document: a browser has one active page only."""
    until = time.monotonic() + 15
    while not page.evaluate("selector => document.activeElement.matches(selector)", selector):
        assert time.monotonic() < until, page.evaluate("document.activeElement.outerHTML")
        page.wait_for_timeout(50)
