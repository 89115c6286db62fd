"""Docker and docker-compose as they are on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.compose.telling import CannotRun, say, until

INSTALL = "On Debian or Ubuntu: apt-get install docker.io docker-compose"


def run(*command: str | Path, environment: dict[str, str] | None = None, seconds: float = 1800) -> str:
    """What the command prints. Ends the run with its last lines where it fails."""
    done = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        raise CannotRun(
            f"compose-test: `{' '.join(map(str, command))}` ended with {done.returncode}:\n{told}"
        )
    return done.stdout


def succeeds(*command: str, seconds: float = 60) -> bool:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def compose_command() -> list[str]:
    """`docker-compose` or `docker compose`, whichever is here; COMPOSE decides where it is set."""
    if os.environ.get("COMPOSE"):
        return os.environ["COMPOSE"].split()
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if succeeds("docker", "compose", "version"):
        return ["docker", "compose"]
    raise CannotRun(f"compose-test: neither docker-compose nor `docker compose` is here. {INSTALL}")


@contextmanager
def engine() -> Iterator[None]:
    """A Docker engine that answers, as long as the block lasts: this machine's, or one of our own."""
    if not shutil.which("docker"):
        raise CannotRun(f"compose-test: docker is not here. {INSTALL}")
    if succeeds("docker", "info"):
        yield
        return
    if os.geteuid() or not shutil.which("dockerd"):
        raise CannotRun(
            "compose-test: the Docker engine does not answer. Start it (systemctl start docker), "
            "or run this as root, which may start one."
        )
    log = Path(tempfile.gettempdir()) / "compose-test-dockerd.log"
    say(f"starting a Docker engine, which ends with this run (its log: {log})")
    with log.open("wb") as lines:
        daemon = subprocess.Popen(["dockerd"], stdout=lines, stderr=lines, stdin=subprocess.DEVNULL)
    try:
        until("the engine answers", lambda: succeeds("docker", "info"), seconds=60)
        yield
    finally:
        daemon.terminate()
        daemon.wait(60)
