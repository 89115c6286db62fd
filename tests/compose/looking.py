"""What is looked at while everything runs: that containers are confined, and what the proxy lets through."""

from __future__ import annotations

import http.client
import json
import threading
import time
from urllib.parse import quote

from tests.compose.callers import Caller
from tests.compose.engine import succeeds
from tests.compose.installation import LASTING, Installation
from tests.compose.telling import expect, figure

#: Turned away by the journal's trigger, whoever asks.
GUARDED = ("UPDATE bookings_journalentry SET reason = 'x'", "DELETE FROM bookings_journalentry")
FORBIDDEN = (
    *GUARDED,
    "TRUNCATE bookings_journalentry",
    "ALTER TABLE bookings_journalentry DISABLE TRIGGER ALL",
    "DROP TABLE bookings_session",
    "CREATE TABLE mine (id int)",
    "SET ROLE cadence_owner",
)
TRIES = """
import json, psycopg
from django.conf import settings
found = {{}}
for statement in {0!r}:
    with psycopg.connect(settings.DATABASE_URL) as connection:
        try:
            connection.execute(statement)
        except psycopg.Error as refusal:
            found[statement] = type(refusal).__name__
        else:
            found[statement] = "nothing"
        connection.rollback()
print(json.dumps(found))
"""
TICKET = """
import django; django.setup()
from django.core import signing
from bookings.frontdesk.access import LIVE_SALT
from bookings.models import Clinic
print(signing.dumps([str(clinic.id) for clinic in Clinic.objects.all()], salt=LIVE_SALT))
"""


def confined(installation: Installation) -> None:
    """Nobody's account, nothing to write to, no rights, and limits that the engine knows of."""
    for service in LASTING:
        facts = installation.inspect(service)
        host, name = facts["HostConfig"], facts["Name"].strip("/")
        expect(
            f"{service}: read-only, without capabilities, with limits",
            host["ReadonlyRootfs"]
            and host["CapDrop"] == ["ALL"]
            and min(host["Memory"], host["NanoCpus"]) > 0,
            seen=host,
        )
        expect(f"{service}: not root", installation.inside(service, "id", "-u").strip() != "0")
        expect(f"{service}: cannot write", not succeeds("docker", "exec", name, "touch", "/etc/written"))
        told = " ".join(facts["Config"]["Env"])
        secrets = [path.read_text() for path in installation.secrets.iterdir() if path.name != "tls.pem"]
        expect(f"{service}: no secret in its environment", not any(secret in told for secret in secrets))


def rights(installation: Installation) -> None:
    """The service's role can neither rewrite the journal nor change a table, and owns nothing."""
    found = json.loads(installation.python(TRIES.format(list(FORBIDDEN))))
    for statement, refusal in found.items():
        allowed = (
            ("RaiseException", "InsufficientPrivilege")
            if statement in GUARDED
            else ("InsufficientPrivilege",)
        )
        expect(f"the service's role is refused: {statement}", refusal in allowed, seen=refusal)


def proxied(installation: Installation) -> None:
    """What the proxy keeps inside, and where it leads who comes without TLS."""
    stranger = Caller(installation)
    for path in ("/metrics", "/readyz"):
        expect(f"{path} is not for strangers", stranger.ask("GET", path)[0] == 404)
    expect("/healthz answers by HTTPS", stranger.ask("GET", "/healthz") == (200, {"status": "ok"}))
    plain = http.client.HTTPConnection("localhost", installation.plain_port, timeout=10)
    plain.request("GET", "/sign-in/")
    answer = plain.getresponse()
    led = (answer.status, answer.headers["Location"])
    expect("plain HTTP is led to HTTPS", led == (308, f"{installation.url}/sign-in/"), seen=led)
    plain.close()


class Watcher:
    """The desk's live stream, listened to through the proxy: when each change was heard."""

    def __init__(self, installation: Installation) -> None:
        ticket = installation.python(TICKET).strip()
        self._connection = Caller(installation).connect()
        self._connection.request("GET", f"/desk/live/?ticket={quote(ticket)}")
        self._response = self._connection.getresponse()
        expect("the live stream answers", self._response.status == 200, seen=self._response.status)
        self.heard: list[float] = []
        self.beats = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while line := self._response.readline():
                if line.startswith(b"event: change"):
                    self.heard.append(time.monotonic())
                self.beats += line.startswith(b":")
        except (OSError, http.client.HTTPException, ValueError):
            return

    def hears(self, series: str, caller: Caller) -> None:
        """A change is heard at once, so nothing on the way collects what it should hand on."""
        time.sleep(2)  # until it watches
        self.heard.clear()
        began = time.monotonic()
        caller.must("POST", f"series/{series}/cancel/", {"reason": "Cannot come"})
        while not self.heard and time.monotonic() < began + 10:
            time.sleep(0.02)
        expect("the change is heard", bool(self.heard))
        figure("from a change to the live stream", f"{self.heard[0] - began:.2f} s")
