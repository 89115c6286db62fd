"""A PostgreSQL whose data are backed up while it is written to, destroyed, and brought back.

By the commands of docs/operations.md, with PostgreSQL's own programs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.core.management import call_command
from django.db import connection
from environ import Env

from config import embedded, processes
from tests.faults.installation import DATABASE


class Keeper:
    """One server, with the folders in which its copies are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = embedded.Postgres(folder, lasting=True)
        self.url = self.server.start()
        self.port = int(Env.db_url_config(self.url)["PORT"])
        self.base, self.archive = self.server.home / "base", self.server.home / "archive"
        for place in (self.base, self.archive):
            place.mkdir(mode=0o700)
            self._hand_over(place)
        self._receiver: subprocess.Popen[bytes] | None = None

    def keep_the_log(self) -> None:
        """From now on no commit is answered before the archive has it."""
        at = f"{self._address()} application_name=keeper"
        self._do("pg_receivewal", "-d", at, "--slot", "keeper", "--create-slot")
        self._receiver = processes.start(
            self.folder,
            [
                *(self._program("pg_receivewal"), "-D", self.archive, "-d", at),
                *("--slot", "keeper", "--synchronous", "--no-loop"),
            ],
            cwd="/",
            env=self._environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.server._as_account(),
        )
        with psycopg.connect(self.url, autocommit=True) as session:
            session.execute("ALTER SYSTEM SET synchronous_standby_names = 'keeper'")
            session.execute("SELECT pg_reload_conf()")
            while not session.execute(
                "SELECT 1 FROM pg_stat_replication WHERE application_name = 'keeper' AND sync_state = 'sync'"
            ).fetchone():
                time.sleep(0.05)

    def back_up(self) -> None:
        """The data as they are, while they are written to; judged by PostgreSQL's own list of digests."""
        self._do("pg_basebackup", "-D", self.base, "-d", self._address(), "--checkpoint", "fast")
        self._do("pg_verifybackup", self.base)

    def destroy(self) -> None:
        """The machine is gone, without a word, with its disk."""
        assert self.server.process
        assert self._receiver
        os.kill(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()
        self._receiver.wait()  # it has nobody to listen to any more
        shutil.rmtree(self.server.data)

    def restore(self, *, until: str = "") -> None:
        """The data of the backup with everything that the archive has after it, or up to a moment."""
        connection.close()  # it led to the server that is gone
        connection.close_pool()
        shutil.rmtree(self.server.data, ignore_errors=True)
        shutil.copytree(self.base, self.server.data)
        for part in self.archive.glob("*.partial"):  # what was being written when the end came
            shutil.copy(part, part.with_suffix(""))
        settings = [f"restore_command = 'cp {self.archive}/%f \"%p\"'", "synchronous_standby_names = ''"]
        if until:
            settings += [f"recovery_target_time = '{until}'", "recovery_target_action = 'promote'"]
        with (self.server.data / "postgresql.auto.conf").open("a") as conf:
            conf.write("\n".join(["", *settings, ""]))
        (self.server.data / "recovery.signal").touch()
        for path in (*self.server.data.rglob("*"), self.server.data, *self.archive.iterdir()):
            self._hand_over(path)
        assert self.server._launch(self.port)
        with psycopg.connect(self.url, autocommit=True) as session:
            while session.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                time.sleep(0.1)

    def stop(self) -> None:
        """The server ends; what it kept stays."""
        connection.close()
        connection.close_pool()
        self.server.stop()

    def end(self) -> None:
        self.stop()
        if self._receiver:
            processes.stop(self._receiver)
        for place in (self.server.data, self.base, self.archive):
            shutil.rmtree(place, ignore_errors=True)
        if self.server.home != self.server.folder:
            shutil.rmtree(self.server.home, ignore_errors=True)

    def _do(self, program: str, *words: str | Path) -> None:
        done = subprocess.run(
            [self._program(program), *words],
            cwd="/",
            env=self._environment(),
            capture_output=True,
            text=True,
            **self.server._as_account(),
        )
        assert done.returncode == 0, done.stderr

    def _program(self, name: str) -> Path:
        return self.server.programs / "bin" / name

    def _address(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=cadence dbname=postgres"

    def _environment(self) -> dict[str, str]:
        return {"PGPASSWORD": (self.folder / "postgres.password").read_text(), "PATH": os.environ["PATH"]}

    def _hand_over(self, path: Path) -> None:
        if self.server.account:
            os.chown(path, self.server.account.pw_uid, self.server.account.pw_gid)


@contextmanager
def kept(folder: Path) -> Iterator[Keeper]:
    """A server with the tables of the service, and Django in this process set to use it."""
    before = {name: connection.settings_dict[name] for name in DATABASE}
    connection.close()
    connection.close_pool()
    folder.mkdir()
    with processes.own(folder):
        keeper = Keeper(folder)
        connection.settings_dict.update({name: Env.db_url_config(keeper.url)[name] for name in DATABASE})
        try:
            call_command("migrate", verbosity=0)
            yield keeper
        finally:
            keeper.end()
            connection.settings_dict.update(before)
