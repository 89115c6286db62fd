"""What leaves for Sentry and for OpenTelemetry: that something failed and where, and nothing of a person."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.conf import settings

CHECKOUT = Path(__file__).resolve().parents[2]

#: A process as it serves: one page that is found, and one that fails because the database is not there.
SERVE = """
from io import BytesIO

from config.wsgi import application

def ask(path, query):
    told = []
    body = application({
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
        "REMOTE_ADDR": "198.51.100.7",
        "HTTP_HOST": "127.0.0.1", "HTTP_COOKIE": "sessionid=a-secret-session", "HTTP_USER_AGENT": "Quill/1",
    }, lambda status, headers: told.append((status, dict(headers)["X-Request-ID"])))
    list(body)
    print(*told[0])

ask("/healthz", "name=Amara")
ask("/v/abcDEF012345/", "name=Amara")
try:
    from opentelemetry import trace
    trace.get_tracer_provider().force_flush()
except AttributeError:
    pass
import sentry_sdk
sentry_sdk.flush()
"""


OPENED = {"": bytes, "gzip": gzip.decompress, "deflate": zlib.decompress}


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes whatever is posted to it: its address, and what came."""
    came: list[bytes] = []

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self):
            length = self.headers["Content-Length"]
            body = self.rfile.read(int(length)) if length else self._chunks()
            kind = self.headers.get("Content-Encoding", "")
            came.append(OPENED[kind](body))
            self.send_response(200)
            self.end_headers()

        def _chunks(self) -> bytes:
            found = b""
            while size := int(self.rfile.readline(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            return found

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def served(**environment: str) -> list[list[str]]:
    """The words of each answer, as a process with that environment gave it."""
    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "DATABASE_URL": settings.DATABASE_URL.rpartition("/")[0] + "/no_such_database",
            "DEMO": "1",
            "LOG_LEVEL": "CRITICAL",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


SECRETS = (b"Amara", b"abcDEF012345", b"198.51.100.7", b"a-secret-session", b"Quill", b"no_such_database")


def test_sentry_is_told_which_fault_and_where_and_the_id_by_which_the_log_has_the_rest():
    with receiver() as (at, came):
        _, failed = served(SENTRY_DSN=f"http://key@{at}/1")
    (told,) = (one for one in came if b'"exception"' in one)
    assert failed[0] == "503"
    assert failed[-1].encode() in told  # the id of the request
    assert b"OperationalError" in told
    assert b'"transaction":"/v/{token}/"' in told
    assert [secret for secret in SECRETS if secret in b"".join(came)] == []


def test_a_trace_has_routes_and_durations_and_no_addresses():
    with receiver() as (at, came):
        found, _ = served(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{at}")
    told = b"".join(came)
    assert found[0] == "200"
    assert b"cadence" in told
    assert b"GET healthz" in told
    assert b"GET v/<str:token>/" in told
    assert [secret for secret in SECRETS if secret in told] == []


LOADED = """
import sys
import config.wsgi
print({'sentry_sdk', 'opentelemetry.instrumentation.django'} & set(sys.modules))
"""


def test_without_settings_nothing_is_loaded():
    (line,) = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=CHECKOUT,
        env={**os.environ, "DEMO": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert line == "set()"


@pytest.mark.parametrize("name", ["SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_a_setting_whose_library_is_not_there_is_said_before_serving(name, monkeypatch):
    from config import startup

    monkeypatch.setenv(name, "http://key@127.0.0.1:9/1")
    monkeypatch.setattr(startup, "find_spec", lambda library: None)
    assert [said for said in startup._problems_of_observing() if said.startswith(f"With {name},")] == [
        f"With {name}, what requirements/observing.txt names must be installed."
    ]
