"""A whole installation to measure: servers of its own, the filled clinic, and two web workers."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".bench"
WEB_WORKERS = 2


@dataclass(frozen=True)
class Installation:
    """Where the servers are. PostgreSQL waits for the disk, as in production."""

    folder: Path
    database_url: str
    environment: dict[str, str]


@contextmanager
def installation() -> Iterator[Installation]:
    """Fresh servers with migrated tables, and Django set up in this process to use them."""
    from config import embedded, processes

    shutil.rmtree(FOLDER / "postgres", ignore_errors=True)
    with processes.own(FOLDER), embedded.servers(FOLDER) as addresses:
        told = {
            **addresses,
            "SECRET_KEY": secrets.token_urlsafe(40),
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DATABASE_POOL_SIZE": "8",
            "DEMO": "1",  # plain HTTP on loopback
            "HOLDS_PER_ADDRESS": "1000000",
        }
        os.environ.update(told)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield Installation(FOLDER, os.environ["DATABASE_URL"], dict(os.environ))


def web(installed: Installation, **told: str) -> AbstractContextManager[int]:
    """The service as in production, with these settings besides; the port it answers at."""
    log = installed.folder / "web.log"
    return serve(
        log,
        "config.wsgi:application",
        python=Path(sys.executable),
        environment={**installed.environment, **told},
    )


@contextmanager
def serve(log: Path, application: str, *, python: Path, environment: dict[str, str]) -> Iterator[int]:
    """A WSGI application under granian with two workers; the port it answers at."""
    from config import processes

    port = processes.free_port()
    command = [python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(WEB_WORKERS), "--blocking-threads", "1", application]
    with ExitStack() as stack:
        output = stack.enter_context(log.open("ab"))
        folder = environment.get("PYTHONPATH", FOLDER.parent)
        child = processes.start(FOLDER, command, stdout=output, stderr=output, env=environment, cwd=folder)
        stack.callback(processes.stop, child)
        _wait(port, log)
        yield port


def _wait(port: int, log: Path) -> None:
    """Return once something listens at the port. Raises TimeoutError that names the log."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens at port {port}; {log} says why")
