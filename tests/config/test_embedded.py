"""Servers of our own start, survive whatever happened before them, and leave nothing behind."""

import os
import pwd
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import embedded, processes

CHECKOUT = Path(__file__).resolve().parent.parent.parent
RUN = """
    import sys, time
    from pathlib import Path
    from config import embedded, processes
    folder = Path(sys.argv[1])
    with processes.own(folder), embedded.servers(folder, lasting=sys.argv[2] == "lasting") as addresses:
        print(addresses["DATABASE_URL"], addresses["REDIS_URL"], flush=True)
        sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _no_servers_are_named(monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")


@pytest.fixture(autouse=True)
def _no_server_outlives_its_test():
    yield
    for process in Run.started:
        if process.poll() is None:
            process.communicate(timeout=30)
    Run.started.clear()


@pytest.fixture
def folder(tmp_path):
    """Short enough for every path in it, and reachable for other accounts where the run is root's."""
    tmp_path.chmod(0o711)
    return tmp_path / "servers"


class Run:
    """Servers under a process of their own, which may be another user's, and which a test may kill."""

    started: list[subprocess.Popen] = []

    def __init__(self, folder: Path, *, lasting: bool = True, **options) -> None:
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(RUN), str(folder), "lasting" if lasting else "passing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "PYTHONPATH": str(CHECKOUT)},
            **options,
        )
        self.started.append(self.process)
        self.database_url, self.redis_url = self.process.stdout.readline().split()
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> None:
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def answers(run: Run) -> bool:
    with psycopg.connect(run.database_url) as connection, redis.Redis.from_url(run.redis_url) as client:
        return connection.execute("SELECT 1").fetchone() == (1,) and client.ping()


def test_servers_live_as_long_as_the_block(folder):
    run = Run(folder)
    assert answers(run)
    run.end()
    assert [process for process in run.family if process.is_running()] == []


def test_data_last_from_one_start_to_the_next(folder):
    first = Run(folder)
    with psycopg.connect(first.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    first.end()
    second = Run(folder)
    with psycopg.connect(second.database_url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (42,)
    second.end()


def test_data_that_are_not_to_last_are_gone(folder):
    run = Run(folder, lasting=False)
    home = Path(psutil.Process(run.process.pid).children()[0].cwd())
    assert home.exists()
    run.end()
    assert not home.exists()


@pytest.mark.fault
def test_a_killed_run_leaves_servers_that_the_next_one_ends(folder):
    killed = Run(folder)
    with psycopg.connect(killed.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    killed.kill()
    assert all(process.is_running() for process in killed.family)

    after = Run(folder)
    assert [process for process in killed.family if process.is_running()] == []
    with psycopg.connect(after.database_url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (42,)
    after.end()


@pytest.mark.fault
def test_a_pid_file_that_names_a_stranger_is_no_obstacle(folder):
    first = Run(folder)
    data = Path(first.family[0].cwd())
    lines = (data / "postmaster.pid").read_text().splitlines()
    account = (data / "postmaster.pid").stat()
    first.end()
    # As after a crash and a reboot: the number now belongs to a living process of the same account.
    stranger = subprocess.Popen(["sleep", "60"], user=account.st_uid)
    try:
        (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        os.chown(data / "postmaster.pid", account.st_uid, account.st_gid)
        second = Run(folder)
        assert answers(second)
        second.end()
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.fault
def test_an_interrupted_initdb_is_begun_again(folder):
    folder.mkdir()
    (folder / "postgres.draft").mkdir()
    (folder / "postgres.draft" / "PG_VERSION").write_text("18\n")
    run = Run(folder)
    assert answers(run)
    run.end()


def test_a_folder_has_one_owner_at_a_time(folder):
    run = Run(folder)
    refusal = rf"in use by process {run.process.pid}; end it first"
    with pytest.raises(processes.FolderInUse, match=refusal), processes.own(folder):
        pass
    assert answers(run)
    run.end()


def test_data_of_another_major_version_are_refused_by_name(folder):
    run = Run(folder)
    data = Path(run.family[0].cwd())
    run.end()
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.ServerDidNotStart, match=r"made by PostgreSQL 17.*Remove"):
        embedded.Postgres(folder, lasting=True).start()


def test_strangers_on_the_machine_need_the_password(folder):
    run = Run(folder)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(run.database_url.replace(":", ":wrong", 2).replace(":wrong", ":", 1))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(run.redis_url.replace("redis://:", "redis://:wrong")).ping()
    command_lines = " ".join(word for process in run.family for word in process.cmdline())
    assert run.redis_url.split("@")[0].split(":")[2] not in command_lines
    run.end()


@pytest.mark.parametrize(("named", "started"), [("DATABASE_URL", "REDIS_URL"), ("REDIS_URL", "DATABASE_URL")])
def test_only_what_the_environment_does_not_name_is_started(folder, monkeypatch, named, started):
    monkeypatch.setenv(named, "somewhere://else")
    with processes.own(folder), embedded.servers(folder, lasting=False) as addresses:
        assert set(addresses) == {started}


def test_a_process_that_took_over_the_number_of_an_old_one_is_left_alone(folder):
    folder.mkdir()
    stranger = subprocess.Popen(["sleep", "60"])
    born = psutil.Process(stranger.pid).create_time()
    (folder / processes.LEDGER).write_text(f"{stranger.pid} {born - 3600}\n")
    try:
        with processes.own(folder):
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.fault
def test_a_child_that_ignores_the_polite_request_is_ended_by_force(folder):
    folder.mkdir()
    stubborn = processes.start(
        folder,
        [
            sys.executable,
            "-c",
            "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
    )
    stubborn.stdout.readline()
    began = time.monotonic()
    processes.stop(stubborn, grace=0.5)
    assert not psutil.pid_exists(stubborn.pid)
    assert 0.5 <= time.monotonic() - began < 5


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@needs_root
def test_as_root_the_database_runs_as_nobody(folder):
    run = Run(folder)
    server = next(process for process in run.family if process.name() == "postgres")
    assert server.username() == "nobody"
    run.end()


@needs_root
def test_an_ordinary_user_needs_no_root(folder):
    account = pwd.getpwnam("daemon")
    if subprocess.run(["test", "-x", sys.executable], user=account.pw_uid, check=False).returncode:
        pytest.skip("this interpreter is closed to other accounts")
    folder.mkdir()
    os.chown(folder, account.pw_uid, account.pw_gid)
    run = Run(folder, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/")
    assert answers(run)
    assert {process.username() for process in run.family} == {"daemon"}
    run.end()


@needs_root
def test_root_in_a_folder_that_is_closed_to_others_uses_a_shelter(tmp_path):
    tmp_path.chmod(0o700)
    run = Run(tmp_path / "servers")
    data = Path(next(process for process in run.family if process.name() == "postgres").cwd())
    try:
        assert answers(run)
        assert not data.is_relative_to(tmp_path)
        assert (tmp_path.stat().st_mode & 0o777) == 0o700
        run.end()
        again = Run(tmp_path / "servers")
        assert answers(again)
        again.end()
    finally:
        shutil.rmtree(data.parent)
