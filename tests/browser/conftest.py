"""A real Chromium against the real WSGI application, its database and its Redis.

Without a Chromium these tests are left out, and the last lines of the run say so. Screenshots of a run lie in
`test-results/`.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bookings import signals
from tests.browser.booked import Booked, book
from tests.browser.practice import Practice, make_practice

# Playwright's own loop runs in this thread, and Django would take it for one of ours.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PICTURES = Path(__file__).resolve().parent.parent.parent / "test-results"
AXE = Path(__file__).resolve().parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker("browser")
            if not CHROMIUM:
                reason = "NO BROWSER: these tests need chromium (apt-get install chromium)"
                item.add_marker(pytest.mark.skip(reason=reason))


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The address of the service, in a thread of this process."""
    # `config.wsgi` refuses to serve with the settings of tests; this is what it serves.
    application = WSGIHandler()
    with make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def practice(transactional_db) -> Practice:
    """A clinic that can be booked from now on, and nothing else."""
    cache.clear()
    return make_practice()


@pytest.fixture
def codes() -> Iterator[dict[str, str]]:
    """The last code that went to each contact."""
    sent: dict[str, str] = {}

    def keep(*, contact: str, code: str, **_rest: Any) -> None:
        sent[contact] = code

    signals.login_code_issued.connect(keep)
    yield sent
    signals.login_code_issued.disconnect(keep)


def _is_fault(told: Any) -> bool:
    """Chromium also counts a page that says no as an error: what is not here, is over, or was typed wrong."""
    return told.type == "error" and not re.search(r"status of (403|404|409|422)", told.text)


@dataclass
class Visitor:
    """One person with one browser of their own."""

    page: Page
    address: str
    context: BrowserContext
    said: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def picture(self, name: str) -> None:
        PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def flaws(self) -> list[str]:
        """What axe-core finds by every rule of WCAG 2.2 A and AA, in light and in dark."""
        # Past the content security policy, which forbids a page what a tester may.
        self.page.evaluate(f"window.axe || (() => {{ {AXE.read_text()} }})()")
        found = []
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            found += self._flaws(scheme)
        self.page.emulate_media(color_scheme="light")
        return found

    def _flaws(self, scheme: str) -> list[str]:
        # The page's own styles are applied already: nothing has to be fetched a second time.
        result = self.page.evaluate(
            "rules => axe.run({runOnly: rules, resultTypes: ['violations'], preload: false})", _WCAG
        )
        return [
            f"{scheme} {rule['id']}: {rule['help']}: {[node['html'][:200] for node in rule['nodes']]}"
            for rule in result["violations"]
        ]


@pytest.fixture
def visitor(chromium: Browser, served: str, practice: Practice):
    """Makes visitors: `visitor(js=False, size=DESKTOP, locale="es")`."""
    contexts = []

    def make(
        *, js: bool = True, size: dict[str, int] = PHONE, locale: str = "en-US", **options: Any
    ) -> Visitor:
        context = chromium.new_context(
            java_script_enabled=js,
            viewport=size,
            locale=locale,
            timezone_id=options.pop("timezone_id", "America/New_York"),
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        visitor = Visitor(page, served, context)
        page.on("console", lambda told: visitor.said.append(told.text) if _is_fault(told) else None)
        page.on("pageerror", lambda error: visitor.said.append(str(error)))
        return visitor

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def booked(practice: Practice) -> Booked:
    return book(practice)


@pytest.fixture
def signed_in(visitor: Callable[..., Visitor], booked: Booked) -> Callable[..., Visitor]:
    """Makes browsers that are Ada's, by a link that she was sent."""

    def make(**options: Any) -> Visitor:
        ada = visitor(**options)
        ada.go(booked.link("sign_in"))
        ada.page.locator("main form button").click()
        return ada

    return make
