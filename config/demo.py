"""`python -m config.demo`: the whole service on this machine, with demo data, in one foreground process."""

import os
import secrets
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from config import embedded, processes
from config.carrier import carrier
from config.mailcatcher import mailcatcher
from config.supervisor import ChildFailed, Stopped, Supervisor

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / ".demo"
READY_SECONDS = 60
BEGAN = time.monotonic()


class PortTaken(RuntimeError):
    """Nothing can listen at the port that was asked for."""


def main() -> int:
    """Run until Ctrl-C or SIGTERM, and leave no process behind. 0 after a clean end, 1 if it cannot run."""
    os.chdir(CHECKOUT)
    supervisor = Supervisor(FOLDER)
    try:
        with (
            processes.own(FOLDER),
            reserved(os.environ.get("PORT", "8000")) as port,
            reserved(str(processes.free_port())) as live_port,
            embedded.servers(FOLDER) as addresses,
            mailcatcher(FOLDER / "outbox") as email_url,
            carrier(FOLDER / "outbox", public_url=f"http://127.0.0.1:{port}", **carrier_keys()) as texts,
            supervisor,
        ):
            try:
                supervisor.environment.update(
                    environment(port, {"EMAIL_URL": email_url, **texts.environment}, addresses)
                )
                supervisor.environment["LIVE_URL"] = f"http://127.0.0.1:{live_port}/desk/live/"
                serve(supervisor, port, live_port)
            finally:
                (FOLDER / "env").unlink(missing_ok=True)
    except Stopped:
        say("stopped")
    except (ChildFailed, PortTaken, processes.FolderInUse, embedded.ServerDidNotStart) as reason:
        print(f"The demo cannot run: {reason}", file=sys.stderr, flush=True)
        if isinstance(reason, ChildFailed):
            print(
                f"Removing {FOLDER.name}/ gives it a fresh start; only demo data are in it.", file=sys.stderr
            )
        return 1
    return 0


def serve(supervisor: Supervisor, port: int, live_port: int) -> NoReturn:
    """Bring everything up, say where it is, and keep it up. Ends by raising Stopped or ChildFailed."""
    url = f"http://127.0.0.1:{port}"
    say("database and queue are up")
    supervisor.run("migrate", [sys.executable, "manage.py", "migrate", "--no-input"])
    say("tables are up to date")
    supervisor.run("load demo", [sys.executable, "manage.py", "load_demo"])
    say("demo data are loaded")
    supervisor.run("collect files", [sys.executable, "manage.py", "collectstatic", "--no-input", "--clear"])
    for name, command in services(port, live_port).items():
        supervisor.start(name, command)
    wait_until_ready(supervisor, f"{url}/readyz")
    say(f"logs: {FOLDER.name}/*.log, caught mail and texts: {FOLDER.name}/outbox/; Ctrl-C ends everything")
    print(f"Ready: {url}", flush=True)
    while True:
        supervisor.pause()
        supervisor.revive()


def services(port: int, live_port: int) -> dict[str, list[str]]:
    """What runs as long as the demo does, in the order of starting."""
    granian = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--workers-kill-timeout", "5s"]
    granian += ["--respawn-failed-workers"]
    web = ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "1", "config.wsgi:application"]
    live = ["--interface", "asgi", "--workers", "1", "config.live:application"]
    celery = [sys.executable, "-m", "celery", "--app", "config"]
    return {
        "web": [*granian, "--port", str(port), *web],
        "live": [*granian, "--port", str(live_port), *live],
        "worker": [
            *celery,
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
        ],
        "beat": [*celery, "beat", "--schedule", str(FOLDER / "beat-schedule"), "--pidfile="],
    }


def carrier_keys() -> dict[str, str]:
    """An account at the carrier of this demo, and its number, which is nobody's."""
    return {"account": f"AC{secrets.token_hex(16)}", "token": secrets.token_hex(16), "number": "+12025550100"}


def environment(port: int, ways_out: dict[str, str], addresses: dict[str, str]) -> dict[str, str]:
    """What the services are told, kept in `.demo/env` as well, where manage.py finds it."""
    secret = FOLDER / "secret_key"  # kept, so that a restart signs nobody out
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(50))
    figures = FOLDER / "metrics"
    shutil.rmtree(figures, ignore_errors=True)  # the processes they tell of are gone
    figures.mkdir()
    told = {
        **addresses,
        "DEMO": "1",
        "SECRET_KEY": secret.read_text(),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        **ways_out,  # also over settings of the caller's: a demo never writes to anybody
        "OUTBOX_DIR": str(FOLDER / "outbox"),
        "STATIC_ROOT": str(FOLDER / "static"),  # compressed, and named by their content, as in production
    }
    kept = FOLDER / "env"
    kept.touch(mode=0o600)
    kept.write_text("".join(f"{name}={value}\n" for name, value in told.items()))
    return {
        **told,
        "PROMETHEUS_MULTIPROC_DIR": str(figures),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def reserved(text: str) -> Iterator[int]:
    """The port to serve at, ours for the block. Raises PortTaken when nothing can listen there."""
    hint = "Choose another one: make demo PORT=8001"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise PortTaken(f"PORT={text} is not a port. {hint}")
    address = ("127.0.0.1", int(text))
    with socket.socket() as probe, socket.socket() as place:
        # As servers do: connections of a demo that just ended do not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Granian listens with SO_REUSEPORT, and so would a second one at the same port: each would get
        # half of the requests. A socket that holds the place makes the second one's probe fail.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            probe.bind(address)
            probe.close()
            place.bind(address)
        except OSError as reason:
            raise PortTaken(f"port {text} cannot be used ({reason.strerror}). {hint}") from None
        yield int(text)


def wait_until_ready(supervisor: Supervisor, url: str) -> None:
    """Return once `url` answers 200. Raises ChildFailed with its last answer when that takes too long."""
    answer = "nothing"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310  our own address
                return
        except urllib.error.HTTPError as refusal:
            answer = f"{refusal.code} {refusal.read().decode(errors='replace')}"
        except OSError as reason:
            answer = str(reason)
        supervisor.pause()
        supervisor.revive()
    raise ChildFailed(f"{url} did not become ready within {READY_SECONDS} s; its last answer was: {answer}")


def say(what: str) -> None:
    print(f"demo: {what} ({time.monotonic() - BEGAN:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
