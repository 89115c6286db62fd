"""A whole installation whose parts can be killed: servers of its own, workers, beats, a web server."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import redis
from django.core.management import call_command
from django.db import connection
from environ import Env

from config import embedded, processes
from config.carrier import Carrier, carrier
from config.demo import carrier_keys
from config.mailcatcher import mailcatcher
from tests.notifications.conftest import Mailbox, use_mail_server

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")


class Installation:
    """The servers and every process of the service, by what is done to them."""

    def __init__(self, folder: Path, postgres: embedded.Postgres, valkey: embedded.Valkey) -> None:
        self.folder, self._postgres, self._valkey = folder, postgres, valkey
        self.database_url, self.redis_url = postgres.start(), valkey.start()
        self.environment: dict[str, str] = {}
        self.workers: list[subprocess.Popen[bytes]] = []
        self.beats: list[subprocess.Popen[bytes]] = []
        self.web: subprocess.Popen[bytes] | None = None
        self.port = processes.free_port()
        self._started = 0

    def start_worker(self, *, skew: float = 0) -> None:
        command = ["worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        self.workers.append(self._celery(*command, "--hostname", f"w{self._started}@here", skew=skew))

    def start_beat(self) -> None:
        schedule = self.folder / f"beat{self._started}"
        self.beats.append(self._celery("beat", "--schedule", str(schedule), "--pidfile="))

    def start_web(self, *, processes: int = 1) -> None:
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        granian += ["--port", str(self.port), "--workers", str(processes), "--blocking-threads", "1"]
        self.web = self._run("web", [*granian, "--respawn-failed-workers", "config.wsgi:application"])

    def kill_web(self, dice: random.Random) -> str:
        """One of its processes, which the others outlive; or all of them, and they are started again."""
        assert self.web
        if _kill_a_child(self.web, dice):
            return "a web process"
        count = len(psutil.Process(self.web.pid).children())
        _kill_all(self.web)
        self.start_web(processes=count)
        return "all web processes"

    def kill_a_worker(self, dice: random.Random, *, skew: float = 0) -> str:
        """All of a worker at once, and another one takes its place; or one of its processes."""
        victim = dice.choice(self.workers)
        if _kill_a_child(victim, dice, share=0.75):
            return "a process of a worker"
        self.workers.remove(victim)
        _kill_all(victim)
        self.start_worker(skew=skew)
        return "a worker"

    def are_ready(self) -> bool:
        """Whether every worker that was started has begun to take tasks."""
        log = self.folder / "worker.log"
        return log.exists() and log.read_text().count(" ready.") >= len(self.workers)

    def end_workers(self) -> None:
        """Workers and beats; what they had in hand is lost."""
        for process in (*self.workers, *self.beats):
            _kill_all(process)
        self.workers, self.beats = [], []

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()

    def stop_redis(self) -> None:
        processes.stop(self._valkey.process)

    def kill_redis(self) -> None:
        assert self._valkey.process
        _kill_all(self._valkey.process)

    def start_redis(self) -> None:
        """At the same address; it has forgotten everything."""
        parts = Env.cache_url_config(self.redis_url)["LOCATION"]
        server = redis.connection.parse_url(parts)
        assert self._valkey._launch(server["port"], server["password"])

    def restart_postgres(self) -> None:
        """Every session ends where it is, but ours; at the same address again."""
        connection.close()
        connection.close_pool()
        processes.stop(self._postgres.process, how=embedded.FAST_SHUTDOWN)
        assert self._postgres._launch(int(connection.settings_dict["PORT"]))

    def kill_postgres(self, dice: random.Random) -> str:
        """One of its processes, after which it takes all others down itself; or the whole server, which is
        started again at the same address. Either way it recovers from its log.
        """
        connection.close()
        connection.close_pool()
        assert self._postgres.process
        if _kill_a_child(self._postgres.process, dice):
            return "a PostgreSQL process"
        _kill_all(self._postgres.process)
        self._postgres._forget_dead_owner()
        assert self._postgres._launch(int(connection.settings_dict["PORT"]))
        return "PostgreSQL"

    def end(self) -> None:
        for process in (*self.workers, *self.beats, *([self.web] if self.web else [])):
            _kill_all(process)
        self.workers, self.beats, self.web = [], [], None
        connection.close()
        connection.close_pool()
        self._postgres.stop()
        for place in {self._postgres.data, self._postgres.home} - {self.folder}:
            shutil.rmtree(place, ignore_errors=True)
        processes.stop(self._valkey.process)

    def _celery(self, *words: str, skew: float = 0) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "--app", "tests.faults.hurried", *words]
        return self._run(words[0], [*command, "--loglevel", "INFO"], SKEW=str(skew))

    def _run(self, name: str, command: list[str], **told: str) -> subprocess.Popen[bytes]:
        self._started += 1
        with (self.folder / f"{name}.log").open("ab") as log:
            return processes.start(
                self.folder,
                command,
                cwd=CHECKOUT,
                env={**self.environment, **told},
                stdout=log,
                stderr=log,
            )


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """As the kernel does when memory runs out: without a word, with whatever it had in hand."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    for one in (*family, process):
        try:
            os.kill(one.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def _kill_a_child(process: subprocess.Popen[bytes], dice: random.Random, *, share: float = 0.5) -> bool:
    """One process of several, in such a share of the times; whether it was so."""
    children = psutil.Process(process.pid).children() if process.poll() is None else []
    if not children or dice.random() >= share:
        return False
    with suppress(psutil.NoSuchProcess):  # it was replaced at this very moment
        dice.choice(children).kill()
    return True


@contextmanager
def installation(
    folder: Path, settings, *, lasting: bool = False, web_processes: int = 1
) -> Iterator[tuple[Installation, Mailbox, Carrier]]:
    """Servers of its own, with Django in this process set to use them; a mail server and a carrier. With
    `lasting`, PostgreSQL has each commit on disk before it says so, as in production.
    """
    kept = {name: connection.settings_dict[name] for name in DATABASE}
    connection.close()
    connection.close_pool()
    folder.mkdir()
    with ExitStack() as stack:
        stack.enter_context(processes.own(folder))
        made = Installation(folder, embedded.Postgres(folder, lasting=lasting), embedded.Valkey(folder))
        email_url = stack.enter_context(mailcatcher(folder / "mail"))
        public_url = f"http://127.0.0.1:{made.port}"
        texts = stack.enter_context(carrier(folder / "texts", public_url=public_url, **carrier_keys()))
        connection.settings_dict.update(
            {name: Env.db_url_config(made.database_url)[name] for name in DATABASE}
        )
        try:
            told = {
                "DATABASE_URL": made.database_url,
                "REDIS_URL": made.redis_url,
                "EMAIL_URL": email_url,
                "PUBLIC_URL": public_url,
                "DEMO": "1",
                "DATABASE_POOL_SIZE": "4",
                "DJANGO_SETTINGS_MODULE": "config.settings",
                **texts.environment,
            }
            made.environment = {**os.environ, **told}
            use_mail_server(settings, email_url)
            for name, value in {**texts.environment, "PUBLIC_URL": public_url}.items():
                setattr(settings, name, value)
            call_command("migrate", verbosity=0)
            made.start_web(processes=web_processes)
            yield made, Mailbox(folder / "mail", email_url), texts
        finally:
            made.end()
            connection.settings_dict.update(kept)


def wait_for(what, *, seconds: float) -> bool:
    """Whether it came true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.2)
    return False
